/** Members of the structures in the SDK's model. */
import type { NormalizedSchema } from '@smithy/core/schema';

export type Members = ReadonlyMap<string, NormalizedSchema>;

export const structureMembers = (structure: NormalizedSchema): Members => new Map(structure.structIterator());

export const memberNames = (members: Members, test: (schema: NormalizedSchema, name: string) => boolean): string[] =>
  [...members].flatMap(([name, schema]) => (test(schema, name) ? [name] : []));

/** Returns the name of the SDK's type of a structure, without its namespace. */
export const typeName = (structure: NormalizedSchema): string | undefined => structure.getName()?.replace(/^.*#/, '');

export const isTagsMember = (name: string): boolean => /^tags?(list)?$/i.test(name);
