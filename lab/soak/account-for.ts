/** The account of every event that was received, against the ledger, Security Hub and the resources themselves. */

import type { Operator } from '../../cli/clients/operator.ts';
import { same } from '../../functions/domain/same.ts';
import { findingOf } from '../../sandbox/services/securityhub/index.ts';
import { type Trace, traceOf } from '../organization/trace.ts';
import type { Made } from './arrange.ts';
import { ENDS, type End, KINDS } from './mix.ts';
import type { Soaked } from './soak-installation.ts';
import { reading } from './state.ts';

/** An event of a finding; several may bring the same one. */
export type Arrived = Made & { readonly event: string };

export type Accounted = {
  readonly received: number;
  /** Their sum is what was received. */
  readonly ends: Readonly<Record<End, number>>;
  /** What is not as it should be, a sentence each. */
  readonly problems: readonly string[];
};

const OUTCOMES: Readonly<Record<NonNullable<Trace['outcome']>, End | undefined>> = {
  FIXED: 'fixed',
  COMPLIANT: 'compliant',
  REFUSED: 'refused',
  ARCHIVED: 'archived',
  WAITING: 'waiting',
  FAILED: 'failed',
  PLANNED: undefined,
  ROLLED_BACK: undefined,
};
const ROUTES: Readonly<Partial<Record<Trace['route'], End>>> = {
  ignore: 'ignored',
  reject: 'rejected',
  duplicate: 'duplicate',
};

type Ended = Arrived & { readonly trace: Trace; readonly end: End | undefined };

export async function accountFor(soaked: Soaked, arrived: readonly Arrived[], operator: Operator): Promise<Accounted> {
  const { kernel } = soaked.sandbox;
  const ended = arrived.map((each): Ended => {
    const trace = traceOf(kernel, each.event, each.finding);
    return { ...each, trace, end: trace.outcome ? OUTCOMES[trace.outcome] : ROUTES[trace.route] };
  });
  const problems: string[] = [];
  for (const each of ended) problems.push(...wrongEnd(each));
  for (const same of Map.groupBy(ended, ({ finding }) => finding.Id).values())
    problems.push(...(await wrongRecords(same, operator)), ...wrongStatus(soaked, same));
  for (const same of Map.groupBy(ended, resourceOf).values()) problems.push(...(await wrongResource(soaked, same)));
  const ends = Object.fromEntries(ENDS.map((end) => [end, ended.filter((each) => each.end === end).length]));
  return { received: arrived.length, ends: ends as Record<End, number>, problems };
}

const resourceOf = ({ watched: { place, resource } }: Made) => `${place.account} ${resource.Type} ${resource.Id}`;
const nameOf = ({ planned: { kind }, finding }: Made) => `${kind} ${finding.Id}`;

function wrongEnd(each: Ended): string[] {
  const { ends }: { ends: readonly End[] } = KINDS[each.planned.kind];
  if (each.end && ends.includes(each.end)) return [];
  return [`${nameOf(each)} ended as ${each.end ?? 'nothing known'}, not as ${ends.join(' or ')}: ${each.trace.reason}`];
}

/** Each execution has one line in the ledger, of this end; one that waits has none yet. */
async function wrongRecords(events: readonly Ended[], { ledger }: Operator): Promise<string[]> {
  const [{ finding }] = events as [Ended];
  const lines = await ledger.history(finding.Id);
  const executed = events.filter(({ trace }) => trace.execution);
  return executed.flatMap((each) => {
    const own = lines.filter((line) => line.job.execution === each.trace.execution!.arn);
    const expected = each.end === 'waiting' ? 0 : 1;
    const says = own.map(({ outcome }) => outcome.toLowerCase()).join(', ');
    if (own.length === expected && (expected === 0 || says === each.end)) return [];
    return [`${nameOf(each)} ended as ${each.end}, and the ledger says: ${says || 'nothing'}`];
  });
}

function wrongStatus({ sandbox }: Soaked, events: readonly Ended[]): string[] {
  const [first] = events as [Ended];
  const { status } = KINDS[first.planned.kind];
  const found = findingOf(sandbox.kernel, first.finding.Id)?.Workflow?.Status;
  return found === status ? [] : [`${nameOf(first)} is ${found} in Security Hub, not ${status}`];
}

const CHANGED = new Set<End | undefined>(['fixed', 'compliant']);

/** A resource that was dealt with is right for each of its controls, and its first undo is what was before; any other is as it was. */
async function wrongResource({ sandbox }: Soaked, events: readonly Ended[]): Promise<string[]> {
  const dealtWith = events.filter(({ end }) => CHANGED.has(end));
  const problems: string[] = [];
  for (const each of dealtWith.length > 0 ? dealtWith : events.slice(0, 1)) {
    const now = await reading(sandbox, each.watched, each.at);
    if (dealtWith.length > 0 ? now.isRight : same(now.state, each.before.state)) continue;
    const should = dealtWith.length > 0 ? 'right' : `as it was, ${JSON.stringify(each.before.state)}`;
    problems.push(`${resourceOf(each)} is ${JSON.stringify(now.state)}, which is not ${should} (${nameOf(each)})`);
  }
  const fixes = events.filter(({ end }) => end === 'fixed');
  if (dealtWith.length > 0 && !dealtWith.every(({ before }) => before.isRight) && fixes.length === 0)
    problems.push(`${resourceOf(events[0]!)} was faulty, and nobody says to have fixed it`);
  if (fixes.length > 0 && !fixes.some(({ trace, before }) => same(trace.before, before.state)))
    problems.push(`${resourceOf(fixes[0]!)} was fixed, and no undo is ${JSON.stringify(fixes[0]!.before.state)}`);
  for (const twice of Map.groupBy(fixes, ({ finding }) => finding.Id).values())
    if (twice.length > 1) problems.push(`${nameOf(twice[0]!)} was fixed ${twice.length} times`);
  return problems;
}
