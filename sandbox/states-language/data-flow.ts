/**
 * How data flows through a state: InputPath, Parameters, ResultSelector, ResultPath, OutputPath.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
 */
import { EvaluationError, StateError } from './errors.ts';
import type { Randomness } from './intrinsics.ts';
import type { Json, JsonObject } from './json.ts';
import { readPath, type Scope, writePath } from './paths.ts';
import { fillTemplate } from './templates.ts';

/** The largest input or output of a state, as UTF-8 text. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
export const LARGEST_PAYLOAD_BYTES = 256 * 1024;

type Fields = {
  readonly InputPath?: string | null;
  readonly OutputPath?: string | null;
  readonly Parameters?: Json;
  readonly ResultSelector?: Json;
  readonly ResultPath?: string | null;
};

/** The part of its input that a state looks at. */
export const effectiveInput = (state: Fields, input: Json, context: JsonObject): Json =>
  pick(state.InputPath, { data: input, context });

/** What a state hands to its work: Parameters, or the effective input where there are none. */
export function parameters(template: Json | undefined, scope: Scope, randomness: Randomness): Json {
  return template === undefined ? scope.data : fillTemplate(template, scope, randomness);
}

/** The state's output from its input and the result of its work. */
export function outputOf(state: Fields, input: Json, result: Json, context: JsonObject, randomness: Randomness): Json {
  const selected = parameters(state.ResultSelector, { data: result, context }, randomness);
  const combined = combine(state.ResultPath, input, selected);
  return pick(state.OutputPath, { data: combined, context });
}

/** ResultPath: `$`, the default, replaces the input; null keeps it and drops the result. */
export function combine(resultPath: string | null | undefined, input: Json, result: Json): Json {
  if (resultPath === null) return input;
  return writePath(resultPath ?? '$', input, result);
}

/** InputPath and OutputPath: null stands for an empty object. */
export function pick(path: string | null | undefined, scope: Scope): Json {
  if (path === null) return {};
  if (path === undefined) return scope.data;
  const value = readPath(path, scope);
  if (value !== undefined) return value;
  throw new EvaluationError('States.Runtime', `Invalid path '${path}': No results for path: ${path}`);
}

/** The value as text, for the history. @throws StateError States.DataLimitExceeded, which States.ALL does not catch. */
export function payload(value: Json, stateOrResource: string): string {
  const text = JSON.stringify(value);
  // A character has at most three bytes for each unit of length: most texts need no counting.
  if (text.length * 3 <= LARGEST_PAYLOAD_BYTES || Buffer.byteLength(text) <= LARGEST_PAYLOAD_BYTES) return text;
  throw new StateError(
    'States.DataLimitExceeded',
    `The state/task '${stateOrResource}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}
