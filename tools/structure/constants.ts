/** Checks that literals, lists and tables of a module are UPPER_CASE, and functions are not. */
import { lineAt, type StructureFault } from './fault.ts';
import { maskText } from './mask.ts';
import { isTypeScript, type SourceFile } from './source-files.ts';

export type ModuleConstant = {
  readonly name: string;
  readonly position: number;
  /** 'data': a literal, list, table, Set, Map or RegExp. 'function': an arrow function. 'other': anything else. */
  readonly kind: 'data' | 'function' | 'other';
};

const DECLARATION = /^(?:export )?const (\w+)/gm;
const UPPER_CASE = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/;

export const constantFaults = (files: readonly SourceFile[]): StructureFault[] =>
  files.filter(isTypeScript).flatMap(({ path, text }) =>
    moduleConstants(text).flatMap(({ name, position, kind }): StructureFault[] => {
      const line = lineAt(text, position);
      if (kind === 'data' && !UPPER_CASE.test(name))
        return [{ path, line, message: `the constant "${name}" is data: name it in UPPER_CASE` }];
      if (kind === 'function' && name.length > 1 && UPPER_CASE.test(name))
        return [{ path, line, message: `"${name}" is a function: name it in camelCase` }];
      return [];
    }),
  );

export function moduleConstants(text: string): ModuleConstant[] {
  const code = maskText(text);
  return [...code.matchAll(DECLARATION)].flatMap((match): ModuleConstant[] => {
    const start = initializerStart(code, match.index + match[0].length);
    if (start === undefined) return [];
    return [{ name: match[1]!, position: match.index, kind: kindOf(code, start) }];
  });
}

/** Returns the position after the `=` of a declaration, whose type may contain `=>`. */
function initializerStart(code: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < code.length; at++) {
    const char = code[at]!;
    if (char === '=' && code[at + 1] === '>') at++;
    else if (char === '=' && depth === 0) return at + 1;
    else if ('([{<'.includes(char)) depth++;
    else if (')]}>'.includes(char)) depth--;
    else if (char === ';' && depth === 0) return undefined;
  }
  return undefined;
}

const LITERAL = /^(new (Set|Map|RegExp)\b|\d|-\d|['"`]|\/|true\b|false\b|null\b)/;
const ARROW_FUNCTION = /^(async )?(<|\([^)]*\)[^=;]*=>|\w+ =>)/;
const FUNCTION_EXPRESSION = /^(async )?function\b/;

function kindOf(code: string, start: number): ModuleConstant['kind'] {
  const initializer = code.slice(start).trimStart();
  if (LITERAL.test(initializer)) return isConcatenation(initializer) ? 'other' : 'data';
  if (ARROW_FUNCTION.test(initializer) || FUNCTION_EXPRESSION.test(initializer)) return 'function';
  if (initializer.startsWith('[')) return hasMethodCall(initializer) ? 'other' : 'data';
  if (initializer.startsWith('{')) return isObjectOfFunctions(initializer) ? 'other' : 'data';
  return 'other';
}

/** Recognizes a concatenation. A method's result, such as `'a b'.split(' ')`, is data. */
const isConcatenation = (initializer: string) => /^(['"`])[^'"`]*\1\s*\+/.test(initializer);

/** Recognizes `[...].map(…)`, which computes a value of an unknown kind. */
const hasMethodCall = (list: string): boolean => list[endOfBrackets(list)] === '.';

/** Recognizes an object literal that contains functions, or consists of references to them. */
function isObjectOfFunctions(initializer: string): boolean {
  const body = initializer.slice(1, endOfBrackets(initializer) - 1);
  if (/=>|\bfunction\b/.test(body) || METHOD.test(body)) return true;
  const members = topLevelMembers(body);
  return members.length > 0 && members.every(isReference);
}

const METHOD = /(?:^|[{,])\s*(?:async )?\*?\w+(?:<[^<>]*>)?\([^)]*\)[^,;{}]*\{/;

/**
 * Recognizes a spread, a shorthand, or a member whose value is a name, a call or a schema. Names in UPPER_CASE are data.
 */
const isReference = (member: string) =>
  /^(\.\.\.)?[A-Z]?[a-z]\w*$|^(\.\.\.|[\w'" ]+:\s*)[A-Z]?[a-z]\w*([.(]|$)/.test(member);

/** Splits an object's body at the commas that no bracket encloses. */
function topLevelMembers(body: string): string[] {
  const members = [''];
  let depth = 0;
  for (let at = 0; at < body.length; at++) {
    const char = body[at]!;
    depth += depthChange(char, body[at - 1] ?? '', depth);
    if (char === ',' && depth === 0) members.push('');
    else members[members.length - 1] += char;
  }
  return members.map((member) => member.trim()).filter((member) => member !== '');
}

/** A `<` after a name opens type arguments. The `>` of an arrow closes nothing. */
function depthChange(char: string, previous: string, depth: number): -1 | 0 | 1 {
  if ('([{'.includes(char) || (char === '<' && /\w/.test(previous))) return 1;
  if (')]}'.includes(char) || (char === '>' && previous !== '=' && depth > 0)) return -1;
  return 0;
}

function endOfBrackets(code: string): number {
  let depth = 0;
  for (let at = 0; at < code.length; at++) {
    if ('([{'.includes(code[at]!)) depth++;
    if (')]}'.includes(code[at]!) && --depth === 0) return at + 1;
  }
  return code.length;
}
