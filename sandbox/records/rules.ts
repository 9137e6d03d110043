/**
 * The members of a request that the sandbox models, with the values that AWS accepts. Every other member is refused by
 * name, in nested structures too, because it would have no effect.
 */
import type { AwsError } from '../kernel/kernel.ts';
import { notModelled } from '../services/requests.ts';
import type { RecordFields } from './record.ts';

/** The request whose members are checked. */
export type RuledRequest = { readonly operation: string; readonly invalid: (message: string) => AwsError };

export type MemberRule<V> = {
  /** @throws AwsError if AWS or the sandbox does not accept the value */
  readonly check: (value: V, member: string, request: RuledRequest) => void;
  /** Returns the fields of the record that keep the value. Default: one with the member's name. */
  readonly keep?: (value: V) => RecordFields;
};

export type MemberRules<I> = { readonly [K in keyof I]?: MemberRule<NonNullable<I[K]>> };

type Scalar = string | number | boolean | bigint | Date | Uint8Array;

/** Any single value, or list of them. */
export const anyValue: MemberRule<Scalar | readonly Scalar[]> = {
  check: (value, member, { operation }) => {
    for (const each of [value].flat())
      if (typeof each === 'object' && !(each instanceof Date) && !(each instanceof Uint8Array))
        throw notModelled(`a structure in ${member} of ${operation}`);
  },
};

/** Any object of names and texts. */
export const anyTexts: MemberRule<Readonly<Record<string, string>>> = { check: () => {} };

/** Members that a verb itself reads. */
export const anythingIn = <I>(members: readonly string[]): MemberRules<I> =>
  Object.fromEntries(
    members.map((member) => [member, { check: () => {}, keep: () => ({}) }]),
  ) as unknown as MemberRules<I>;

/** Accepts one value, or a list, of an enumeration of the SDK. */
export const enumOf = <V extends string>(values: Readonly<Record<string, V>>): MemberRule<V | readonly V[]> => ({
  check: (value, member, { invalid }) => {
    const known: readonly string[] = Object.values(values);
    for (const each of [value].flat() as readonly string[])
      if (!known.includes(each)) throw invalid(`Invalid value ${each} for ${member}: expected ${known.join(', ')}`);
  },
});

/** Lists all values that AWS accepts, if the SDK does not enumerate them: others are AWS's error. */
export const allowedValues = <V>(...values: readonly NoInfer<V>[]): MemberRule<V> => ({
  check: (value, member, { invalid }) => {
    if (!values.includes(value)) throw invalid(`Invalid value ${value} for ${member}: expected ${values.join(', ')}`);
  },
});

/** Lists the values that the sandbox models, of all that AWS has: others are NotModelled. */
export const modelledValues = <V>(...values: readonly NoInfer<V>[]): MemberRule<V> => ({
  check: (value, member, { operation }) => {
    if (!values.includes(value)) throw notModelled(`the value ${JSON.stringify(value)} of ${member} in ${operation}`);
  },
});

export const between = (min: number, max: number): MemberRule<number> => ({
  check: (value, member, { invalid }) => {
    if (!Number.isInteger(value) || value < min || value > max)
      throw invalid(`Invalid value ${value} for ${member}: must be from ${min} to ${max}`);
  },
});

export const matching = (pattern: RegExp): MemberRule<string> => ({
  check: (value, member, { invalid }) => {
    if (!pattern.test(value)) throw invalid(`Invalid value ${value} for ${member}`);
  },
});

/** A structure, of which the sandbox models these members. */
export const membersOf = <T extends object>(rules: MemberRules<T>): MemberRule<T> => ({
  check: (value, member, request) => checkMembers(value, rules, request, `${member}.`),
});

/** A list of structures, of which the sandbox models these members. */
export const listOf = <T extends object>(rules: MemberRules<T>): MemberRule<readonly T[]> => ({
  check: (values, member, request) => {
    for (const value of values) checkMembers(value, rules, request, `${member}[].`);
  },
});

/** Keeps the value under another name: the SDK shows it there. */
export const keptAs = <V>(name: string, { check }: MemberRule<V>): MemberRule<V> => ({
  check,
  keep: (value) => ({ [name]: value }),
});

/** Keeps what `keep` makes of the value. */
export const keptWith = <V>(keep: (value: V) => RecordFields, { check }: MemberRule<V>): MemberRule<V> => ({
  check,
  keep,
});

/** Concerns the request alone, not the record. */
export const notKept = <V>({ check }: MemberRule<V>): MemberRule<V> => ({ check, keep: () => ({}) });

/** @throws AwsError NotModelled naming a member without a rule */
export function checkMembers<I extends object>(
  input: I,
  rules: MemberRules<I>,
  request: RuledRequest,
  path = '',
): void {
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || value === null) continue;
    const rule = (rules as Readonly<Record<string, MemberRule<unknown>>>)[member];
    if (!rule) throw notModelled(`the member ${path}${member} of ${request.operation}`);
    rule.check(value, path + member, request);
  }
}

/** Returns the fields of a record that keep the values of a request. */
export function keptFields<I extends object>(input: I, rules: MemberRules<I>): RecordFields {
  const fields = Object.entries(input).flatMap(([member, value]) => {
    const rule = (rules as Readonly<Record<string, MemberRule<unknown>>>)[member];
    if (!rule || value === undefined || value === null) return [];
    return Object.entries(rule.keep ? rule.keep(value) : { [member]: value });
  });
  return Object.fromEntries(fields);
}
