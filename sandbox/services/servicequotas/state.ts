import type { At, AwsPlace, Kernel, StateKey } from '../../kernel/kernel.ts';

/** By service and code; `max` is the highest value that AWS grants. */
export const QUOTAS = {
  // "Tens of thousands": https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
  'lambda/L-B99A9384': { name: 'Concurrent executions', value: 1000, max: 99_999 },
  'vpc/L-0EA8095F': { name: 'Inbound or outbound rules per security group', value: 60, max: 1000 },
  'vpc/L-2AFB9258': { name: 'Security groups per network interface', value: 5, max: 16 },
} as const;
export type QuotaId = keyof typeof QUOTAS;

/** Values that apply in place of AWS's defaults. AWS applies lower ones to new accounts. */
export type QuotaValues = Readonly<Partial<Record<QuotaId, number>>>;

export type QuotaState = { readonly appliedValues: Map<QuotaId, number> };
export type QuotasAt = At<QuotaState>;

export const SERVICE_QUOTAS: StateKey<QuotaState> = {
  name: 'servicequotas',
  scope: 'region',
  state: () => ({ appliedValues: new Map() }),
};

const appliedEverywhere = new WeakMap<Kernel, QuotaValues>();

/** Applies the values in every account and Region that has no value of its own. */
export const applyQuotas = (kernel: Kernel, values: QuotaValues): void => {
  appliedEverywhere.set(kernel, values);
};

export const quotaValue = (kernel: Kernel, place: AwsPlace, quota: QuotaId): number =>
  kernel.state(SERVICE_QUOTAS, place).appliedValues.get(quota) ??
  appliedEverywhere.get(kernel)?.[quota] ??
  QUOTAS[quota].value;

/** @throws RangeError if the value exceeds AWS's maximum */
export function setQuota(kernel: Kernel, place: AwsPlace, quota: QuotaId, value: number): void {
  if (value > QUOTAS[quota].max)
    throw new RangeError(`${QUOTAS[quota].name}: ${QUOTAS[quota].max} at most, not ${value}`);
  kernel.state(SERVICE_QUOTAS, place).appliedValues.set(quota, value);
}
