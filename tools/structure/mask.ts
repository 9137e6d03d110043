export type MaskOptions = {
  /** Masks the contents of strings too. Default true. */
  readonly strings?: boolean;
};

const REGEX_MAY_FOLLOW = /(?:^|[=(,:;!&|?{}[+\n>]|return|case|typeof)\s*$/;

/**
 * Replaces comments by spaces, and the contents of strings and regular expressions by `_`. Positions and line breaks
 * stay. Code inside `${…}` of a template is masked too.
 */
export function maskText(text: string, { strings = true }: MaskOptions = {}): string {
  let masked = '';
  for (let at = 0; at < text.length; ) {
    const end = endOfToken(text, at);
    if (end === undefined) {
      masked += text[at++];
      continue;
    }
    const token = text.slice(at, end);
    const isPlainString = token[0] === "'" || token[0] === '"';
    masked += isPlainString && !strings ? token : blank(token);
    at = end;
  }
  return masked;
}

/** Keeps delimiters, so that the kind of the token is visible. */
function blank(token: string): string {
  if (token.startsWith('//') || token.startsWith('/*')) return token.replace(/[^\n]/g, ' ');
  return token[0] + token.slice(1, -1).replace(/[^\n]/g, '_') + token.at(-1);
}

/** Returns the end of the comment, string or regular expression that starts here, if one does. */
function endOfToken(text: string, at: number): number | undefined {
  const char = text[at];
  if (char === "'" || char === '"') return endOfString(text, at, char);
  if (char === '`') return endOfTemplate(text, at);
  if (char !== '/') return undefined;
  if (text[at + 1] === '/') return indexOrEnd(text, '\n', at);
  if (text[at + 1] === '*') return Math.min(indexOrEnd(text, '*/', at + 2) + 2, text.length);
  return REGEX_MAY_FOLLOW.test(text.slice(Math.max(0, at - 12), at)) ? endOfRegex(text, at) : undefined;
}

function indexOrEnd(text: string, part: string, from: number): number {
  const index = text.indexOf(part, from);
  return index < 0 ? text.length : index;
}

function endOfString(text: string, start: number, quote: string): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote || text[at] === '\n') return at + 1;
  }
  return text.length;
}

function endOfTemplate(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '`') return at + 1;
    else if (text[at] === '$' && text[at + 1] === '{') at = endOfSubstitution(text, at + 2) - 1;
  }
  return text.length;
}

function endOfSubstitution(text: string, start: number): number {
  let depth = 1;
  for (let at = start; at < text.length; ) {
    const end = endOfToken(text, at);
    if (end !== undefined) {
      at = end;
      continue;
    }
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at + 1;
    at++;
  }
  return text.length;
}

function endOfRegex(text: string, start: number): number | undefined {
  let inClass = false;
  for (let at = start + 1; at < text.length && text[at] !== '\n'; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '[') inClass = true;
    else if (text[at] === ']') inClass = false;
    else if (text[at] === '/' && !inClass) return at + 1;
  }
  return undefined;
}
