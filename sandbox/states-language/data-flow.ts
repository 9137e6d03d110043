/**
 * The data flow of a state: InputPath, Parameters, ResultSelector, ResultPath, OutputPath.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
 */
import { EvaluationError, StateError } from './errors.ts';
import type { RandomSource } from './intrinsic-functions.ts';
import type { Json, JsonObject } from './json.ts';
import { type PathScope, readPath, writePath } from './paths.ts';
import { fillTemplate } from './templates.ts';

/** AWS's limit, as UTF-8. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const LARGEST_PAYLOAD_BYTES = 256 * 1024;

type Fields = {
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly Parameters?: Json;
  readonly ResultSelector?: Json;
  readonly ResultPath?: string | null;
};

export const effectiveInput = (state: Fields, input: Json, context: JsonObject): Json =>
  applyPath(state.InputPath, { data: input, context });

/** Applies Parameters, or returns the effective input if the state has none. */
export function parametersOf(template: Json | undefined, scope: PathScope, randomness: RandomSource): Json {
  return template === undefined ? scope.data : fillTemplate(template, scope, randomness);
}

export function outputOf(
  state: Fields,
  input: Json,
  result: Json,
  context: JsonObject,
  randomness: RandomSource,
): Json {
  const selected = parametersOf(state.ResultSelector, { data: result, context }, randomness);
  const combined = applyResultPath(state.ResultPath, input, selected);
  return applyPath(state.OutputPath, { data: combined, context });
}

/** Puts the result into the input. `$`, the default, replaces the input; null keeps it and drops the result. */
export function applyResultPath(resultPath: string | null | undefined, input: Json, result: Json): Json {
  if (resultPath === null) return input;
  return writePath(resultPath ?? '$', input, result);
}

/** Applies InputPath or OutputPath. Null gives an empty object, undefined the data. */
export function applyPath(path: string | null | undefined, scope: PathScope): Json {
  if (path === null) return {};
  if (path === undefined) return scope.data;
  const value = readPath(path, scope);
  if (value !== undefined) return value;
  throw new EvaluationError('States.Runtime', `Invalid path '${path}': No results for path: ${path}`);
}

/**
 * Returns the value as text, for the history.
 * @throws StateError States.DataLimitExceeded, which States.ALL does not catch
 */
export function payloadText(value: Json, stateOrResource: string): string {
  const text = JSON.stringify(value);
  // A UTF-16 code unit takes at most three bytes, so most texts need no counting.
  if (text.length * 3 <= LARGEST_PAYLOAD_BYTES || Buffer.byteLength(text) <= LARGEST_PAYLOAD_BYTES) return text;
  throw new StateError(
    'States.DataLimitExceeded',
    `The state/task '${stateOrResource}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
