/**
 * Service Quotas: the values that hold in one account and Region, for the quotas that the sandbox enforces.
 * Source: Service Quotas API reference; codes as `aws service-quotas list-service-quotas --service-code vpc` shows them.
 */
import * as sdk from '@aws-sdk/client-service-quotas';
import { type At, AwsError, type AwsPlace, defineService, type Kernel, type Need } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';

/** By service and code: name, default and the most that AWS raises it to. */
const QUOTAS = {
  'vpc/L-0EA8095F': { name: 'Inbound or outbound rules per security group', value: 60, most: 1000 },
  'vpc/L-2AFB9258': { name: 'Security groups per network interface', value: 5, most: 16 },
} as const;
type Quota = keyof typeof QUOTAS;

/** Values other than the default, by service and code. */
export type QuotaState = { readonly raised: Map<Quota, number> };

export const serviceQuotas = defineService<typeof sdk, QuotaState>({
  name: 'servicequotas',
  sdk,
  client: sdk.ServiceQuotasClient,
  prefix: 'servicequotas',
  scope: 'region',
  state: () => ({ raised: new Map() }),
  operations: {
    GetServiceQuota: {
      needs: (input, at) => [needOn('GetServiceQuota', input, at)],
      run: (input, at) => {
        onlyMembers('GetServiceQuota', input, ['ServiceCode', 'QuotaCode']);
        const quota = known(input);
        return { Quota: shown(quota, quotaIn(at.kernel, at, quota), at) };
      },
    },
    GetAWSDefaultServiceQuota: {
      needs: (input, at) => [needOn('GetAWSDefaultServiceQuota', input, at)],
      run: (input, at) => {
        onlyMembers('GetAWSDefaultServiceQuota', input, ['ServiceCode', 'QuotaCode']);
        const quota = known(input);
        return { Quota: shown(quota, QUOTAS[quota].value, at) };
      },
    },
  },
});

/** The value of a quota that holds here. */
export const quotaIn = (kernel: Kernel, place: AwsPlace, quota: Quota): number =>
  kernel.state(serviceQuotas, place).raised.get(quota) ?? QUOTAS[quota].value;

/**
 * Raises or lowers a quota, as AWS does after a request.
 * @throws RangeError for more than AWS gives
 */
export function setQuota(kernel: Kernel, place: AwsPlace, quota: Quota, value: number): void {
  if (value > QUOTAS[quota].most) throw new RangeError(`${QUOTAS[quota].name}: ${QUOTAS[quota].most} at most`);
  kernel.state(serviceQuotas, place).raised.set(quota, value);
}

type Asked = { readonly ServiceCode?: string; readonly QuotaCode?: string };

function known({ ServiceCode, QuotaCode }: Asked): Quota {
  const quota = `${ServiceCode}/${QuotaCode}`;
  if (Object.hasOwn(QUOTAS, quota)) return quota as Quota;
  throw new AwsError('NoSuchResourceException', 'The request failed because the specified quota does not exist.');
}

const needOn = (action: string, { ServiceCode, QuotaCode }: Asked, at: At<QuotaState>): Need => ({
  action: `servicequotas:${action}`,
  resource: arnOf(at, `${ServiceCode}/${QuotaCode}`),
  context: { 'servicequotas:service': ServiceCode ?? '' },
});

const arnOf = ({ partition, region, account }: AwsPlace, quota: string): string =>
  `arn:${partition}:servicequotas:${region}:${account}:${quota}`;

const shown = (quota: Quota, Value: number, at: At<QuotaState>): sdk.ServiceQuota => ({
  ServiceCode: quota.split('/')[0],
  QuotaCode: quota.split('/')[1],
  QuotaArn: arnOf(at, quota),
  QuotaName: QUOTAS[quota].name,
  Value,
  Adjustable: true,
  GlobalQuota: false,
});
