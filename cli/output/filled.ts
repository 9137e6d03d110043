import { displayWidth } from './display-width.ts';

/** Stands for a space at which no line is broken. */
export const GLUE = '\u0000';
/** The beginnings of commands, and whole those that print a page: a person copies them. */
const COMMAND = /\bnpm run -s suture --[ ][a-z-]+|\bsuture docs [a-z][\w#-]*/g;

/** Returns lines that are full of words at the width. */
export function filled(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of line.replaceAll(COMMAND, (command) => command.replaceAll(' ', GLUE)).split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((each) => each.replaceAll(GLUE, ' '));
}
