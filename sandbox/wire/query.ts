/**
 * Parses inputs of the query protocols, `Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1`, into the SDK's types.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, …/aws-ec2-query-protocol.html
 */
import type { FromStringShapeDeserializer } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import { memoize } from './memoize.ts';
import type { ParsedRequest } from './request.ts';

type Field = { value?: string; readonly children: Map<string, Field> };

/** Reads an input from a form. `ec2` is EC2's dialect, which flattens every list and has its own member names. */
export function readQuery(
  schema: NormalizedSchema,
  form: NonNullable<ParsedRequest['form']>,
  ec2: boolean,
  strings: FromStringShapeDeserializer,
): any {
  if (schema.isUnitSchema()) return {};
  return readStructure(schema, fieldsOf(form));

  function readStructure(schema: NormalizedSchema, field: Field): any {
    const members = membersByKey[ec2 ? 'ec2' : 'query'](schema.getSchema() as object);
    const structure: Record<string, unknown> = {};
    for (const [key, child] of field.children) {
      const member = members.get(key);
      if (member) structure[member.name] = read(member.schema, child);
    }
    return structure;
  }

  function read(schema: NormalizedSchema, field: Field): any {
    if (schema.isStructSchema()) return readStructure(schema, field);
    if (schema.isListSchema()) return readList(schema, field);
    if (schema.isMapSchema()) return readMap(schema, field);
    return strings.read(schema as any, field.value ?? '');
  }

  function readList(schema: NormalizedSchema, field: Field): any[] {
    const item = schema.getValueSchema();
    const flat = ec2 || schema.getMergedTraits().xmlFlattened;
    const items = flat ? field : field.children.get(item.getMergedTraits().xmlName ?? 'member');
    return inOrder(items).map((child) => read(item, child));
  }

  function readMap(schema: NormalizedSchema, field: Field): Record<string, unknown> {
    const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
    const value = schema.getValueSchema();
    const valueName = value.getMergedTraits().xmlName ?? 'value';
    const entries = schema.getMergedTraits().xmlFlattened ? field : field.children.get('entry');
    return Object.fromEntries(
      inOrder(entries).map((entry) => [
        entry.children.get(keyName)?.value ?? '',
        read(value, entry.children.get(valueName) ?? { children: new Map() }),
      ]),
    );
  }
}

function fieldsOf(form: NonNullable<ParsedRequest['form']>): Field {
  const root: Field = { children: new Map() };
  for (const [name, [value]] of form) {
    let field = root;
    for (const part of name.split('.')) {
      const child: Field = field.children.get(part) ?? { children: new Map() };
      field.children.set(part, child);
      field = child;
    }
    field.value = value;
  }
  return root;
}

const inOrder = (list: Field | undefined): Field[] =>
  [...(list?.children ?? [])].sort(([a], [b]) => Number(a) - Number(b)).map(([, field]) => field);

const membersOf = (ec2: boolean) =>
  memoize((shape: object) => {
    const members = [...NormalizedSchema.of(shape as any).structIterator()];
    return new Map(members.map(([name, schema]) => [keyOf(name, schema, ec2), { name, schema }]));
  });
const membersByKey = { query: membersOf(false), ec2: membersOf(true) };

function keyOf(name: string, member: NormalizedSchema, ec2: boolean): string {
  const { xmlName: named, ec2QueryName } = member.getMergedTraits();
  const xmlName: string = typeof named === 'string' ? named : name;
  if (!ec2) return xmlName;
  return (ec2QueryName as string | undefined) ?? xmlName.charAt(0).toUpperCase() + xmlName.slice(1);
}
