/**
 * Intrinsic functions: the parser and the call.
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
import { EvaluationError } from './errors.ts';
import { INTRINSIC_FUNCTIONS, type RandomSource } from './intrinsic-functions.ts';
import type { Json } from './json.ts';
import { compilePath, type PathScope, readPath } from './paths.ts';

type Expression =
  | { readonly kind: 'call'; readonly name: string; readonly text: string; readonly args: readonly Expression[] }
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'value'; readonly value: Json };

const PARSED = new Map<string, Expression>();

export const isIntrinsic = (text: string): boolean => text.startsWith('States.');

/** @throws EvaluationError States.IntrinsicFailure, or States.Runtime if a path has no value */
export function callIntrinsic(text: string, scope: PathScope, randomness: RandomSource): Json {
  return evaluate(compileIntrinsic(text), scope, randomness);
}

/** @throws SyntaxError with the problem */
export function compileIntrinsic(text: string): Expression {
  const known = PARSED.get(text);
  if (known) return known;
  const reader = new Reader(text);
  const expression = reader.expression();
  reader.end();
  if (expression.kind !== 'call') throw new SyntaxError(`not an intrinsic function: ${text}`);
  PARSED.set(text, expression);
  return expression;
}

function evaluate(expression: Expression, scope: PathScope, randomness: RandomSource): Json {
  if (expression.kind === 'value') return expression.value;
  if (expression.kind === 'path') {
    const value = readPath(expression.path, scope);
    if (value !== undefined) return value;
    throw new EvaluationError(
      'States.Runtime',
      `The JsonPath argument for the field '${expression.path}' could not be found in the input ` +
        `'${JSON.stringify(scope.data)}'`,
    );
  }
  const args = expression.args.map((argument) => evaluate(argument, scope, randomness));
  try {
    return INTRINSIC_FUNCTIONS[expression.name]!(args, randomness);
  } catch (error) {
    if (error instanceof EvaluationError) throw error;
    const because = `The function '${expression.text}' had the following error: ${(error as Error).message}`;
    throw new EvaluationError('States.IntrinsicFailure', because);
  }
}

class Reader {
  readonly text: string;
  position = 0;
  constructor(text: string) {
    this.text = text;
  }

  expression(): Expression {
    this.#space();
    const next = this.text[this.position];
    if (next === '$') return { kind: 'path', path: this.#path() };
    if (next === "'") return { kind: 'value', value: this.#string() };
    const literal = this.#match(/(?:null|true|false|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=\s*[,)])/y);
    if (literal) return { kind: 'value', value: JSON.parse(literal) };
    return this.#call();
  }

  end(): void {
    this.#space();
    if (this.position < this.text.length) this.#fail();
  }

  #call(): Expression {
    const start = this.position;
    const name = this.#match(/States\.[A-Za-z0-9]+(?=\()/y);
    if (!name || !INTRINSIC_FUNCTIONS[name]) this.#fail();
    this.position++;
    const args: Expression[] = [];
    this.#space();
    if (this.text[this.position] === ')') this.position++;
    else {
      do args.push(this.expression());
      while (this.#separator() === ',');
    }
    return { kind: 'call', name, args, text: this.text.slice(start, this.position) };
  }

  #separator(): string {
    this.#space();
    const separator = this.text[this.position++];
    if (separator !== ',' && separator !== ')') this.#fail();
    return separator;
  }

  #path(): string {
    const start = this.position;
    let depth = 0;
    let quote = '';
    for (; this.position < this.text.length; this.position++) {
      const character = this.text[this.position]!;
      if (quote) quote = character === quote ? '' : quote;
      else if (character === "'" || character === '"') quote = character;
      else if (character === '[' || character === '(') depth++;
      else if (depth > 0 && (character === ']' || character === ')')) depth--;
      else if (depth === 0 && (character === ',' || character === ')')) break;
    }
    const path = this.text.slice(start, this.position).trim();
    compilePath(path);
    return path;
  }

  /** Unescapes quotes and backslashes; braces stay escaped, because States.Format distinguishes them from `{}`. */
  #string(): string {
    const quoted = this.#match(/'((?:[^'\\]|\\.)*)'/sy) ?? this.#fail();
    return quoted.slice(1, -1).replace(/\\(['\\])/g, '$1');
  }

  #space(): void {
    this.#match(/\s*/y);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text)?.[0];
    if (match !== undefined) this.position += match.length;
    return match;
  }

  #fail(): never {
    throw new SyntaxError(`not an intrinsic function at character ${this.position + 1}: ${this.text}`);
  }
}
