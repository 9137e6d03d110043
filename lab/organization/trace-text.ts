import { type AccountNames, accountText, NO_NAMES } from '../../cli/names/account-name.ts';
import { wrapHanging } from '../../cli/output/paragraphs.ts';
import { colour, table, terminalWidth } from '../../cli/output/terminal.ts';
import type { Trace, TracedCall } from './trace.ts';

/** Returns one line for each finding; the caller names and fills the last column. */
export const traceTable = (
  traces: readonly Trace[],
  lastHeading: string,
  lastCell: (trace: Trace, n: number) => string,
): string =>
  table(
    ['control', 'account', 'Region', 'route', 'outcome', lastHeading],
    traces.map((trace, n) => [
      trace.control ?? '-',
      trace.account ?? '-',
      trace.region ?? '-',
      trace.route,
      trace.outcome ?? '-',
      lastCell(trace, n),
    ]),
  );

export function outcomeCounts(traces: readonly Trace[]): string {
  const byOutcome = Map.groupBy(traces, ({ outcome, route }) => outcome ?? route);
  const counts = [...byOutcome].map(([name, { length }]) => `${length} ${name}`).join(', ');
  return `${traces.length} ${traces.length === 1 ? 'finding' : 'findings'}: ${counts}.`;
}

const OUTCOME_COLOURS: Readonly<Record<string, Parameters<typeof colour>[0]>> = {
  FIXED: 'green',
  FAILED: 'red',
  NOT_SIMULATED: 'red',
  ARCHIVED: 'blue',
  PLANNED: 'yellow',
};

/** Returns lines about one finding. They fit the width, except for a line with a longer word, such as an ARN. */
export function traceStory(trace: Trace, width = terminalWidth(), names = NO_NAMES): string {
  const { resource, outcome, route, reason, before, after, execution, calls } = trace;
  const shade = OUTCOME_COLOURS[outcome ?? ''] ?? 'bold';
  const lines = [
    `${colour(shade, outcome ?? route.toUpperCase())} ${placeText(trace, names)}`,
    `  resource ${resource ?? 'none'}`,
    `  because  ${indented(reason)}`,
  ];
  if (before !== null) lines.push(`  before   ${spacedJson(before)}`, `  after    ${spacedJson(after)}`);
  if (execution)
    lines.push(`  states   ${execution.path.join(' → ')} (${execution.status}, ${execution.transitions} entered)`);
  for (const call of calls) lines.push(`  call     ${callLine(call)}`);
  return lines.map((line) => wrapHanging(line, MARGIN, width)).join('\n');
}

/** Returns `EC2.13 in 333333333333 (shop-production), us-east-1`. */
export const placeText = ({ control, account, region }: Trace, names: AccountNames): string =>
  `${control ?? 'no control'} in ${account === null ? 'no account' : accountText(account, names)}, ${region ?? 'no Region'}`;

/** Columns before the value of a line. */
const MARGIN = 11;

const indented = (text: string) => text.split('\n').join(`\n${' '.repeat(MARGIN)}`);

/** Returns JSON of one line that can be broken at its spaces. */
const spacedJson = (value: unknown): string => (JSON.stringify(value, null, 1) ?? '').replaceAll(/\n */g, ' ');

function callLine({ action, resource, account, region, decision, role }: TracedCall): string {
  const denied = decision === 'Deny' ? colour('red', 'denied ') : '';
  const roleName = role ? ` as ${role.split('/').at(-1)}` : '';
  return `${denied}${action} on ${resource} in ${account} ${region}${roleName}`;
}
