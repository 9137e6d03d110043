/** What triage says of a finding, asked directly: for what no rule lets through, and to know which resource a finding needs. */
import { FindingEvent } from '../../functions/domain/finding.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { remediations } from '../../functions/remediations/registry.generated.ts';
import { type TriageVerdict, triage } from '../../functions/triage/decide.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { OU_PATH } from './organization.ts';
import type { Trace } from './trace.ts';

export type Judge = (event: unknown, finding: unknown) => TriageVerdict | undefined;

/** Undefined for what is no event of findings. */
export function judgeFor(context: SutureContext, policy: SuturePolicy, members: readonly string[], now: Date): Judge {
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
      remediations,
      policy,
      organization: {
        securityAccount: context.securityAccount,
        homeRegion: context.homeRegion,
        excluded,
        status: isMember ? 'ACTIVE' : undefined,
        ouPath: isMember ? OU_PATH : undefined,
      },
      today: now.toISOString().slice(0, 10),
    });
  };
}

/** A trace with triage's reason, had it been asked: what no rule lets through leaves no trace of its own. */
export function explained(trace: Trace, verdict: TriageVerdict | undefined): Trace {
  if (trace.execution || trace.outcome || !verdict) return trace;
  const { route, reason, finding } = verdict;
  const named = { control: finding.control ?? trace.control, region: finding.region ?? trace.region };
  if (route !== 'ignore' && route !== 'reject') return { ...trace, ...named };
  return {
    ...trace,
    ...named,
    findingId: trace.findingId ?? known(finding.id),
    route,
    reason: `${trace.reason}: ${reason}`,
  };
}

const known = (id: string) => (id === 'unknown' ? null : id);
