/** Facts of a page: a name, and the lines of its value. */
import { wrapCommand, wrapWords } from './paragraphs.ts';
import { IS_TERMINAL, terminalWidth } from './terminal.ts';

/** Returns the width of the terminal; without a terminal, lines are not wrapped. */
export const pageWidth = (): number => (IS_TERMINAL ? terminalWidth() : Number.POSITIVE_INFINITY);

/** @param nameWidth the width of the longest name */
export function factLines(name: string, text: string, nameWidth: number, width = pageWidth()): string[] {
  const valueWidth = width - nameWidth - MARGIN;
  const lines = wrapWords(text, valueWidth)
    .split('\n')
    .flatMap((line) => (COMMAND_LINE.test(line) ? wrapCommand(line, valueWidth) : [line]));
  return linesOfFact(name, lines, nameWidth);
}

const COMMAND_LINE = /^(?:npm|npx|suture|aws|node) /;

/** Two spaces before a name, and two after it. */
const MARGIN = 4;

/** Does not wrap the lines, which may be a difference. */
export const linesOfFact = (name: string, lines: readonly string[], nameWidth: number): string[] =>
  lines.map((line, n) => `  ${(n === 0 ? name : '').padEnd(nameWidth)}  ${line.trimEnd()}`);
