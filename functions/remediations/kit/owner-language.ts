/** Changes in the words of those who manage a resource by code: properties of CloudFormation, arguments of Terraform. */
import type { DeclaredChange } from '../../contract/remediation.ts';
import type { AttributeValue, AttributeValues, ResourceDeclaration } from './resource-type.ts';

/** Returns what the owner of a resource writes for these values. */
export function declaredChange(
  { cloudFormation, terraform, attributes }: Pick<ResourceDeclaration, 'cloudFormation' | 'terraform' | 'attributes'>,
  values: AttributeValues,
): DeclaredChange {
  const each = (line: (name: string, value: AttributeValue) => string) =>
    Object.entries(values)
      .map(([name, value]) => line(name, value))
      .join(', ');
  return {
    cloudFormation: `${each((name, value) => `${propertyOf(attributes, name)}: ${JSON.stringify(value)}`)} (${cloudFormation})`,
    terraform: `${each((name, value) => `${attributes[name]!.terraform} = ${JSON.stringify(value)}`)} (${terraform})`,
  };
}

/** Returns an attribute's property in CloudFormation. */
export const propertyOf = (attributes: ResourceDeclaration['attributes'], name: string): string =>
  attributes[name]!.cloudFormation ?? name;
