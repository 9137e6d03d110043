/** Compares every event that Suture received with the ledger, Security Hub and the resources. */

import type { Operator } from '../../cli/clients/operator.ts';
import { isEqual } from '../../functions/contract/is-equal.ts';
import { shownState } from '../../functions/remediate/run.ts';
import { findingById } from '../../sandbox/services/securityhub/simulation.ts';
import { type Trace, traceOf } from '../organization/trace.ts';
import type { PreparedFinding, SentFinding } from './make-faulty-resources.ts';
import { FINDING_KINDS, SOAK_OUTCOMES, type SoakOutcome } from './mix.ts';
import { readResourceState } from './resource-state.ts';
import type { SoakInstallation } from './soak-installation.ts';

export type Reconciliation = {
  readonly received: number;
  readonly outcomes: Record<SoakOutcome, number>;
  readonly problems: readonly string[];
};

const OUTCOMES: Readonly<Record<NonNullable<Trace['outcome']>, SoakOutcome | undefined>> = {
  FIXED: 'fixed',
  COMPLIANT: 'compliant',
  REFUSED: 'refused',
  ARCHIVED: 'archived',
  WAITING: 'waiting',
  FAILED: 'failed',
  NOTIFIED: undefined,
  PLANNED: undefined,
  NOT_SIMULATED: undefined,
  ROLLED_BACK: undefined,
};
const ROUTE_OUTCOMES: Readonly<Partial<Record<Trace['route'], SoakOutcome>>> = {
  ignore: 'ignored',
  reject: 'rejected',
  duplicate: 'duplicate',
};

type TracedFinding = SentFinding & { readonly trace: Trace; readonly outcome: SoakOutcome | undefined };

export async function reconcileOutcomes(
  installation: SoakInstallation,
  sent: readonly SentFinding[],
  operator: Operator,
): Promise<Reconciliation> {
  const traced = sent.map((each) => withTrace(installation, each));
  const problems = traced.flatMap(outcomeProblems);
  for (const events of Map.groupBy(traced, ({ finding }) => finding.Id).values())
    problems.push(...(await ledgerProblems(events, operator)), ...workflowStatusProblems(installation, events));
  for (const events of Map.groupBy(traced, resourceName).values())
    problems.push(...(await resourceProblems(installation, events)));
  const counts = SOAK_OUTCOMES.map((name) => [name, traced.filter(({ outcome }) => outcome === name).length]);
  return { received: sent.length, outcomes: Object.fromEntries(counts) as Record<SoakOutcome, number>, problems };
}

function withTrace({ sandbox }: SoakInstallation, sent: SentFinding): TracedFinding {
  const trace = traceOf(sandbox.kernel, sent.eventId, sent.finding);
  return { ...sent, trace, outcome: trace.outcome ? OUTCOMES[trace.outcome] : ROUTE_OUTCOMES[trace.route] };
}

const resourceName = ({ ref: { place, resource } }: PreparedFinding) =>
  `${place.account} ${resource.Type} ${resource.Id}`;
const findingName = ({ spec: { kind }, finding }: PreparedFinding) => `${kind} ${finding.Id}`;

function outcomeProblems(event: TracedFinding): string[] {
  const { outcomes }: { outcomes: readonly SoakOutcome[] } = FINDING_KINDS[event.spec.kind];
  if (event.outcome && outcomes.includes(event.outcome)) return [];
  const outcome = event.outcome ?? 'unknown';
  return [`${findingName(event)} ended as ${outcome}, not as ${outcomes.join(' or ')}: ${event.trace.reason}`];
}

/** Each execution must have one entry in the ledger, with its outcome. A waiting execution has none yet. */
async function ledgerProblems(events: readonly TracedFinding[], { ledger }: Operator): Promise<string[]> {
  const [{ finding }] = events as [TracedFinding];
  const lines = await ledger.history(finding.Id);
  const executed = events.filter(({ trace }) => trace.execution);
  return executed.flatMap((each) => {
    const own = lines.filter((line) => line.job.execution === each.trace.execution!.arn);
    const expected = each.outcome === 'waiting' ? 0 : 1;
    const recorded = own.map(({ outcome }) => outcome.toLowerCase()).join(', ');
    if (own.length === expected && (expected === 0 || recorded === each.outcome)) return [];
    return [`${findingName(each)} ended as ${each.outcome}, and the ledger has ${recorded || 'nothing'}`];
  });
}

function workflowStatusProblems({ sandbox }: SoakInstallation, events: readonly TracedFinding[]): string[] {
  const [event] = events as [TracedFinding];
  const { status } = FINDING_KINDS[event.spec.kind];
  const actual = findingById(sandbox.kernel, event.finding.Id)?.Workflow?.Status;
  return actual === status ? [] : [`${findingName(event)} is ${actual} in Security Hub, not ${status}`];
}

const REMEDIATED = new Set<SoakOutcome | undefined>(['fixed', 'compliant']);

/**
 * A resource with remediated findings must be compliant with the control of each, and its first undo must be the state
 * before. Every other resource must be unchanged.
 */
async function resourceProblems({ sandbox }: SoakInstallation, events: readonly TracedFinding[]): Promise<string[]> {
  const remediated = events.filter(({ outcome }) => REMEDIATED.has(outcome));
  const isRemediated = remediated.length > 0;
  const problems: string[] = [];
  for (const each of isRemediated ? remediated : events.slice(0, 1)) {
    const now = await readResourceState(sandbox, each.ref, each.preparedAt);
    if (isRemediated ? now.isCompliant : isEqual(now.state, each.before.state)) continue;
    const expected = isRemediated ? 'compliant' : `as before, ${JSON.stringify(each.before.state)}`;
    problems.push(`${resourceName(each)} is ${JSON.stringify(now.state)}, not ${expected} (${findingName(each)})`);
  }
  return [...problems, ...fixProblems(events, remediated)];
}

function fixProblems(events: readonly TracedFinding[], remediated: readonly TracedFinding[]): string[] {
  const problems: string[] = [];
  const fixes = events.filter(({ outcome }) => outcome === 'fixed');
  const [fix] = fixes;
  if (!fix && remediated.some(({ before }) => !before.isCompliant))
    problems.push(`${resourceName(events[0]!)} was faulty, and no execution says that it fixed it`);
  if (fix && !fixes.some(({ trace, ref, before }) => isEqual(trace.before, shownState(ref, before.state))))
    problems.push(
      `${resourceName(fix)} was fixed, and no fix kept the state before, ${JSON.stringify(fix.before.state)}`,
    );
  for (const repeated of Map.groupBy(fixes, ({ finding }) => finding.Id).values())
    if (repeated.length > 1) problems.push(`${findingName(repeated[0]!)} was fixed ${repeated.length} times`);
  return problems;
}
