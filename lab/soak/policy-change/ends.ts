/** How findings ended, held against policy, ledger, Security Hub and the resources. */
import { same } from '../../../functions/domain/same.ts';
import { findingOf } from '../../../sandbox/services/securityhub/index.ts';
import { type Trace, traceOf } from '../../organization/trace.ts';
import type { Made } from '../arrange.ts';
import { operatorOf, type Soaked } from '../soak-installation.ts';
import { reading } from '../state.ts';
import type { Arriving } from './groups.ts';

export type Arrived = Made & { readonly planned: Arriving; readonly event: string };

/** A failure's name, or the outcome, or the route of what has none. */
export type End = string;

/** What the workflow status of a finding is after such an end, and whether its resource has changed. */
const MEANS: Readonly<Record<End, { readonly status: string; readonly changed: boolean }>> = {
  FIXED: { status: 'NOTIFIED', changed: true },
  Stopped: { status: 'NEW', changed: false },
  PLANNED: { status: 'NEW', changed: false },
  ignore: { status: 'NEW', changed: false },
  ARCHIVED: { status: 'SUPPRESSED', changed: false },
};

export type Ended = { readonly ends: Readonly<Record<End, number>>; readonly problems: readonly string[] };

/** @param may how the findings of a group may end */
export async function endsOf(
  soaked: Soaked,
  arrived: readonly Arrived[],
  may: (arriving: Arriving) => readonly End[],
): Promise<Ended> {
  const ends: Record<End, number> = {};
  const problems: string[] = [];
  const { ledger } = await operatorOf(soaked);
  for (const each of arrived) {
    const trace = traceOf(soaked.sandbox.kernel, each.event, each.finding);
    const end = endOf(trace);
    ends[end] = (ends[end] ?? 0) + 1;
    const name = `${each.planned.group}, ${each.finding.Id}`;
    if (!may(each.planned).includes(end)) problems.push(`${name} ended as ${end}: ${trace.reason}`);
    const wrong = MEANS[end] ? await against(soaked, each, trace, MEANS[end]) : [];
    problems.push(...wrong.map((what) => `${name} ended as ${end}, and ${what}`));
    const lines = await ledger.history(each.finding.Id);
    const own = lines.filter((line) => line.job.execution === trace.execution?.arn).map(({ outcome }) => outcome);
    const said = LEDGER[end] ?? end;
    if (trace.execution && !own.includes(said as never))
      problems.push(`${name} ended as ${end}, and the ledger says ${own.join(', ') || 'nothing'}`);
  }
  return { ends, problems };
}

const LEDGER: Readonly<Record<End, string>> = { Stopped: 'FAILED', ignore: 'IGNORED' };

const endOf = ({ outcome, execution, route }: Trace): End =>
  outcome === 'FAILED' ? (execution?.error?.name ?? 'FAILED') : (outcome ?? route);

async function against(soaked: Soaked, made: Arrived, trace: Trace, { status, changed }: (typeof MEANS)[End]) {
  const { sandbox } = soaked;
  const wrong: string[] = [];
  const found = findingOf(sandbox.kernel, made.finding.Id)?.Workflow?.Status;
  if (found !== status) wrong.push(`it is ${found} in Security Hub, not ${status}`);
  const now = await reading(sandbox, made.watched, made.at);
  if (changed && !now.isRight) wrong.push(`the resource is ${shown(now.state)}, which is not right`);
  if (!changed && !same(now.state, made.before.state))
    wrong.push(`the resource is ${shown(now.state)}, not as it was, ${shown(made.before.state)}`);
  if (changed && !same(trace.before, made.before.state))
    wrong.push(`its undo is ${shown(trace.before)}, not ${shown(made.before.state)}`);
  return wrong;
}

const shown = (value: unknown) => JSON.stringify(value);
