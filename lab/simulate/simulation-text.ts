/** How `suture simulate` says what happened: a summary, then a line for each finding, the unexpected ends first. */

import { resourceTail } from '../../cli/names/short-names.ts';
import { fittedTable, type TableColumn } from '../../cli/output/fitted-table.ts';
import { oneLine, orDash } from '../../cli/output/listing.ts';
import { wrapHanging } from '../../cli/output/paragraphs.ts';
import { colour, terminalWidth } from '../../cli/output/terminal.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import { outcomeCounts, traceStory, traceTable } from '../organization/trace-text.ts';
import { findingNames } from './finding-names.ts';
import type { SimulatedTrace } from './run.ts';

/** In the order in which somebody should look at them. */
const ENDS = [
  'failed',
  'not simulated',
  'rejected',
  'refused',
  'notified',
  'waiting',
  'planned',
  'fixed',
  'compliant',
  'archived',
  'duplicate',
  'ignored',
  'not handled',
];
const COLOURS: Readonly<Record<string, Parameters<typeof colour>[0]>> = {
  failed: 'red',
  'not simulated': 'red',
  rejected: 'red',
  waiting: 'yellow',
  fixed: 'green',
};
const ENDS_OF_ROUTES: Readonly<Record<string, string>> = { ignore: 'ignored', reject: 'rejected' };
const HANDLED: ReadonlySet<string> = new Set(DECLARATIONS.flatMap(({ handles }) => handles.controls));

type Row = { readonly trace: SimulatedTrace; readonly name: string; readonly end: string };

/** Returns the page that fits the width: the summary, the table, the assumed units, and how to see more. */
export function simulationPage(traces: readonly SimulatedTrace[], width = terminalWidth()): string {
  const names = findingNames(traces.map(({ findingId }) => findingId));
  const rows = traces
    .map((trace, n) => ({ trace, name: names[n]!, end: endOfFinding(trace) }))
    .toSorted((a, b) => ENDS.indexOf(a.end) - ENDS.indexOf(b.end));
  const columns = COLUMNS.filter(({ isLeftOut }) => !isLeftOut?.(traces));
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const more = `To see one whole: the same command with --finding ${rows[0]?.name ?? 'ID'}; all of them: --verbose; for programs: --json.`;
  return [
    wrapHanging(summaryOf(traces), 2, width),
    '',
    fittedTable(columns, cells, width),
    '',
    ...assumedUnits(traces).map((line) => wrapHanging(line, 2, width)),
    wrapHanging(more, 2, width),
  ].join('\n');
}

/** Returns the stories of these findings, after the summary of all. */
export const simulationStories = (
  traces: readonly SimulatedTrace[],
  shown: readonly number[],
  width = terminalWidth(),
): string =>
  [wrapHanging(summaryOf(traces), 2, width), ...shown.map((n) => traceStory(traces[n]!, width))].join('\n\n');

/** Returns a table with whole ids, the unit of each account, the story of each finding, and the summary. */
export const wholeSimulation = (traces: readonly SimulatedTrace[]): string =>
  [
    traceTable(traces, 'finding', ({ findingId }) => findingId ?? '-'),
    ...unitTexts(traces),
    ...traces.map((trace) => `\n${traceStory(trace)}`),
    `\n${outcomeCounts(traces)}`,
  ].join('\n');

function endOfFinding({ outcome, route, control }: SimulatedTrace): string {
  if (outcome) return outcome.toLowerCase().replaceAll('_', ' ');
  if (route === 'ignore' && !HANDLED.has(control ?? '')) return 'not handled';
  return ENDS_OF_ROUTES[route] ?? route;
}

/** Returns the counts, such as `3 findings: 1 failed, 2 fixed.`, and account and Region if all findings share them. */
function summaryOf(traces: readonly SimulatedTrace[]): string {
  const byEnd = Map.groupBy(traces, endOfFinding);
  const counts = [...byEnd]
    .toSorted(([a], [b]) => ENDS.indexOf(a) - ENDS.indexOf(b))
    .map(([end, { length }]) => colour(COLOURS[end] ?? 'bold', `${length} ${end}`));
  const where = [isOneAccount(traces) && traces[0]?.account, isOneRegion(traces) && traces[0]?.region].filter(Boolean);
  const place = where.length > 0 ? ` in ${where.join(', ')}` : '';
  return `${traces.length} finding${traces.length === 1 ? '' : 's'}${place}: ${counts.join(', ')}.`;
}

const isOneAccount = (traces: readonly SimulatedTrace[]) => new Set(traces.map(({ account }) => account)).size === 1;
const isOneRegion = (traces: readonly SimulatedTrace[]) => new Set(traces.map(({ region }) => region)).size === 1;

type Column = TableColumn & {
  readonly value: (row: Row) => string;
  /** Returns true if the summary says the value for all findings. */
  readonly isLeftOut?: (traces: readonly SimulatedTrace[]) => boolean;
};

const COLUMNS: readonly Column[] = [
  { heading: 'finding', value: ({ name }) => name },
  { heading: 'end', value: ({ end }) => end, paint: (shown, end) => colour(COLOURS[end] ?? 'bold', shown) },
  { heading: 'control', value: ({ trace }) => orDash(trace.control) },
  { heading: 'account', value: ({ trace }) => orDash(trace.account), dropped: 2, isLeftOut: isOneAccount },
  { heading: 'Region', value: ({ trace }) => orDash(trace.region), dropped: 3, isLeftOut: isOneRegion },
  {
    heading: 'resource',
    value: ({ trace }) => (trace.resource === null ? '-' : oneLine(resourceTail(trace.resource))),
    cut: { side: 'start', min: 12 },
    dropped: 1,
  },
  { heading: 'why', value: ({ trace }) => whyText(trace), cut: { side: 'end', min: 30 } },
];

const NO_RULE = 'no rule lets this finding through: ';

function whyText({ reason, outcome, route }: SimulatedTrace): string {
  const why = oneLine(reason.startsWith(NO_RULE) ? reason.slice(NO_RULE.length) : reason);
  return outcome === 'WAITING' && route === 'approve' ? `for approval: ${why}` : why;
}

function assumedUnits(traces: readonly SimulatedTrace[]): string[] {
  const assumed = traces.flatMap(({ account, unit }) =>
    account && unit?.isAssumed ? [{ account, path: unit.path }] : [],
  );
  return [...Map.groupBy(assumed, ({ path }) => path)].map(([path, all]) => {
    const accounts = [...new Set(all.map(({ account }) => account))];
    return `Assumed to be in the organizational unit ${path}: ${accounts.join(', ')}. If one is in another, say --ou ${accounts[0]}=/its/path.`;
  });
}

function unitTexts(traces: readonly SimulatedTrace[]): string[] {
  const texts = traces.flatMap(({ account, unit }) => {
    if (!unit) return [];
    const assumed = unit.isAssumed ? ` (assumed; say --ou ${account}=/its/path if it is in another)` : '';
    return [`${account} is in the organizational unit ${unit.path}${assumed}`];
  });
  return texts.length > 0 ? ['', ...new Set(texts)] : [];
}
