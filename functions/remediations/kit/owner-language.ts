/** Changes in the words of those who manage a resource by code: properties of CloudFormation, arguments of Terraform. */
import { isEqual } from '../../contract/is-equal.ts';
import type { DeclaredChange, DeclaredEdit } from '../../contract/remediation.ts';

/** An attribute in both languages. The attributes of resource types have this form. */
type OwnerWord = {
  /** null: CloudFormation has no property. Default: the attribute's own name. */
  readonly cloudFormation?: string | null;
  /** null: Terraform has no argument. */
  readonly terraform: string | null;
  /** Arguments inside of it that are not the property in snake case, such as `data_resource` of DataResources. */
  readonly terraformKeys?: Readonly<Record<string, string>>;
};

/** A resource in both languages: a resource type of the kit has it, and modules of their own declare it. */
export type OwnerWords = {
  /** null: CloudFormation has no such type. */
  readonly cloudFormation: string | null;
  /** null: Terraform has no such resource. */
  readonly terraform: string | null;
  readonly attributes: Readonly<Record<string, OwnerWord>>;
  /** The owner writes it as a resource of its own beside the finding's, such as the flow log of a VPC. */
  readonly beside?: true;
};

type DeclaredValues = Readonly<Record<string, unknown>>;

/** Returns these values as the owner of a resource writes them, in each language that has words for all of them. */
export function declaredChange(
  { cloudFormation, terraform, attributes, beside }: OwnerWords,
  values: DeclaredValues,
): DeclaredChange {
  const properties = editOf(cloudFormation, values, (name, value) => {
    return { name: propertyOf(attributes, name), value };
  });
  const settings = editOf(terraform, values, (name, value) => {
    const { terraform: argument, terraformKeys = {} } = attributes[name]!;
    return { name: argument, value: inSnakeCase(value, terraformKeys) };
  });
  return {
    cloudFormation: properties && editText(properties, ': '),
    terraform: settings && editText(settings, ' = '),
    edits: {
      ...(properties && { cloudFormation: [{ ...properties, beside }] }),
      ...(settings && { terraform: [{ ...settings, beside }] }),
    },
  };
}

type Setting = { readonly name: string | null; readonly value: unknown };

/** Returns undefined if there is nothing to set, or no name for a part of it. */
function editOf(
  type: string | null,
  values: DeclaredValues,
  settingOf: (name: string, value: unknown) => Setting,
): DeclaredEdit | undefined {
  const set = Object.entries(values).map(([name, value]) => settingOf(name, value));
  const isNamed = (setting: Setting): setting is DeclaredEdit['set'][number] => setting.name !== null;
  return type !== null && set.length > 0 && set.every(isNamed) ? { type, set } : undefined;
}

const editText = ({ type, set }: DeclaredEdit, separator: string): string =>
  `${set.map(({ name, value }) => `${name}${separator}${JSON.stringify(value)}`).join(', ')} (${type})`;

/** Returns several changes as one. It has no edits in a language in which one of them has none. */
export function joinedChange(...changes: readonly DeclaredChange[]): DeclaredChange {
  const textOf = (language: 'cloudFormation' | 'terraform') => {
    const texts = changes.map((change) => change[language]);
    return texts.includes(undefined) ? undefined : texts.join('; ');
  };
  const editsOf = (language: 'cloudFormation' | 'terraform') => {
    const edits = changes.map((change) => change.edits?.[language]);
    return edits.includes(undefined) ? {} : { [language]: edits.flatMap((each) => each ?? []) };
  };
  return {
    cloudFormation: textOf('cloudFormation'),
    terraform: textOf('terraform'),
    edits: { ...editsOf('cloudFormation'), ...editsOf('terraform') },
  };
}

/** Returns those of the wanted values that differ, for `declaredChange`. */
export const differingValues = (from: DeclaredValues, to: DeclaredValues): DeclaredValues =>
  Object.fromEntries(Object.entries(to).filter(([name, value]) => !isEqual(from[name], value)));

function inSnakeCase(value: unknown, keys: Readonly<Record<string, string>>): unknown {
  if (Array.isArray(value)) return value.map((each) => inSnakeCase(each, keys));
  if (typeof value !== 'object' || value === null) return value;
  const snake = (key: string) => keys[key] ?? key.replace(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase();
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [snake(key), inSnakeCase(each, keys)]));
}

/** Returns an attribute's property in CloudFormation; null if it has none. */
export const propertyOf = (attributes: OwnerWords['attributes'], name: string): string | null => {
  const { cloudFormation = name } = attributes[name]!;
  return cloudFormation;
};
