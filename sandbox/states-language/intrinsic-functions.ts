/**
 * The intrinsic functions. A message thrown here becomes the cause of States.IntrinsicFailure.
 * https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
 */
import { createHash } from 'node:crypto';
import { isObject, type Json, sameJson } from './json.ts';

export type RandomSource = { random(): number; uuid(): string };

type IntrinsicFunction = (args: readonly Json[], randomness: RandomSource) => Json;

const LONGEST_RANGE = 1000;
const LONGEST_TEXT = 10_000;
const HASHES: Record<string, string> = {
  MD5: 'md5',
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
};

export const INTRINSIC_FUNCTIONS: Readonly<Record<string, IntrinsicFunction>> = {
  'States.Array': (args) => [...args],
  'States.ArrayPartition': (args) => {
    const [array, size] = expect(args, list, whole);
    if (size < 1) throw new Error('the size of a part must be positive');
    return Array.from({ length: Math.ceil(array.length / size) }, (_, part) =>
      array.slice(part * size, (part + 1) * size),
    );
  },
  'States.ArrayContains': (args) => {
    const [array, member] = expect(args, list, anything);
    return array.some((item) => sameJson(item, member));
  },
  'States.ArrayRange': (args) => {
    const [first, last, step] = expect(args, whole, whole, whole);
    if (step === 0) throw new Error('the step must not be zero');
    const length = Math.max(0, Math.floor((last - first) / step) + 1);
    if (length > LONGEST_RANGE) throw new Error(`a range must not have more than ${LONGEST_RANGE} elements`);
    return Array.from({ length }, (_, index) => first + index * step);
  },
  'States.ArrayGetItem': (args) => {
    const [array, index] = expect(args, list, whole);
    if (index < 0 || index >= array.length) throw new Error(`index ${index} is out of bounds`);
    return array[index]!;
  },
  'States.ArrayLength': (args) => expect(args, list)[0].length,
  'States.ArrayUnique': (args) => {
    const [array] = expect(args, list);
    return array.filter((item, index) => array.findIndex((other) => sameJson(other, item)) === index);
  },
  'States.Base64Encode': (args) => Buffer.from(short(expect(args, text)[0])).toString('base64'),
  'States.Base64Decode': (args) => Buffer.from(short(expect(args, text)[0]), 'base64').toString(),
  'States.Hash': (args) => {
    const [data, algorithm] = expect(args, text, text);
    if (!Object.hasOwn(HASHES, algorithm)) throw new Error(`unknown hash algorithm ${algorithm}`);
    return createHash(HASHES[algorithm]!).update(short(data)).digest('hex');
  },
  'States.JsonMerge': (args) => {
    const [one, other, deep] = expect(args, object, object, flag);
    if (deep) throw new Error('only the shallow merging mode is supported: the third argument must be false');
    return { ...one, ...other };
  },
  'States.StringToJson': (args) => JSON.parse(expect(args, text)[0]),
  'States.JsonToString': (args) => JSON.stringify(expect(args, anything)[0]),
  'States.MathRandom': (args, randomness) => {
    const [start, end] = expect(args.slice(0, 2), integer, integer);
    const fraction = args.length > 2 ? seeded(integer(args[2]!)) : randomness.random();
    return start + Math.floor(fraction * (end - start));
  },
  'States.MathAdd': (args) => {
    const [one, other] = expect(args, integer, integer);
    return one + other;
  },
  'States.StringSplit': (args) => {
    const [whole, separators] = expect(args, text, text);
    const parts: string[] = [''];
    for (const character of whole) {
      if (separators.includes(character)) parts.push('');
      else parts.push(parts.pop()! + character);
    }
    return parts.filter((part) => part !== '');
  },
  'States.UUID': (args, randomness) => {
    expect(args);
    return randomness.uuid();
  },
  'States.Format': ([template, ...values]) => {
    let used = 0;
    const filled = text(template ?? null).replace(/\\([{}])|\{\}/g, (_, escaped?: string) => {
      if (escaped) return escaped;
      const value = values[used++];
      if (value === undefined) throw new Error('there are more placeholders than arguments');
      return javaText(value);
    });
    if (used !== values.length) throw new Error('there are more arguments than placeholders');
    return filled;
  },
};

/** AWS formats objects and arrays as Java does: `{a=1, b=[x, null]}`. */
function javaText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`;
  if (!isObject(value)) return String(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}=${javaText(field)}`);
  return `{${fields.join(', ')}}`;
}

function expect<T extends unknown[]>(args: readonly Json[], ...types: { [K in keyof T]: (value: Json) => T[K] }): T {
  if (args.length !== types.length) throw new Error(`expected ${types.length} arguments, got ${args.length}`);
  return types.map((type, index) => type(args[index]!)) as T;
}

const anything = (value: Json) => value;
const list = (value: Json) => (Array.isArray(value) ? (value as readonly Json[]) : wrong('an array', value));
const text = (value: Json) => (typeof value === 'string' ? value : wrong('a string', value));
const object = (value: Json) => (isObject(value) ? value : wrong('a JSON object', value));
const flag = (value: Json) => (typeof value === 'boolean' ? value : wrong('a boolean', value));
const whole = (value: Json) => (Number.isInteger(value) ? (value as number) : wrong('an integer', value));
/** Math functions accept fractions, array functions do not. */
const integer = (value: Json) => (typeof value === 'number' ? Math.round(value) : wrong('a number', value));
const short = (value: string) =>
  value.length <= LONGEST_TEXT ? value : wrong(`at most ${LONGEST_TEXT} characters`, value.length);

function wrong(expected: string, value: Json): never {
  throw new Error(`expected ${expected}, got ${JSON.stringify(value)}`);
}

/** The same seed gives the same number. AWS does not document which. */
function seeded(seed: number): number {
  const digest = createHash('sha256').update(String(seed)).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}
