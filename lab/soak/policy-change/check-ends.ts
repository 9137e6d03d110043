/** Compares the ends of findings with the policy, the ledger, Security Hub and the resources. */
import { isEqual } from '../../../functions/contract/is-equal.ts';
import { findingById } from '../../../sandbox/services/securityhub/simulation.ts';
import { type Trace, traceOf, traceOfExecution } from '../../organization/trace.ts';
import type { SentFinding } from '../make-faulty-resources.ts';
import { readResourceState } from '../resource-state.ts';
import { operatorOf, type SoakInstallation } from '../soak-installation.ts';
import type { GroupFindingSpec } from './groups.ts';

export type GroupFinding = SentFinding & { readonly spec: GroupFindingSpec };

/** The error's name if the execution failed, else its outcome, or the route of a finding without an outcome. */
export type EndName = string;

/** The workflow status after an end, and whether the resource must have changed. */
const CONSEQUENCES: Readonly<Record<EndName, { readonly status: string; readonly changed: boolean }>> = {
  FIXED: { status: 'NOTIFIED', changed: true },
  Stopped: { status: 'NEW', changed: false },
  PLANNED: { status: 'NEW', changed: false },
  ignore: { status: 'NEW', changed: false },
  FindingUpdateRefused: { status: 'NEW', changed: false },
};

/** Ends that have another name in the ledger. */
const LEDGER_OUTCOMES: Readonly<Record<EndName, string>> = {
  Stopped: 'FAILED',
  FindingUpdateRefused: 'FAILED',
  ignore: 'IGNORED',
};

export type EndCounts = { readonly ends: Readonly<Record<EndName, number>>; readonly problems: readonly string[] };

/** @param allowed returns how findings of a group may end */
export async function checkEnds(
  installation: SoakInstallation,
  findings: readonly GroupFinding[],
  allowed: (spec: GroupFindingSpec) => readonly EndName[],
): Promise<EndCounts> {
  const ends: Record<EndName, number> = {};
  const problems: string[] = [];
  for (const finding of findings) {
    const trace = await lastTraceOf(installation, finding);
    const end = endOf(trace);
    ends[end] = (ends[end] ?? 0) + 1;
    const prefix = `${finding.spec.group}, ${finding.finding.Id} ended as ${end}`;
    if (!allowed(finding.spec).includes(end)) problems.push(`${prefix}: ${trace.reason}`);
    const inconsistent = [
      ...(await stateProblems(installation, finding, trace, end)),
      ...(await ledgerProblems(installation, finding, trace, end)),
    ];
    problems.push(...inconsistent.map((text) => `${prefix}, and ${text}`));
  }
  return { ends, problems };
}

/** Returns the trace of the execution that a replay started, or else of the event's own. */
async function lastTraceOf(installation: SoakInstallation, { eventId, finding }: GroupFinding): Promise<Trace> {
  const { kernel } = installation.sandbox;
  const { ledger } = await operatorOf(installation);
  const last = (await ledger.record(finding.Id))?.lastExecution;
  return last === undefined ? traceOf(kernel, eventId, finding) : traceOfExecution(kernel, last, finding);
}

const endOf = ({ outcome, execution, route }: Trace): EndName =>
  outcome === 'FAILED' ? (execution?.error?.name ?? 'FAILED') : (outcome ?? route);

async function stateProblems(
  { sandbox }: SoakInstallation,
  { finding, ref, before, preparedAt }: GroupFinding,
  trace: Trace,
  end: EndName,
): Promise<string[]> {
  const consequence = CONSEQUENCES[end];
  if (!consequence) return [];
  const { status, changed } = consequence;
  const problems: string[] = [];
  const actual = findingById(sandbox.kernel, finding.Id)?.Workflow?.Status;
  if (actual !== status) problems.push(`it is ${actual} in Security Hub, not ${status}`);
  const now = await readResourceState(sandbox, ref, preparedAt);
  if (changed && !now.isCompliant) problems.push(`the resource is ${text(now.state)}, which is not compliant`);
  if (!changed && !isEqual(now.state, before.state))
    problems.push(`the resource is ${text(now.state)}, not as before, ${text(before.state)}`);
  if (changed && !isEqual(trace.before, before.state))
    problems.push(`its undo is ${text(trace.before)}, not ${text(before.state)}`);
  return problems;
}

async function ledgerProblems(
  installation: SoakInstallation,
  { finding }: GroupFinding,
  { execution }: Trace,
  end: EndName,
): Promise<string[]> {
  if (!execution) return [];
  const { ledger } = await operatorOf(installation);
  const lines = await ledger.history(finding.Id);
  const own = lines.filter((line) => line.job.execution === execution.arn).map(({ outcome }) => outcome);
  const expected = LEDGER_OUTCOMES[end] ?? end;
  return own.includes(expected as never) ? [] : [`the ledger has ${own.join(', ') || 'nothing'}`];
}

const text = (value: unknown) => JSON.stringify(value);
