/**
 * Paths of the states language: JSONPath for reading, reference paths (one definite location) for writing.
 * https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html
 */
import { JSONPath } from 'jsonpath-plus';
import { EvaluationError } from './errors.ts';
import { isObject, type Json, type JsonObject } from './json.ts';

/** `$` is the state's data, `$$` the context object. */
export type PathScope = { readonly data: Json; readonly context: JsonObject };

type Step = string | number;
type Path = { readonly root: 'data' | 'context'; readonly steps: readonly Step[]; readonly search: string | null };

const DEFINITE_STEP = /^(?:\.([^.[\]()*?@,'"\s]+)|\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+))\])/;
const COMPILED = new Map<string, Path>();

/**
 * Returns `undefined` if a definite path has no value. A path with `..`, `*`, a slice or a filter returns a list, which
 * is empty where the data has nothing.
 */
export function readPath(path: string, scope: PathScope): Json | undefined {
  const { root, steps, search } = compilePath(path);
  let value: Json | undefined = scope[root];
  for (const step of steps) {
    value = child(value, step);
    if (value === undefined) return search === null ? undefined : [];
  }
  if (search === null) return value;
  if (typeof value !== 'object' || value === null) return [];
  return JSONPath({ path: search, json: value, wrap: true, eval: 'safe' }) as Json;
}

/** @throws SyntaxError with the problem */
export function compilePath(path: string): Path {
  const known = COMPILED.get(path);
  if (known) return known;
  const parsed = parse(path);
  COMPILED.set(path, parsed);
  return parsed;
}

/** A reference path names exactly one location. */
export const isReferencePath = (path: string): boolean => {
  const { root, search } = compilePath(path);
  return root === 'data' && search === null;
};

/**
 * Returns a copy of the data with `value` at a reference path, and creates missing objects.
 * @throws EvaluationError States.ResultPathMatchFailure if the data has no such location
 */
export function writePath(path: string, data: Json, value: Json): Json {
  return write(data, compilePath(path).steps, value, path);
}

function write(data: Json | undefined, steps: readonly Step[], value: Json, path: string): Json {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (typeof step === 'number') {
    if (!Array.isArray(data) || step < 0 || step >= data.length) throw noPlace(path, data);
    return data.map((item, index) => (index === step ? write(item, rest, value, path) : item));
  }
  if (data !== undefined && !isObject(data)) throw noPlace(path, data);
  return { ...data, [step]: write(data?.[step], rest, value, path) };
}

const noPlace = (path: string, data: Json | undefined) =>
  new EvaluationError(
    'States.ResultPathMatchFailure',
    `Unable to apply ReferencePath ${path} to input ${JSON.stringify(data)}`,
  );

function child(value: Json, step: Step): Json | undefined {
  if (typeof step === 'number') return Array.isArray(value) ? value.at(step) : undefined;
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function parse(path: string): Path {
  if (!path.startsWith('$')) throw new SyntaxError(`a path must begin with '$': ${path}`);
  const root = path.startsWith('$$') ? 'context' : 'data';
  let rest = path.slice(root === 'context' ? 2 : 1);
  const steps: Step[] = [];
  for (let match = DEFINITE_STEP.exec(rest); match; match = DEFINITE_STEP.exec(rest)) {
    const [whole, name, single, double, index] = match;
    steps.push(index !== undefined ? Number(index) : (name ?? unquote(single ?? double!)));
    rest = rest.slice(whole.length);
  }
  if (rest === '') return { root, steps, search: null };
  const search = `$${rest}`;
  if (!/^(\.\.|\.\*|\[)/.test(rest) || !balanced(rest)) throw new SyntaxError(`not a JSONPath: ${path}`);
  return { root, steps, search };
}

const unquote = (name: string) => name.replace(/\\(.)/g, '$1');

const balanced = (text: string) =>
  text.split('[').length === text.split(']').length && text.split('(').length === text.split(')').length;
