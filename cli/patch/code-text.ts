/** Edits as text that people paste into a template of CloudFormation or a configuration of Terraform. Pure. */
import * as YAML from 'yaml';
import type { PatchEdit } from '../../functions/domain/owner-patch.ts';

const WIDTH = 120;
/** Replaces a name that only the owner knows. */
const PLACEHOLDER_NAME = 'YourName';

/** @param logicalId of the finding's resource, by its tags */
export function cloudFormationText(edits: readonly PatchEdit[], logicalId: string | undefined): string {
  const resources = edits.map(({ type, beside, set }) => {
    const name = beside ? PLACEHOLDER_NAME : (logicalId ?? PLACEHOLDER_NAME);
    return YAML.stringify({ [name]: { Type: type, Properties: propertiesOf(set) } }, { lineWidth: WIDTH });
  });
  return resources.join('').trimEnd();
}

type Settings = PatchEdit['set'];
type Properties = { [name: string]: unknown };

/** Nests settings: `A.B` is a member of A, `A[key]` an element of a list of Key and Value. */
function propertiesOf(set: Settings): Properties {
  const properties: Properties = {};
  for (const { name, value } of set) {
    const listed = /^(\w+)\[(.+)\]$/.exec(name);
    if (listed) properties[listed[1]!] = [...listAt(properties, listed[1]!), { Key: listed[2], Value: String(value) }];
    else setAt(properties, name.split('.'), value);
  }
  return properties;
}

const listAt = (properties: Properties, name: string): readonly unknown[] => (properties[name] ?? []) as unknown[];

function setAt(properties: Properties, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) properties[first] = value;
  else {
    properties[first] ??= {};
    setAt(properties[first] as Properties, rest, value);
  }
}

export function terraformText(edits: readonly PatchEdit[]): string {
  const resources = edits.map(({ type, set }) => {
    const body = bodyText(propertiesOf(set), '  ');
    return [`resource "${type}" "${PLACEHOLDER_NAME}" {`, ...body, '}'].join('\n');
  });
  return resources.join('\n\n');
}

/** Writes an object as a block, and a list of objects as one block for each. */
function bodyText(body: Properties, indent: string): string[] {
  return Object.entries(body).flatMap(([name, value]) => {
    const blocks = (Array.isArray(value) ? value : [value]).filter(isObject);
    if (blocks.length === 0) return `${indent}${name} = ${literalText(value)}`;
    return blocks.flatMap((block) => [`${indent}${name} {`, ...bodyText(block, `${indent}  `), `${indent}}`]);
  });
}

const isObject = (value: unknown): value is Properties =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Escapes `${` and `%{`, which Terraform evaluates in a string. https://developer.hashicorp.com/terraform/language/expressions/strings */
const literalText = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[$%]\{/g, (begin) => `${begin[0]}${begin}`);
