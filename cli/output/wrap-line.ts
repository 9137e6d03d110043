import { displayWidth } from './display-width.ts';

/** Replaces a space at which no line may be broken. */
export const UNBROKEN_SPACE = '\u0000';
/** Stays on one line, because a person copies it: the beginning of a command, or a whole command that prints a page. */
const COMMAND = /\b(?:npm run -s suture --|suture) (?:docs [a-z][\w#-]*|[a-z-]+)/g;

/** Breaks a line between words, so that each part fits the width. */
export function wrapLine(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of line.replaceAll(COMMAND, (command) => command.replaceAll(' ', UNBROKEN_SPACE)).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((each) => each.replaceAll(UNBROKEN_SPACE, ' '));
}
