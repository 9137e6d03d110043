/** The output of `npm start` after every finding has ended. */
import { countText } from '../../cli/output/count-text.ts';
import { wrapHanging } from '../../cli/output/paragraphs.ts';
import { colour } from '../../cli/output/terminal.ts';
import { SAMPLE_MEMBERS } from '../organization/organization.ts';
import { publicTrace, type Trace } from '../organization/trace.ts';
import { placeText, withCounts } from '../organization/trace-text.ts';
import { rowOf, type StoryRow, startWidth } from './live-table.ts';
import { stateChanges } from './state-changes.ts';
import type { StoryEvent } from './story.ts';

export const MEMBER_NAMES = new Map(SAMPLE_MEMBERS.map(({ id, name }) => [id, name]));

/** The end of one finding, beside the expected one. */
export type StoryEnd = { readonly event: StoryEvent; readonly trace: Trace; readonly isExpected: boolean };

export const endOf = (event: StoryEvent, trace: Trace): StoryEnd => {
  const { route, outcome } = event.story.expected;
  return { event, trace, isExpected: trace.route === route && trace.outcome === outcome };
};

const endText = ({ route, outcome }: Pick<Trace, 'route' | 'outcome'>): string => outcome ?? route.toUpperCase();

export const isOk = (ends: readonly StoryEnd[]): boolean => ends.every(({ isExpected }) => isExpected);

/** Returns the document of `npm start -- --json`: `end` and `shows` are the table's columns. */
export const storyDocument = (ends: readonly StoryEnd[]) => ({
  ok: isOk(ends),
  findings: ends.map(({ event, trace }) => ({
    ...publicTrace(trace),
    ...{ end: endText(trace), shows: event.story.shows, expected: event.story.expected },
  })),
});

export const storyRows = (ends: readonly StoryEnd[]): StoryRow[] =>
  ends.map(({ event, trace, isExpected }) => rowOf(event, endText(trace), isExpected ? '✓' : '✗'));

export function verdict(ends: readonly StoryEnd[]): string {
  const unexpected = ends.filter(({ isExpected }) => !isExpected);
  const failures = ends.filter(({ trace, isExpected }) => isExpected && trace.outcome === 'FAILED');
  const count = `${ends.length - unexpected.length} of ${countText(ends.length, 'finding')} ended as expected.`;
  const lines = [colour(unexpected.length > 0 ? 'red' : 'green', count)];
  for (const { event } of failures) lines.push(`  One fails on purpose: ${event.story.shows}.`);
  for (const { event, trace } of unexpected) {
    const { control, expected } = event.story;
    lines.push(`  ${control}, ${trace.findingId}: ${endText(trace)}, expected ${endText(expected)}: ${trace.reason}`);
  }
  return lines.map((line) => wrapHanging(line, 4, startWidth())).join('\n');
}

/** Returns one fix in detail; undefined if nothing was fixed. */
export function workedExample(
  ends: readonly StoryEnd[],
  width = startWidth(),
  names = MEMBER_NAMES,
): string | undefined {
  const fixed = ends.find(({ trace }) => trace.outcome === 'FIXED');
  if (!fixed) return undefined;
  const { resource, reason, before, after, execution, calls } = fixed.trace;
  return [
    colour('bold', `One of them in detail: ${placeText(fixed.trace, names)}`),
    `  resource ${resource}`,
    `  ${reason}`,
    ...stateChanges(before, after).map((line) => `    ${colouredChange(line)}`),
    `  states  ${execution!.path.join(' → ')}`,
    '  calls   each decided by IAM, with the policies that are deployed',
    ...withCounts(calls.map((call) => `    ${callText(call, fixed.trace.account)}`)),
  ]
    .map((line) => wrapHanging(line, line.startsWith('    ') ? 6 : 4, width))
    .join('\n');
}

/** One line: the finding's account is above, and the resource needs no more of its ARN. */
const callText = ({ action, resource, account }: StoryEnd['trace']['calls'][number], own: string | null) =>
  `${action} on ${resource.replace(/^arn:(?:[^:]*:){4}/, '')}${account === own ? '' : ` from ${account}`}`;

const colouredChange = (line: string): string =>
  line.startsWith('-') ? colour('red', line) : line.startsWith('+') ? colour('green', line) : line;

const NEXT_STEPS_COLUMN = 39;
const NEXT_STEPS = `Next:
  npm run -s suture -- simulate FILE   your own findings
  npm start -- --verbose               every finding in full
  npm run -s start -- --json           the same for programs
  npm run sandbox                      keeps it running, for SDKs and the CLI`;

/** Returns the next steps. Commands stay whole; their texts wrap in a column of their own. */
export const storyNextSteps = (width = startWidth()): string => wrapHanging(NEXT_STEPS, NEXT_STEPS_COLUMN, width);
