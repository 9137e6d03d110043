/** How `suture simulate` says what happened: a summary, then a line for each finding, the unexpected ends first. */

import { resourceTail } from '../../cli/names/short-names.ts';
import { fittedTable, type TableColumn } from '../../cli/output/fitted-table.ts';
import { oneLine, orDash } from '../../cli/output/listing.ts';
import { wrapHanging } from '../../cli/output/paragraphs.ts';
import { colour, terminalWidth } from '../../cli/output/terminal.ts';
import { DECLARATIONS } from '../../functions/remediations/declarations.generated.ts';
import { traceStory } from '../organization/trace-text.ts';
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

/** Lines about the whole simulation, below its summary. */
type Notes = readonly string[];

/** In a longer table, reasons are cut instead of wrapped. */
const MAX_WHOLE_REASONS = 10;

/** Returns the page that fits the width: the summary, the table, the assumed units, and how to see more. */
export const simulationPage = (traces: readonly SimulatedTrace[], width = terminalWidth(), notes: Notes = []): string =>
  [...pageLines(traces, width, notes), wrapHanging(howToSeeMore(traces), 2, width)].join('\n');

/** Returns the stories of these findings, after the summary of all. */
export const simulationStories = (
  traces: readonly SimulatedTrace[],
  shown: readonly number[],
  width = terminalWidth(),
  notes: Notes = [],
): string => {
  const rows = rowsOf(traces).filter(({ trace }) => shown.some((n) => traces[n] === trace));
  return [headOf(traces, width, notes).join('\n'), ...rows.map((row) => storyOf(row, width))].join('\n\n');
};

/** Returns the same page, and the story of each finding in the order of the table. */
export const wholeSimulation = (
  traces: readonly SimulatedTrace[],
  width = terminalWidth(),
  notes: Notes = [],
): string =>
  [pageLines(traces, width, notes).join('\n'), ...rowsOf(traces).map((row) => storyOf(row, width))].join('\n\n');

const headOf = (traces: readonly SimulatedTrace[], width: number, notes: Notes): string[] =>
  [summaryOf(traces), ...notes].map((line) => wrapHanging(line, 2, width));

function pageLines(traces: readonly SimulatedTrace[], width: number, notes: Notes): string[] {
  const rows = rowsOf(traces);
  const columns = COLUMNS.filter(({ isLeftOut }) => !isLeftOut?.(traces)).map((column) =>
    column.cut?.min === MIN_REASON && rows.length <= MAX_WHOLE_REASONS
      ? { ...column, cut: undefined, wraps: MIN_REASON }
      : column,
  );
  const cells = rows.map((row) => columns.map(({ value }) => value(row)));
  const units = assumedUnits(traces).map((line) => wrapHanging(line, 2, width));
  return [
    ...headOf(traces, width, notes),
    '',
    fittedTable(columns, cells, width),
    '',
    ...units,
    ...foreignProducts(traces, width),
  ];
}

/** Returns the findings, those that somebody should look at first. */
function rowsOf(traces: readonly SimulatedTrace[]): Row[] {
  const names = findingNames(traces.map(({ findingId }) => findingId));
  return traces
    .map((trace, n) => ({ trace, name: names[n]!, end: endOfFinding(trace) }))
    .toSorted((a, b) => ENDS.indexOf(a.end) - ENDS.indexOf(b.end));
}

function storyOf({ trace, name, end }: Row, width: number): string {
  const id = trace.findingId === null || trace.findingId === name ? '' : `\n  id       ${trace.findingId}`;
  const told = { ...trace, reason: reasonOf(trace) };
  const [head, ...lines] = traceStory(told, width, undefined, `${name}  ${colourOf(end, end)}  `).split('\n');
  return [head!.replace('   ', '  ') + id, ...lines].join('\n');
}

const howToSeeMore = (traces: readonly SimulatedTrace[]): string =>
  traces.length === 1
    ? 'To see its states, change and calls: --verbose; for programs: --json.'
    : `To see one whole: the same command with --finding ${rowsOf(traces)[0]!.name}; all of them: --verbose; for programs: --json.`;

const colourOf = (end: string, shown: string): string => colour(COLOURS[end] ?? 'bold', shown);

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
    .map(([end, { length }]) => colourOf(end, `${length} ${end}`));
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

const MIN_REASON = 30;
const COLUMNS: readonly Column[] = [
  { heading: 'finding', value: ({ name }) => name },
  { heading: 'end', value: ({ end }) => end, paint: (shown, end) => colourOf(end, shown) },
  { heading: 'control', value: ({ trace }) => orDash(trace.control) },
  { heading: 'account', value: ({ trace }) => orDash(trace.account), dropped: 2, isLeftOut: isOneAccount },
  { heading: 'region', value: ({ trace }) => orDash(trace.region), dropped: 3, isLeftOut: isOneRegion },
  {
    heading: 'resource',
    value: ({ trace }) => (trace.resource === null ? '-' : oneLine(resourceTail(trace.resource))),
    cut: { side: 'start', min: 12 },
    dropped: 1,
  },
  { heading: 'why', value: ({ trace }) => whyText(trace), cut: { side: 'end', min: MIN_REASON } },
];

const NO_RULE = 'no rule lets this finding through: ';

const reasonOf = ({ reason }: SimulatedTrace): string =>
  reason.startsWith(NO_RULE) ? reason.slice(NO_RULE.length) : reason;

function whyText(trace: SimulatedTrace): string {
  const why = withExecutionNames(oneLine(reasonOf(trace)));
  return trace.outcome === 'WAITING' && trace.route === 'approve' ? `for approval: ${why}` : why;
}

/** An execution's ARN, whose name begins with the id of its event. */
const EXECUTION_ARN = /arn:[\w-]+:states:[\w-]+:\d{12}:execution:[\w-]+:([\w-]{1,8})[\w-]*/g;

/** Shortens each ARN of an execution to the beginning of its name, because the ARN is wider than a table. */
const withExecutionNames = (text: string): string =>
  text.replaceAll(EXECUTION_ARN, (_, name: string) => `execution ${name}`);

function assumedUnits(traces: readonly SimulatedTrace[]): string[] {
  const assumed = traces.flatMap(({ account, unit }) =>
    account && unit?.isAssumed ? [{ account, path: unit.path }] : [],
  );
  return [...Map.groupBy(assumed, ({ path }) => path)].map(([path, all]) => {
    const accounts = [...new Set(all.map(({ account }) => account))];
    return `Assumed to be in the organizational unit ${path}: ${accounts.join(', ')}. If one is in another, say --ou ${accounts[0]}=/its/path.`;
  });
}

/** Says how to get findings that Suture handles, if another product made all of these. */
function foreignProducts(traces: readonly SimulatedTrace[], width: number): string[] {
  const isForeign = ({ route, control, reason }: SimulatedTrace) =>
    route === 'ignore' && !HANDLED.has(control ?? '') && FROM_PRODUCT.test(reason);
  if (!traces.every(isForeign)) return [];
  return [
    wrapHanging("None is of Security Hub's own controls, the only ones that Suture handles. To get those:", 2, width),
    OWN,
  ];
}

const FROM_PRODUCT = /\bcomes from .*no remediation handles findings of that product/;
const OWN = `  aws securityhub get-findings --filters 'ProductName=[{Value="Security Hub",Comparison=EQUALS}]'`;
