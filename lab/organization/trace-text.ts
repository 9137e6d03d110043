import { type AccountNames, accountText, NO_NAMES } from '../../cli/names/account-name.ts';
import { wrapHanging } from '../../cli/output/paragraphs.ts';
import { colour, terminalWidth } from '../../cli/output/terminal.ts';
import type { Trace, TracedCall } from './trace.ts';

const OUTCOME_COLOURS: Readonly<Record<string, Parameters<typeof colour>[0]>> = {
  FIXED: 'green',
  FAILED: 'red',
  NOT_SIMULATED: 'red',
  ARCHIVED: 'blue',
  PLANNED: 'yellow',
};

/**
 * Returns lines about one finding. They fit the width, except for a line with a longer word, such as an ARN.
 * @param end the word for its end, as the table beside it has it
 */
export function traceStory(
  trace: Trace,
  width = terminalWidth(),
  names = NO_NAMES,
  end: string = endWord(trace),
): string {
  const { resource, reason, before, after, execution, calls } = trace;
  const lines = [
    `${end} ${placeText(trace, names)}`,
    `  resource ${resource ?? 'none'}`,
    `  why      ${indented(reason)}`,
  ];
  if (before !== null) lines.push(`  before   ${spacedJson(before)}`, `  after    ${spacedJson(after)}`);
  if (execution)
    lines.push(`  states   ${execution.path.join(' → ')} (${execution.status}, ${execution.transitions} entered)`);
  for (const call of withCounts(calls.map(callLine))) lines.push(`  call     ${call}`);
  return lines.map((line) => wrapHanging(line, MARGIN, width)).join('\n');
}

/** Returns `EC2.13 in 333333333333 (shop-production), us-east-1`. */
export const placeText = ({ control, account, region }: Trace, names: AccountNames): string =>
  `${control ?? 'no control'} in ${account === null ? 'no account' : accountText(account, names)}, ${region ?? 'no Region'}`;

const endWord = ({ outcome, route }: Trace): string =>
  colour(OUTCOME_COLOURS[outcome ?? ''] ?? 'bold', outcome ?? route.toUpperCase());

/** Columns before the value of a line. */
const MARGIN = 11;

/** Returns each line once, in the order in which they begin, and how often it occurs if more than once. */
export const withCounts = (lines: readonly string[]): string[] =>
  [...Map.groupBy(lines, (line) => line)].map(([line, { length }]) => (length > 1 ? `${line}, ${length} times` : line));

const indented = (text: string) => text.split('\n').join(`\n${' '.repeat(MARGIN)}`);

/** Returns JSON of one line that can be broken at its spaces. */
const spacedJson = (value: unknown): string => (JSON.stringify(value, null, 1) ?? '').replaceAll(/\n */g, ' ');

function callLine({ action, resource, account, region, decision, role }: TracedCall): string {
  const denied = decision === 'Deny' ? colour('red', 'denied ') : '';
  const roleName = role ? ` as ${role.split('/').at(-1)}` : '';
  return `${denied}${action} on ${resource} in ${account} ${region}${roleName}`;
}
