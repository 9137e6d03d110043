import { asTyped } from './as-typed.ts';
import { USES_COLOURS } from './terminal.ts';

/**
 * Control characters but tab, line feed and the line end of CSV, and format characters, which hide or reorder others. A
 * carriage return alone lets a line overwrite another.
 */
const INVISIBLE = /(?![\t\n]|\r\n)[\p{Cc}\p{Cf}\p{Cs}]|[\u2028\u2029]/gu;
const ESCAPE = '\u001b';
const COLOUR = new RegExp(`${ESCAPE}\\[\\d+(?:;\\d+)*m`, 'g');

/**
 * Escapes every character that a terminal acts upon, as in `\u001b`. JSON keeps its value, because it has such characters
 * in strings alone. Also names commands as a person types them. Every output of the command line passes through here.
 */
export function writable(output: string): string {
  const text = asTyped(output);
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
