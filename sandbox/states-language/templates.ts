/**
 * Payload templates: Parameters, ResultSelector, ItemSelector. A field whose name ends in `.$` is replaced by
 * what its path or intrinsic function answers.
 */
import { EvaluationError } from './errors.ts';
import { callIntrinsic, isIntrinsic, type Randomness } from './intrinsics.ts';
import { isObject, type Json } from './json.ts';
import { readPath, type Scope } from './paths.ts';

/** @throws EvaluationError States.Runtime where a path leads nowhere, which States.ALL does not catch. */
export function fillTemplate(template: Json, scope: Scope, randomness: Randomness): Json {
  if (Array.isArray(template)) return template.map((item) => fillTemplate(item, scope, randomness));
  if (!isObject(template)) return template;
  const filled: Record<string, Json> = {};
  for (const [key, value] of Object.entries(template)) {
    if (!key.endsWith('.$')) filled[key] = fillTemplate(value, scope, randomness);
    else filled[key.slice(0, -2)] = evaluate(value as string, key, scope, randomness);
  }
  return filled;
}

/** The value of a path or intrinsic function that stands in `field`. */
export function evaluate(expression: string, field: string, scope: Scope, randomness: Randomness): Json {
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
