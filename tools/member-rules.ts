/** The rules by which a record takes the members of a request, as source text. */
import type { NormalizedSchema } from '@smithy/core/schema';
import { type Members, memberNames, structureMembers, typeName } from './schema-members.ts';

export type RequestMembers = readonly (readonly [name: string, schema: NormalizedSchema])[];

/** Returns the option `takes`. `shown` are the members that the resource shows. */
export const takesText = (members: RequestMembers, shown: Members): string =>
  `takes: { ${members.flatMap(([name, schema]) => memberText(name, schema, shown) ?? []).join(', ')} }`;

/**
 * Returns the option `takes`, and `effect` if some members change a part of another one: `ConfigurationUpdates` changes
 * members of Configuration, and leaves the rest of it.
 */
export function changeTexts(members: RequestMembers, shown: Members): string[] {
  const partial = members.flatMap(([name]) => {
    const whole = memberChangedBy(name, shown);
    return whole ? [{ name, whole }] : [];
  });
  if (partial.length === 0) return [takesText(members, shown)];
  const names = partial.map(({ name }) => name).join(', ');
  const merged = partial.map(({ name, whole }) => `${whole}: { ...(record.${whole} as object), ...${name} }`);
  const effect = `effect: (given, record, { ${names} }) => ({ now: { ...given, ${merged.join(', ')} } })`;
  return [takesText(members, shown), effect];
}

/** Returns `Configuration` for `ConfigurationUpdates`, if the resource shows it. */
function memberChangedBy(name: string, shown: Members): string | undefined {
  const whole = name.replace(/Updates?$/, '');
  return whole !== name && shown.has(whole) ? whole : undefined;
}

/**
 * Returns a member with its rule. Leaves out members that the resource does not show: they would have no effect, so the
 * sandbox refuses them.
 */
function memberText(name: string, schema: NormalizedSchema, shown: Members): string | undefined {
  if (schema.getMergedTraits().idempotencyToken) return `${name}: notKept(anyValue)`;
  const isPartial = memberChangedBy(name, shown) !== undefined;
  const rule = shown.has(name) || isPartial ? valueRule(schema) : undefined;
  return rule && `${name}: ${isPartial ? `notKept(${rule})` : rule}`;
}

function valueRule(schema: NormalizedSchema): string | undefined {
  if (schema.isMapSchema()) return schema.getValueSchema().isStringSchema() ? 'anyTexts' : undefined;
  if (schema.isListSchema()) return listRule(schema.getValueSchema());
  return schema.isStructSchema() ? structureRule('membersOf', schema) : 'anyValue';
}

function listRule(element: NormalizedSchema): string | undefined {
  if (element.isStructSchema()) return structureRule('listOf', element);
  return element.isListSchema() ? undefined : 'anyValue';
}

/** Writes one level: people write the rules of structures inside the structure. */
function structureRule(rule: 'listOf' | 'membersOf', structure: NormalizedSchema): string {
  const isPlain = (schema: NormalizedSchema) =>
    !schema.isStructSchema() && !schema.isListSchema() && !schema.isMapSchema();
  const rules = memberNames(structureMembers(structure), isPlain).map((name) => `${name}: anyValue`);
  return `${rule}<sdk.${typeName(structure)}>({ ${rules.join(', ')} })`;
}
