/** Tells how many rules a group takes, and how many groups an interface: as configured, or as Service Quotas says. */
import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { IpRangesError } from '../contract/errors.ts';
import { type IpRangesTarget, QUOTA_CODES } from '../contract/targets.ts';
import type { GroupLimits } from '../planning/state.ts';

export type LimitSource = {
  read(): Promise<GroupLimits>;
  /** Asks Service Quotas after AWS refused a rule or a group: whether a limit is lower than was thought. */
  corrected(): Promise<boolean>;
};

export function limitSource(target: IpRangesTarget, client: ServiceQuotasClient): LimitSource {
  const quota = async (QuotaCode: string): Promise<number> => {
    const { Quota } = await client.send(new GetServiceQuotaCommand({ ServiceCode: 'vpc', QuotaCode }));
    if (Quota?.Value) return Quota.Value;
    throw new IpRangesError(
      'TargetBlocked',
      `Service Quotas has no value for vpc/${QuotaCode} of ${target.key}: configure it as a number.`,
    );
  };
  const { rulesPerGroup, groupsPerInterface } = target;
  const limitOf = async (configured: number | 'quota', code: string) =>
    configured === 'quota' ? await quota(code) : configured;
  let known: GroupLimits | undefined;
  const read = async () => {
    known ??= {
      rules: await limitOf(rulesPerGroup, QUOTA_CODES.rulesPerGroup),
      groups: await limitOf(groupsPerInterface, QUOTA_CODES.groupsPerInterface),
    };
    return known;
  };
  return {
    read,
    async corrected() {
      const { rules, groups } = await read();
      try {
        known = {
          rules: Math.min(rules, await quota(QUOTA_CODES.rulesPerGroup)),
          groups: Math.min(groups, await quota(QUOTA_CODES.groupsPerInterface)),
        };
      } catch {
        // Without an answer, the refusal itself has to do.
        return false;
      }
      return known.rules < rules || known.groups < groups;
    },
  };
}
