import { displayWidth } from './display-width.ts';

/** Between two words, unless they are of the command that prints a page: it stays whole to copy. */
const WORD_BREAK = / (?<!\bsuture (?=docs [a-z]))(?<!\bsuture docs (?=[a-z]))/;

/** Returns lines that are full of words at the width. */
export function filled(line: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of line.split(WORD_BREAK)) {
    const last = lines.at(-1);
    if (last !== undefined && displayWidth(`${last} ${word}`) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
