/** Facts of a page, each with its name before it, and its lines below each other. */
import { wrapWords } from './paragraphs.ts';
import { IS_TERMINAL, terminalWidth } from './terminal.ts';

/** Off a terminal, a line is as long as it is. */
export const pageWidth = (): number => (IS_TERMINAL ? terminalWidth() : Number.POSITIVE_INFINITY);

/** @param nameWidth of the longest name */
export function factLines(name: string, text: string, nameWidth: number, width = pageWidth()): string[] {
  const lines = wrapWords(text, width - nameWidth - MARGIN).split('\n');
  return linesOfFact(name, lines, nameWidth);
}

/** Two spaces before a name, and two after it. */
const MARGIN = 4;

/** Returns lines that are not broken, such as those of a difference. */
export const linesOfFact = (name: string, lines: readonly string[], nameWidth: number): string[] =>
  lines.map((line, n) => `  ${(n === 0 ? name : '').padEnd(nameWidth)}  ${line.trimEnd()}`);
