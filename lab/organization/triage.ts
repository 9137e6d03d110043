/** Triage without the workflow: it explains findings that match no rule, and identifies a finding's resource. */
import { FindingEvent } from '../../functions/domain/finding.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { type TriageVerdict, triage } from '../../functions/triage/decide.ts';
import { handledRegions, type SutureContext } from '../../stacks/context.ts';
import { MEMBER_OU_PATH } from './organization.ts';
import type { Trace } from './trace.ts';

export type TriageFinding = (event: unknown, finding: unknown) => TriageVerdict | undefined;

/** Returns undefined if the event does not carry findings. */
export function triageFor(
  context: SutureContext,
  policy: SuturePolicy,
  members: readonly string[],
  now: Date,
  ouPathOf: (account: string) => string = () => MEMBER_OU_PATH,
): TriageFinding {
  const excluded = [
    context.securityAccount,
    context.serviceAccount,
    ...context.excludedAccounts,
    ...policy.excludedAccounts,
  ];
  return (event, finding) => {
    const parsed = FindingEvent.safeParse(event).data;
    if (!parsed) return undefined;
    const account = (finding as { AwsAccountId?: unknown } | null)?.AwsAccountId;
    const isMember = typeof account === 'string' && [...members, ...excluded].includes(account);
    return triage(parsed, finding, {
      remediations: REMEDIATIONS,
      policy,
      organization: {
        securityAccount: context.securityAccount,
        homeRegion: context.homeRegion,
        regions: handledRegions(context),
        excluded,
        status: isMember ? 'ACTIVE' : undefined,
        ouPath: isMember ? ouPathOf(account) : undefined,
      },
      today: now.toISOString().slice(0, 10),
    });
  };
}

export function withTriageReason(trace: Trace, verdict: TriageVerdict | undefined): Trace {
  if (trace.execution || trace.outcome || !verdict) return trace;
  const { route, reason, finding } = verdict;
  const names = {
    control: finding.control ?? trace.control,
    account: trace.account ?? finding.account ?? null,
    region: finding.region ?? trace.region,
    resource: trace.resource ?? finding.resource?.Id ?? null,
  };
  if (route !== 'ignore' && route !== 'reject') return { ...trace, ...names };
  return {
    ...trace,
    ...names,
    findingId: trace.findingId ?? idOrNull(finding.id),
    route,
    reason: `${trace.reason}: ${reason}`,
  };
}

const idOrNull = (id: string) => (id === 'unknown' ? null : id);
