/**
 * Triage without the workflow: it explains findings that match no rule, and tells which resource a finding is about.
 */
import { FindingEvent } from '../../functions/domain/finding.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { type TriageVerdict, triage } from '../../functions/triage/decide.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { MEMBER_OU_PATH } from './organization.ts';
import type { Trace } from './trace.ts';

export type TriageFinding = (event: unknown, finding: unknown) => TriageVerdict | undefined;

/** Returns a function that triages a finding of an event; undefined if the event is not an event of findings. */
export function triageFor(
  context: SutureContext,
  policy: SuturePolicy,
  members: readonly string[],
  now: Date,
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
        excluded,
        status: isMember ? 'ACTIVE' : undefined,
        ouPath: isMember ? MEMBER_OU_PATH : undefined,
      },
      today: now.toISOString().slice(0, 10),
    });
  };
}

/** Adds triage's reason to the trace of a finding that matches no rule and so never reached triage. */
export function withTriageReason(trace: Trace, verdict: TriageVerdict | undefined): Trace {
  if (trace.execution || trace.outcome || !verdict) return trace;
  const { route, reason, finding } = verdict;
  const named = { control: finding.control ?? trace.control, region: finding.region ?? trace.region };
  if (route !== 'ignore' && route !== 'reject') return { ...trace, ...named };
  return {
    ...trace,
    ...named,
    findingId: trace.findingId ?? idOrNull(finding.id),
    route,
    reason: `${trace.reason}: ${reason}`,
  };
}

const idOrNull = (id: string) => (id === 'unknown' ? null : id);
