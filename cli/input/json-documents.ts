/** The JSON documents of a text that has several: one a line, or one after another as jq and Firehose write them. */

export type LocatedText = {
  readonly text: string;
  /** From 1. */
  readonly line: number;
};

/**
 * Splits at the end of each object or array of the top level. Returns undefined if the text is no sequence of those.
 */
export function documentTexts(text: string): LocatedText[] | undefined {
  const documents: LocatedText[] = [];
  let [depth, start, line, startLine] = [0, 0, 1, 1];
  let inString = false;
  for (let n = 0; n < text.length; n++) {
    const letter = text[n]!;
    if (letter === '\n') line++;
    if (inString) {
      if (letter === '\\') n++;
      else if (letter === '"') inString = false;
    } else if (letter === '"') inString = depth > 0;
    else if (letter === '{' || letter === '[') {
      if (depth++ === 0) [start, startLine] = [n, line];
    } else if (letter === '}' || letter === ']') {
      if (--depth === 0) documents.push({ text: text.slice(start, n + 1), line: startLine });
      if (depth < 0) return undefined;
    } else if (depth === 0 && !SEPARATORS.includes(letter)) return undefined;
  }
  if (depth > 0) documents.push({ text: text.slice(start), line: startLine });
  return documents;
}

const SEPARATORS = [' ', '\t', '\r', '\n', ','];
