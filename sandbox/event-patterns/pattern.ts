/**
 * Event patterns with the semantics of Event Ruler, the matcher inside EventBridge.
 * Sources: "Comparison operators for use in event patterns" in the EventBridge user guide; Event Ruler's README
 * (sections "JSON Array Matching" and "$or").
 */
import { AwsError } from '../kernel/kernel.ts';
import { areConsistent, type Field, flatten, type Membership } from './flatten.ts';
import type { Matcher } from './matcher.ts';
import { compileOperator, RESERVED_IN_OR } from './operators.ts';

export type EventPattern = (event: unknown) => boolean;

/** Any of its matchers may match. `absence` is `{ exists: false }`, which a missing field matches. */
type FieldPattern = { readonly path: string; readonly matchers: readonly Matcher[]; readonly absence: boolean };
/** One combination of alternatives of `$or`: all its fields must match. */
type Branch = readonly FieldPattern[];

const DEFAULT_MAX_LENGTH = 2048;

/**
 * Compiles a pattern. Fields inside objects of one array match together or not at all, as in EventBridge.
 * @throws AwsError InvalidEventPatternException naming the field and its problem
 */
export function compilePattern(pattern: string | object, options: { maxLength?: number } = {}): EventPattern {
  const branches = parse(pattern, options.maxLength ?? DEFAULT_MAX_LENGTH);
  return (event) => {
    const fields = flatten(event);
    return branches.some((branch) => matchFrom(branch, 0, fields, new Map()));
  };
}

/** Tries every value of the field at `index` that is consistent with the chosen array elements, then the next field. */
function matchFrom(branch: Branch, index: number, fields: Map<string, Field[]>, chosen: Membership): boolean {
  const wanted = branch[index];
  if (!wanted) return true;
  const candidates = (fields.get(wanted.path) ?? []).filter((field) => areConsistent(chosen, field.membership));
  if (wanted.absence && candidates.length === 0) return matchFrom(branch, index + 1, fields, chosen);
  return candidates.some(
    (field) =>
      wanted.matchers.some((matches) => matches(field.value)) &&
      matchFrom(branch, index + 1, fields, new Map([...chosen, ...field.membership])),
  );
}

function parse(pattern: string | object, maxLength: number): Branch[] {
  const text = typeof pattern === 'string' ? pattern : JSON.stringify(pattern);
  if (text.length > maxLength) invalid(`The pattern has ${text.length} characters; at most ${maxLength} are allowed`);
  const root = typeof pattern === 'string' ? parseJson(pattern) : pattern;
  if (!isObject(root)) invalid('Filter is not an object');
  return parseObject(root, [], [new Map()], false).map(inRulerOrder);
}

/** Sorts fields by name, as Event Ruler does; the order is visible for fields that must not exist. */
const inRulerOrder = (fields: Map<string, FieldPattern>): Branch =>
  [...fields.values()].sort((a, b) => (a.path < b.path ? -1 : 1));

function parseObject(
  object: Record<string, unknown>,
  path: readonly string[],
  branches: Map<string, FieldPattern>[],
  insideOr: boolean,
): Map<string, FieldPattern>[] {
  if (Object.keys(object).length === 0) invalid('Empty objects are not allowed', path);
  let result = branches;
  for (const [name, value] of Object.entries(object)) {
    const here = [...path, name];
    if (name === '$or' && isOr(value)) {
      result = value.flatMap((option) =>
        parseObject(
          option,
          path,
          result.map((branch) => new Map(branch)),
          true,
        ),
      );
      continue;
    }
    if (insideOr && RESERVED_IN_OR.has(name)) invalid(`${name} cannot be used as a field name inside $or`, here);
    if (Array.isArray(value)) {
      const field = parseField(value, here);
      for (const branch of result) branch.set(field.path, field);
      continue;
    }
    if (!isObject(value)) invalid(`"${name}" must be an object or an array`, here);
    result = parseObject(value, here, result, insideOr);
  }
  return result;
}

function parseField(values: readonly unknown[], path: readonly string[]): FieldPattern {
  if (values.length === 0) invalid('Empty arrays are not allowed', path);
  const reject = (reason: string): never => invalid(reason, path);
  return {
    path: path.join('.'),
    matchers: values.map((value) => compileOperator(value, reject)),
    absence: values.some((value) => isObject(value) && value.exists === false),
  };
}

/** `$or` is an operator if it has two or more objects without operator names; otherwise it is a field. */
const isOr = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) &&
  value.length > 1 &&
  value.every((option) => isObject(option) && !Object.keys(option).some((name) => RESERVED_IN_OR.has(name)));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return invalid(`Not JSON: ${(error as Error).message}`);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function invalid(reason: string, path: readonly string[] = []): never {
  const where = path.length === 0 ? '' : ` at ${path.join('.')}`;
  throw new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}${where}`);
}
