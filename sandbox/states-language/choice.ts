/**
 * The rules of a Choice state.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */
import type { ChoiceRule } from './definition.ts';
import { EvaluationError } from './errors.ts';
import type { Json } from './json.ts';
import { readPath, type Scope } from './paths.ts';

type Comparison = (value: Json, wanted: Json) => boolean;

const orders = {
  Equals: (difference: number) => difference === 0,
  LessThan: (difference: number) => difference < 0,
  GreaterThan: (difference: number) => difference > 0,
  LessThanEquals: (difference: number) => difference <= 0,
  GreaterThanEquals: (difference: number) => difference >= 0,
};

/** Comparisons of two values; values of another type than the operator's are never a match. Each has a `…Path` form. */
export const comparisons: Readonly<Record<string, Comparison>> = {
  ...ordered('String', (value) => (typeof value === 'string' ? value : null)),
  ...ordered('Numeric', (value) => (typeof value === 'number' ? value : null)),
  ...ordered('Timestamp', timestamp),
  BooleanEquals: (value, wanted) => typeof value === 'boolean' && value === wanted,
};

/** Tests of one value's type. */
export const tests: Readonly<Record<string, (value: Json) => boolean>> = {
  IsNull: (value) => value === null,
  IsNumeric: (value) => typeof value === 'number',
  IsString: (value) => typeof value === 'string',
  IsBoolean: (value) => typeof value === 'boolean',
  IsTimestamp: (value) => timestamp(value) !== null,
};

/** @throws EvaluationError States.Runtime where Variable leads nowhere; only IsPresent may ask for that. */
export function holds(rule: ChoiceRule, scope: Scope): boolean {
  if (rule.And) return rule.And.every((part) => holds(part, scope));
  if (rule.Or) return rule.Or.some((part) => holds(part, scope));
  if (rule.Not) return !holds(rule.Not, scope);
  const operator = operatorOf(rule);
  const operand = rule[operator] as Json;
  if (operator === 'IsPresent') return (readPath(rule.Variable!, scope) !== undefined) === operand;
  const value = present(rule.Variable!, scope);
  if (operator === 'StringMatches') return typeof value === 'string' && wildcard(operand as string).test(value);
  if (tests[operator]) return tests[operator](value) === operand;
  if (!operator.endsWith('Path')) return comparisons[operator]!(value, operand);
  return comparisons[operator.slice(0, -'Path'.length)]!(value, present(operand as string, scope));
}

const NOT_OPERATORS = new Set(['Variable', 'Next', 'Comment']);

/** The operator's name; the definition was checked to have exactly one. */
const operatorOf = (rule: ChoiceRule) => Object.keys(rule).find((key) => !NOT_OPERATORS.has(key))!;

function present(path: string, scope: Scope): Json {
  const value = readPath(path, scope);
  if (value !== undefined) return value;
  throw new EvaluationError(
    'States.Runtime',
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
}

function ordered<T extends string | number>(type: string, read: (value: Json) => T | null): Record<string, Comparison> {
  const compare = (accept: (difference: number) => boolean): Comparison => {
    return (value, wanted) => {
      const [one, other] = [read(value), read(wanted)];
      if (one === null || other === null) return false;
      return accept(one < other ? -1 : one > other ? 1 : 0);
    };
  };
  return Object.fromEntries(Object.entries(orders).map(([order, accept]) => [type + order, compare(accept)]));
}

/** RFC 3339 with an uppercase T, and an uppercase Z or an offset. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970, or null for what is no timestamp. */
export function timestamp(value: Json): number | null {
  if (typeof value !== 'string' || !TIMESTAMP.test(value)) return null;
  const time = Date.parse(value);
  return Number.isNaN(time) ? null : time;
}

/** `*` stands for any characters, `\\*` for a star. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\\\|\\\*|\*|[.+?^${}()|[\]\\]/g, (part) => {
    if (part === '*') return '.*';
    return part.length === 2 ? part : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
}
