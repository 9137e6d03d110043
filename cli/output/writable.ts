import { USES_COLOURS } from './terminal.ts';

/** Control characters but tab and line feed, and format characters, which hide or reorder others. */
const INVISIBLE = /(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}]|[\u2028\u2029]/gu;
const ESCAPE = '\u001b';
const COLOUR = new RegExp(`${ESCAPE}\\[\\d+(?:;\\d+)*m`, 'g');

/**
 * Returns text without a character that a terminal acts upon: it shows as `\u001b`. In JSON, which has these characters
 * in strings alone, that is the same value. Every output of the command line passes through here.
 */
export function writable(text: string): string {
  if (!USES_COLOURS) return escaped(text);
  const between = text.split(COLOUR).map(escaped);
  const colours = text.match(COLOUR) ?? [];
  return between.map((part, n) => part + (colours[n] ?? '')).join('');
}

const escaped = (text: string): string =>
  text.replace(INVISIBLE, (character) =>
    [...Array(character.length).keys()]
      .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
      .join(''),
  );
