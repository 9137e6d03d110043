/** Text on a terminal, where some characters take two columns and others none. */
import { stripVTControlCharacters } from 'node:util';

/** East Asian wide and fullwidth forms (https://www.unicode.org/reports/tr11/), and pictures. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
/** Marks that a terminal draws over the character before them. */
const MARK = /\p{M}/u;

export const displayWidth = (text: string): number =>
  [...stripVTControlCharacters(text)].reduce((sum, character) => sum + widthOf(character), 0);

function widthOf(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/**
 * Returns at most `width` columns of the text, without colours, with `…` where something is missing.
 * @param side `end` keeps the beginning, `start` keeps the end
 */
export function cutText(text: string, width: number, side: 'start' | 'end'): string {
  if (displayWidth(text) <= width) return text;
  const characters = side === 'end' ? [...text] : [...text].reverse();
  const kept: string[] = [];
  let used = 1;
  for (const character of characters) {
    used += widthOf(character);
    if (used > width) break;
    kept.push(character);
  }
  return side === 'end' ? `${kept.join('')}…` : `…${kept.reverse().join('')}`;
}
