/** Changes in the words of those who manage a resource by code: properties of CloudFormation, arguments of Terraform. */
import type { DeclaredChange } from '../../contract/remediation.ts';
import type { AttributeValue, AttributeValues, ResourceDeclaration } from './resource-type.ts';

/** Returns what the owner of a resource writes for these values, where there are words for all of them. */
export function declaredChange(
  { cloudFormation, terraform, attributes }: Pick<ResourceDeclaration, 'cloudFormation' | 'terraform' | 'attributes'>,
  values: AttributeValues,
): DeclaredChange {
  const each = (line: (name: string, value: AttributeValue) => string | null) => {
    const lines = Object.entries(values).map(([name, value]) => line(name, value));
    return lines.includes(null) ? undefined : lines.join(', ');
  };
  const properties = each((name, value) => {
    const property = propertyOf(attributes, name);
    return property && `${property}: ${JSON.stringify(value)}`;
  });
  const settings = each((name, value) => {
    const argument = attributes[name]!.terraform;
    return argument && `${argument} = ${JSON.stringify(value)}`;
  });
  return {
    cloudFormation: properties && `${properties} (${cloudFormation})`,
    terraform: settings && `${settings} (${terraform})`,
  };
}

/** Returns an attribute's property in CloudFormation; null if it has none. */
export const propertyOf = (attributes: ResourceDeclaration['attributes'], name: string): string | null => {
  const { cloudFormation = name } = attributes[name]!;
  return cloudFormation;
};
