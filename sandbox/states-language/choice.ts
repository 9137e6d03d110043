/**
 * The rules of a Choice state.
 * https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
 */
import { COMPARISONS, TYPE_TESTS } from './comparisons.ts';
import type { ChoiceRule } from './definition.ts';
import { EvaluationError } from './errors.ts';
import type { Json } from './json.ts';
import { type PathScope, readPath } from './paths.ts';

/** @throws EvaluationError States.Runtime if Variable has no value, except for IsPresent */
export function choiceMatches(rule: ChoiceRule, scope: PathScope): boolean {
  if (rule.And) return rule.And.every((part) => choiceMatches(part, scope));
  if (rule.Or) return rule.Or.some((part) => choiceMatches(part, scope));
  if (rule.Not) return !choiceMatches(rule.Not, scope);
  const operator = operatorOf(rule);
  const operand = rule[operator] as Json;
  if (operator === 'IsPresent') return (readPath(rule.Variable!, scope) !== undefined) === operand;
  const value = valueAt(rule.Variable!, scope);
  if (operator === 'StringMatches') return typeof value === 'string' && wildcard(operand as string).test(value);
  if (TYPE_TESTS[operator]) return TYPE_TESTS[operator](value) === operand;
  if (!operator.endsWith('Path')) return COMPARISONS[operator]!(value, operand);
  return COMPARISONS[operator.slice(0, -'Path'.length)]!(value, valueAt(operand as string, scope));
}

const NOT_OPERATORS = new Set(['Variable', 'Next', 'Comment']);

/** Validation guarantees exactly one operator. */
const operatorOf = (rule: ChoiceRule) => Object.keys(rule).find((key) => !NOT_OPERATORS.has(key))!;

function valueAt(path: string, scope: PathScope): Json {
  const value = readPath(path, scope);
  if (value !== undefined) return value;
  throw new EvaluationError(
    'States.Runtime',
    `Invalid path '${path}': The choice state's condition path references an invalid value.`,
  );
}

/** `*` matches any characters, `\\*` an asterisk. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\\\|\\\*|\*|[.+?^${}()|[\]\\]/g, (part) => {
    if (part === '*') return '.*';
    return part.length === 2 ? part : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 's');
}
