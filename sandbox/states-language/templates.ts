/**
 * Payload templates: Parameters, ResultSelector, ItemSelector. A field whose name ends in `.$` contains a path or an
 * intrinsic function.
 */
import { EvaluationError } from './errors.ts';
import type { RandomSource } from './intrinsic-functions.ts';
import { callIntrinsic, isIntrinsic } from './intrinsics.ts';
import { isObject, type Json } from './json.ts';
import { type PathScope, readPath } from './paths.ts';

/** @throws EvaluationError States.Runtime for a path without value, which States.ALL does not catch */
export function fillTemplate(template: Json, scope: PathScope, randomness: RandomSource): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, scope, randomness));
  if (!isObject(template)) return template;
  const filled: Record<string, Json> = {};
  for (const [key, value] of Object.entries(template)) {
    if (!key.endsWith('.$')) filled[key] = fillTemplate(value, scope, randomness);
    else filled[key.slice(0, -2)] = evaluateExpression(value as string, key, scope, randomness);
  }
  return filled;
}

export function evaluateExpression(
  expression: string,
  field: string,
  scope: PathScope,
  randomness: RandomSource,
): Json {
  if (isIntrinsic(expression)) return callIntrinsic(expression, scope, randomness);
  const value = readPath(expression, scope);
  if (value !== undefined) return value;
  const searched = expression.startsWith('$$') ? scope.context : scope.data;
  throw new EvaluationError(
    'States.Runtime',
    `The JSONPath '${expression}' specified for the field '${field}' could not be found in the input ` +
      `'${JSON.stringify(searched)}'`,
  );
}
