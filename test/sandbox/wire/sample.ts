import type { NormalizedSchema } from '@smithy/core/schema';
import { requiredMembers } from '../../../sandbox/wire/model.ts';

export type Constraints = {
  /** Strings that a client accepts only in a certain form, by member name. */
  readonly fixed: Readonly<Record<string, string>>;
  readonly omitted: readonly string[];
};

export function sampler(seed: string, { fixed, omitted }: Constraints) {
  const random = randomFrom(seed);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const times = <T>(make: () => T): T[] => Array.from({ length: 1 + Math.floor(random() * 2) }, make);
  const text = (characters: readonly string[]) => `s${times(() => pick(characters) + pick(characters)).join('')}e`;

  return (schema: NormalizedSchema) => sample(schema, 0, ANYTHING);

  function sample(schema: NormalizedSchema, depth: number, characters: readonly string[]): any {
    const inner = () => sample(schema.getValueSchema(), depth + 1, characters);
    if (schema.isUnitSchema()) return {};
    if (schema.isUnionSchema()) return union(schema, depth);
    if (schema.isStructSchema()) return structure(schema, depth);
    if (schema.isListSchema()) return times(inner);
    if (schema.isMapSchema()) return Object.fromEntries(times(() => [text(LOWER_CASE), inner()]));
    if (schema.isDocumentSchema()) return { note: text(ANYTHING), numbers: [1, 2.5], nested: { yes: true } };
    if (schema.isTimestampSchema()) return new Date(Math.floor(random() * 2e9) * 1000);
    if (schema.isBlobSchema()) return Uint8Array.from(times(() => Math.floor(random() * 256)));
    if (schema.isBooleanSchema()) return random() < 0.5;
    if (schema.isNumericSchema()) return Math.floor(random() * 2 ** 31);
    return text(characters);
  }

  function union(schema: NormalizedSchema, depth: number): any {
    const [name, member] = pick([...schema.structIterator()]);
    return { [name]: ofMember(name, member, depth) };
  }

  function structure(schema: NormalizedSchema, depth: number): any {
    const members = [...schema.structIterator()].filter(([name]) => !omitted.includes(name));
    const isRequired = new Set(requiredMembers(schema));
    const chosen = members.filter(([name, member]) => {
      if (isRequired.has(name) || name in fixed || isRequiredByClients(member)) return true;
      return depth < 4 && random() < (depth === 0 ? 0.7 : 0.4);
    });
    const given = chosen.length > 0 ? chosen : members.slice(0, 1);
    return Object.fromEntries(given.map(([name, member]) => [name, ofMember(name, member, depth)]));
  }

  function ofMember(name: string, member: NormalizedSchema, depth: number): any {
    if (member.isStringSchema() && name in fixed) return fixed[name];
    const { httpHeader, httpPrefixHeaders, httpResponseCode } = member.getMergedTraits();
    if (httpResponseCode) return pick([200, 201, 202]);
    return sample(member, depth + 1, httpHeader || httpPrefixHeaders !== undefined ? PLAIN : ANYTHING);
  }
}

/** Clients require these members, or generate missing ones. */
function isRequiredByClients(member: NormalizedSchema): boolean {
  const { httpPayload, httpPrefixHeaders, httpResponseCode } = member.getMergedTraits();
  return Boolean(httpPayload || httpResponseCode || httpPrefixHeaders !== undefined || member.isIdempotencyToken());
}

const LOWER_CASE = [...'abcxyz019-'];
const PLAIN = [...'abcXYZ019-_'];
const ANYTHING = [
  ...PLAIN,
  ' ',
  '&',
  '<',
  '>',
  '"',
  "'",
  '+',
  '%',
  '/',
  '=',
  '?',
  '.',
  ',',
  'ü',
  '語',
  '🙂',
  '\\',
  '\n',
];

function randomFrom(seed: string): () => number {
  let state = [...seed].reduce((hash, character) => Math.imul(hash ^ character.charCodeAt(0), 16777619), 2166136261);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
