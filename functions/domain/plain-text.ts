/**
 * Text from member accounts (names, tags, findings, messages of AWS about them), made plain where people read it: on a
 * terminal, in a file for a spreadsheet, in mail and chat, in a note. Data for programs (JSON, events, logs) stays
 * exact. Pure.
 */
import { stripVTControlCharacters } from 'node:util';

/** A resource's id may have 2,048 characters. */
const MAX_LENGTH = 2048;

const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** Control, format (bidirectional, zero width, tag), private-use characters and lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu;

/**
 * Returns one line of visible characters: no escape sequence of a terminal, no character that hides or reorders others.
 */
export function plainText(text: string, maxLength = MAX_LENGTH): string {
  const line = stripVTControlCharacters(text).replace(LINE_BREAKS, ' ').replace(INVISIBLE, '\ufffd');
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Returns the value with every text in it made plain, names of members included. */
export function plain<T>(value: T, make: (text: string) => string = plainText): T {
  return plainValue(value, make) as T;
}

function plainValue(value: unknown, make: (text: string) => string): unknown {
  if (typeof value === 'string') return make(value);
  if (Array.isArray(value)) return value.map((element) => plainValue(element, make));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [make(key), plainValue(member, make)]));
}

/** Maximum length of one value in mail and chat. */
const MAX_MESSAGE_VALUE = 600;

/** Characters with a meaning in the markup of chats and mail clients, and their replacements. */
const MARKUP: Readonly<Record<string, string>> = {
  '<': '‹',
  '>': '›',
  '&': '＆',
  '`': "'",
  '*': '∗',
  '~': '∼',
  '|': '¦',
  '[': '(',
  ']': ')',
};
const SCHEME = /\b([a-z][a-z\d+.-]*(?=:\/\/)|file|mailto|javascript|data|tel|slack|msteams):/gi;
/**
 * The dots of a domain, because chats turn one without a scheme into a link. Mail addresses keep theirs, and so do our
 * files that people copy, such as `docs/runbook.md` and `policy.yaml`.
 */
const DOMAIN_DOT = /(?<=[\p{L}\p{N}-])(?<!\bdocs\/[\w/-]*|@[\p{L}\p{N}.-]*)[.。．｡](?=\p{L}{2})(?!(?:ya?ml|json)\b)/gu;
/** The beginning of a network share, because mail clients turn it into a link. */
const SHARE = /\\{2,}/g;
const MENTION = /(?<![\w.])@/g;

/** Returns text that no viewer turns into a link or a mention. */
export const withoutLinks = (text: string): string =>
  text
    .replace(SCHEME, '$1(:)')
    .replace(SHARE, (slashes) => '＼'.repeat(slashes.length))
    .replace(MENTION, '(at)')
    .replace(DOMAIN_DOT, '(.)');

/** Returns text that no chat or mail client turns into a link, a mention or formatting. */
export const plainMessage = (text: string): string =>
  withoutLinks(
    plainText(text, MAX_MESSAGE_VALUE)
      .replace(/[<>&`*~|[\]]/g, (character) => MARKUP[character]!)
      .replace(/(?<!\w)_|_(?!\w)/g, '＿'),
  );

/**
 * The place before a formula: the beginning of a cell, or what follows a separator in it, because spreadsheets of other
 * languages separate cells by semicolons. A number, and the sign for no value, are harmless.
 */
const BEFORE_FORMULA = /((?:^|[;,])[\s"]*)(?=[=+@＝＋－＠]|-(?![\d.]*(?:$|[;,])))/g;

/** Returns a cell that no spreadsheet takes for a formula, or splits into one. */
export const plainCell = (text: string): string => text.replace(BEFORE_FORMULA, "$1'");

const SHELL_WORD = /^[\w.:/+=,@-]+$/;

/** Whether a shell takes the text as one word, and no command as an option. */
export const isShellWord = (text: string): boolean => SHELL_WORD.test(text) && !text.startsWith('-');

/** Returns text that a shell takes as one word, whatever is in it, for commands that people copy. */
export const shellWord = (text: string): string => (isShellWord(text) ? text : `'${text.replaceAll("'", '’')}'`);
