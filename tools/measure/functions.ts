import { lineAt } from '../structure/fault.ts';
import { maskText } from '../structure/mask.ts';

export type FunctionLength = { readonly line: number; readonly lines: number };

const CONTROL_KEYWORD = /\b(?:if|for|while|switch|catch|with|await)\s*$/;
/** Parameters end with a parenthesis, which a return type may follow. */
const PARAMETERS_END = /\)(?:\s*:[\w<>[\]., |&?]+)?$/;
const MAX_RETURN_TYPE_LENGTH = 300;

/** Returns the lengths of functions with a block as their body, from their parameters to their last line. */
export function functionLengths(text: string): FunctionLength[] {
  const code = maskText(text);
  const lengths: FunctionLength[] = [];
  for (let open = code.indexOf('{'); open >= 0; open = code.indexOf('{', open + 1)) {
    const start = parametersBefore(code, open);
    if (start === undefined) continue;
    const line = lineAt(code, start);
    lengths.push({ line, lines: lineAt(code, closingBrace(code, open)) - line + 1 });
  }
  return lengths;
}

/** Returns the position of the parameters if the block that opens at `open` is a function's body. */
function parametersBefore(code: string, open: number): number | undefined {
  const from = Math.max(0, open - MAX_RETURN_TYPE_LENGTH);
  const before = code.slice(from, open).trimEnd();
  if (before.endsWith('=>')) return open;
  const close = before.search(PARAMETERS_END);
  if (close < 0) return undefined;
  const start = openingParenthesis(code, from + close);
  return CONTROL_KEYWORD.test(code.slice(Math.max(0, start - 20), start)) ? undefined : start;
}

function openingParenthesis(code: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    if (code[at] === ')') depth++;
    if (code[at] === '(' && --depth === 0) return at;
  }
  return 0;
}

function closingBrace(code: string, open: number): number {
  let depth = 0;
  for (let at = open; at < code.length; at++) {
    if (code[at] === '{') depth++;
    if (code[at] === '}' && --depth === 0) return at;
  }
  return code.length;
}
