import { stripVTControlCharacters } from 'node:util';
import { asRun } from './as-run.ts';
import { displayWidth } from './display-width.ts';
import { wrapLine } from './wrap-line.ts';

/** Longer lines are hard to read. */
const MAX_WIDTH = 120;

/** Joins the lines of each paragraph and wraps them. Lines that begin with a space, such as examples, stay as they are. */
export function paragraphs(text: string, width = process.stdout.columns || 80): string {
  const lines: string[] = [];
  let open = false;
  for (const line of asRun(text).split('\n')) {
    const isProse = line !== '' && !line.startsWith(' ');
    if (isProse && open) lines[lines.length - 1] += ` ${line}`;
    else lines.push(line);
    open = isProse;
  }
  return lines
    .flatMap((line) => (line.startsWith(' ') ? [line] : wrapLine(line, Math.min(width, MAX_WIDTH))))
    .join('\n');
}

/**
 * A command at the end of a line, but not a page's name that words follow. It is not wrapped: a person who copies it would
 * copy the line break.
 */
const COMMAND_AT_END =
  /^(.*[:;,] )((?!(?:npm run -s )?suture (?:-- )?docs \S+ )(?:npm run -s )?(?:suture|npm|npx|aws|node) (?:"[^"]*"|(?!, )[^.])*\.?)$/;

/** Wraps each line between words. A command at the end of a line stays whole. */
export function wrapWords(text: string, width = process.stderr.columns || Number.POSITIVE_INFINITY): string {
  const lines = asRun(text)
    .split('\n')
    .flatMap((line) => {
      if (line.startsWith(' ') || displayWidth(line) <= width) return [line];
      const [, prose, command] = COMMAND_AT_END.exec(line) ?? [];
      return prose === undefined ? wrapLine(line, width) : [...wrapLine(prose.trimEnd(), width), command!];
    });
  return lines.join('\n');
}

/**
 * Returns lines that a shell reads as one command, because a terminal would break a longer line within a word. Words in
 * quotation marks stay whole.
 */
export function wrapCommand(command: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(`${last} ${word} \\`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return displayWidth(command) <= width
    ? [command]
    : lines.map((line, n) => (n < lines.length - 1 ? `${line} \\` : line));
}

/** Wraps each line between words, with an indent from the second line on. */
export const wrapHanging = (text: string, indent: number, width: number): string =>
  asRun(text)
    .split('\n')
    .map((line) => wrapHangingLine(line, indent, width))
    .join('\n');

function wrapHangingLine(line: string, indent: number, width: number): string {
  if (displayWidth(line) <= width) return line;
  const margin = marginOf(line);
  const [first = '', ...more] = wrapWords(line.trimStart(), width - margin.length).split('\n');
  if (more.length === 0) return line;
  const rest = more.join(' ');
  const below = COMMAND_LINE.test(rest) && !GOES_ON.test(rest) ? [rest] : wrapWords(rest, width - indent).split('\n');
  return [margin + first, ...below.map((each) => ' '.repeat(indent) + each)].join('\n');
}

const marginOf = (line: string): string => line.slice(0, line.length - line.trimStart().length);

const COMMAND_LINE = /^\s*(?:npm|npx|suture|aws|node|git|curl) /;
/** Text follows the command, outside of its quotation marks. */
const GOES_ON = /^(?:"[^"]*"|[^"])*?, /;
/** A row of a Markdown table, which another line break would end. */
const TABLE_ROW = /^\|.*\|$/;
/** A line of YAML in a difference, whose second line would look unchanged. */
const DIFFERENCE = /^[+-] +(?:- )?[\w.-]+: /;
/** Points to a place in the line above. */
const CARET_LINE = /^[\s|]*\^/;

/**
 * Wraps the output of a command. Commands, rows of tables, changed lines of YAML, and lines above a caret stay whole.
 */
export function wrapOutput(text: string, width: number): string {
  const lines = asRun(text).split('\n');
  const isWhole = (line: string, n: number) =>
    COMMAND_LINE.test(line) ||
    TABLE_ROW.test(line) ||
    DIFFERENCE.test(stripVTControlCharacters(line)) ||
    CARET_LINE.test(lines[n + 1] ?? '');
  return lines
    .map((line, n) => (isWhole(line, n) ? line : wrapHangingLine(line, marginOf(line).length + 2, width)))
    .join('\n');
}
