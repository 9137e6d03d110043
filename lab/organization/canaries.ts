/**
 * Canaries: texts that replace every secret and private value in AWS's answers. If code shows a value that nobody
 * should see, a canary shows up.
 */
import type { NormalizedSchema } from '@smithy/core/schema';
import type { AnswerRule, FaultableCall } from '../../sandbox/kernel/fault.ts';

/** Credentials may appear nowhere. Personal data may appear in the journal, which is encrypted. */
export const CANARIES = { credential: 'canary-credential-5f1d2c', personal: 'canary-personal-5f1d2c' } as const;
export type CanaryKind = keyof typeof CANARIES;

/** Members that the SDK does not mark as sensitive, but in which people keep credentials. */
const UNMARKED: ReadonlySet<string> = new Set(['UserData', 'Environment', 'environment', 'environmentVariables']);
/** S3 marks names of keys as sensitive. Nobody can use a key by its name alone. */
const NAMES_OF_KEYS: ReadonlySet<string> = new Set(['SSEKMSKeyId', 'KMSMasterKeyID', 'KeyId']);
/** Services whose sensitive members say who somebody is, and how to reach them. */
const PERSONAL: ReadonlySet<string> = new Set(['account']);

/** `present`: instead of the values of an answer. `everywhere`: in members that the answer lacks, too. */
export type CanaryPlaces = 'present' | 'everywhere';

/**
 * Returns a rule for `kernel.answers`. Values that the calls have written stay: the caller knows them, and reads them
 * again to verify the write.
 */
export function canaryAnswers(places: CanaryPlaces, concerns: (call: FaultableCall) => boolean): AnswerRule {
  const written = new Set<string>();
  return (call, output, schema) => {
    if (!concerns(call)) return output;
    if (!call.isRead) for (const text of textsIn(call.input)) written.add(text);
    const text = CANARIES[secretKind(call.service)];
    const plant = (value: unknown) => (typeof value === 'string' && written.has(value) ? value : text);
    return plantInto(schema, output, { plant, isEverywhere: places === 'everywhere', isSecret: false, depth: 0 });
  };
}

/** Returns whether an answer of this schema may have a secret. */
export function mayHaveSecrets(schema: NormalizedSchema): boolean {
  if (isSecret(schema)) return true;
  if (schema.isListSchema() || schema.isMapSchema()) return mayHaveSecrets(schema.getValueSchema());
  return schema.isStructSchema() && structureMayHaveSecrets(schema);
}

const BY_STRUCTURE = new WeakMap<object, boolean>();

function structureMayHaveSecrets(schema: NormalizedSchema): boolean {
  const structure = schema.getSchema() as object;
  const known = BY_STRUCTURE.get(structure);
  if (known !== undefined) return known;
  // Ends the recursion: a structure that contains itself has no more secrets because of that.
  BY_STRUCTURE.set(structure, false);
  const found = [...schema.structIterator()].some(([, member]) => mayHaveSecrets(member));
  BY_STRUCTURE.set(structure, found);
  return found;
}

function isSecret(schema: NormalizedSchema): boolean {
  const name = schema.isMemberSchema() ? schema.getMemberName() : '';
  if (NAMES_OF_KEYS.has(name)) return false;
  return Boolean(schema.getMergedTraits().sensitive) || UNMARKED.has(name);
}

/** Yields the texts of secret members in a value of this schema. */
export function* secretTexts(schema: NormalizedSchema, value: unknown): Generator<string> {
  if (value === undefined || value === null) return;
  if (isSecret(schema)) return yield* textsIn(value);
  if (!mayHaveSecrets(schema)) return;
  if (schema.isListSchema() || schema.isMapSchema())
    for (const each of Object.values(value)) yield* secretTexts(schema.getValueSchema(), each);
  if (schema.isStructSchema())
    for (const [name, member] of schema.structIterator()) yield* secretTexts(member, (value as Members)[name]);
}

/** Returns what a secret of a service is. */
export const secretKind = (service: string): CanaryKind => (PERSONAL.has(service) ? 'personal' : 'credential');

type Planting = {
  readonly plant: (value: unknown) => string;
  readonly isEverywhere: boolean;
  /** The value is a part of a secret. */
  readonly isSecret: boolean;
  readonly depth: number;
};

/** Structures may contain themselves. */
const MAX_DEPTH = 6;

function plantInto(schema: NormalizedSchema, value: unknown, outer: Planting): unknown {
  const planting = { ...outer, isSecret: outer.isSecret || isSecret(schema), depth: outer.depth + 1 };
  const isMissing = value === undefined || value === null;
  if (isMissing && !(planting.isEverywhere && planting.depth < MAX_DEPTH)) return value;
  if (!planting.isSecret && !mayHaveSecrets(schema)) return value;
  if (schema.isStructSchema()) return plantIntoStructure(schema, (value ?? {}) as Members, planting);
  if (schema.isStringSchema()) return planting.plant(value);
  if (schema.isBlobSchema()) return new TextEncoder().encode(planting.plant(value));
  if (isMissing) return value;
  if (schema.isListSchema())
    return (value as readonly unknown[]).map((each) => plantInto(schema.getValueSchema(), each, planting));
  if (!schema.isMapSchema()) return value;
  const entries = Object.entries(value as Members);
  return Object.fromEntries(entries.map(([name, each]) => [name, plantInto(schema.getValueSchema(), each, planting)]));
}

type Members = Readonly<Record<string, unknown>>;

function plantIntoStructure(schema: NormalizedSchema, value: Members, planting: Planting): Members {
  const members = [...schema.structIterator()].map(
    ([name, member]) => [name, plantInto(member, value[name], planting)] as const,
  );
  return { ...value, ...Object.fromEntries(members.filter(([, member]) => member !== undefined)) };
}

/** Returns the kinds of canaries in a value: in its texts, its bytes, and the names of its members. */
export function canariesIn(value: unknown): CanaryKind[] {
  const texts = [...textsIn(value)];
  const kinds = Object.keys(CANARIES) as CanaryKind[];
  return kinds.filter((kind) => texts.some((text) => text.includes(CANARIES[kind])));
}

/** Yields every text in a value, however deep. */
export function* textsIn(value: unknown, seen = new Set<unknown>()): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) return yield new TextDecoder().decode(value);
  if (value instanceof Error) yield* textsIn([value.name, value.message, value.cause], seen);
  if (value instanceof Map || value instanceof Set || Array.isArray(value))
    for (const each of value) yield* textsIn(each, seen);
  else yield* textsIn(Object.entries(value), seen);
}
