import { plainText } from '../../functions/domain/plain-text.ts';
import { pageWidth } from './fact-lines.ts';
import { wrapHanging } from './paragraphs.ts';
import { colour } from './terminal.ts';

/** Lines are never cut: a person answers for each of them. */
const MAX_LINE = 100_000;
/** What is broken off stands below the text, so that it does not look like a change of its own. */
const INDENT = 4;

/** Returns one change of a policy; `!` marks what lets Suture write more. */
export function changeLine(text: string, widens: boolean, width = pageWidth()): string {
  const line = wrapHanging(`${widens ? '!' : ' '} ${spaced(plainText(text, MAX_LINE))}`, INDENT, width);
  return widens ? colour('red', line) : line;
}

/** JSON in a change, such as the criteria of an exception, breaks after the commas between its members and elements. */
const spaced = (text: string): string => text.replaceAll(/(?:(?<!\\)"|[\]}\de]),(?=")/g, '$& ');
