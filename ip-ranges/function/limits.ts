/** How many rules a group takes, and how many groups an interface: as configured, or as Service Quotas says. */
import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { type IpRangesTarget, QUOTA_CODES } from '../contract/targets.ts';
import { IpRangesError } from '../planning/errors.ts';
import type { Limits } from '../planning/state.ts';

/** Asked once a run. */
export function limitsOf(
  { rulesPerGroup, groupsPerInterface, key }: IpRangesTarget,
  client: ServiceQuotasClient,
): () => Promise<Limits> {
  const asked = async (given: number | 'quota', QuotaCode: string): Promise<number> => {
    if (given !== 'quota') return given;
    const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode }));
    if (Quota?.Value) return Quota.Value;
    throw new IpRangesError(
      'TargetBlocked',
      `Service Quotas has no value for vpc/${QuotaCode} of ${key}: configure it as a number.`,
    );
  };
  let limits: Promise<Limits> | undefined;
  return async () => {
    limits ??= Promise.all([
      asked(rulesPerGroup, QUOTA_CODES.rulesPerGroup),
      asked(groupsPerInterface, QUOTA_CODES.groupsPerInterface),
    ]).then(([rules, groups]) => ({ rules, groups }));
    try {
      return await limits;
    } catch (error) {
      limits = undefined;
      throw error;
    }
  };
}
