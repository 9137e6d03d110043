import { plainText } from '../../functions/domain/plain-text.ts';
import { pageWidth } from './fact-lines.ts';
import { wrapHanging } from './paragraphs.ts';
import { colour } from './terminal.ts';

/** Does not cut a change, because a person answers for each one. */
const MAX_LINE = 100_000;
/** The indent of further lines, so that they do not look like changes of their own. */
const INDENT = 4;

/** Returns one change of a policy; `!` marks what lets Suture write more. */
export function changeLine(text: string, widens: boolean, width = pageWidth()): string {
  const line = wrapHanging(`${widens ? '!' : ' '} ${breakable(plainText(text, MAX_LINE))}`, INDENT, width);
  return widens ? colour('red', line) : line;
}

/** Adds spaces after the commas of JSON in a change, such as the criteria of an exception, so that it can be wrapped there. */
const breakable = (text: string): string => text.replaceAll(/(?:(?<!\\)"|[\]}\de]),(?=")/g, '$& ');
