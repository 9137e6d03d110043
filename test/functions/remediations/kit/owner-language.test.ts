import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownerNote } from '../../../../functions/domain/owner.ts';
import { cloudFormationStack } from '../../../../functions/remediations/cloudformation/stack.ts';
import { ecrRepository } from '../../../../functions/remediations/ecr/repository.ts';
import { declaredChange, propertyOf } from '../../../../functions/remediations/kit/owner-language.ts';
import type { AttributeValue, ResourceDeclaration } from '../../../../functions/remediations/kit/resource-type.ts';

const FOLDER = fileURLToPath(new URL('../../../../functions/remediations', import.meta.url));
const modules = await Promise.all(globSync('*/*.ts', { cwd: FOLDER }).map((file) => import(join(FOLDER, file))));
const TYPES: ResourceDeclaration[] = modules
  .flatMap((module) => Object.values<any>(module))
  .filter((each) => each?.attributes !== undefined && each.cloudFormation !== undefined);

/** The validator that the CDK brings, with the schemas of CloudFormation. */
const require = createRequire(createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'));
const { SchemaValidator, TemplateContent } = require('@aws/cloudformation-validate');
const validator = new SchemaValidator();

/** Unknown types pass, so a misspelt property must fail. */
function faultsOf(Type: string, path: string, value: AttributeValue): string[] {
  const Resources = { R: { Type, Properties: propertiesAt(path, value) } };
  const found: { message: string; severity: string }[] = validator.validate(
    new TemplateContent(JSON.stringify({ Resources })),
  );
  return found
    .filter(
      ({ severity, message }) =>
        ['FATAL', 'WARN'].includes(severity) && !/required property|Exactly one of .* must be specified/.test(message),
    )
    .map(({ message }) => message);
}

function propertiesAt(path: string, value: AttributeValue): object {
  const listed = /^(\w+)\[(.+)\]$/.exec(path);
  if (listed) return { [listed[1]!]: [{ Key: listed[2], Value: String(value) }] };
  const [first, ...rest] = path.split('.');
  return { [first!]: rest.length > 0 ? propertiesAt(rest.join('.'), value) : value };
}

/** Returns a value of each attribute that differs from its default, where its type shows one. */
function samplesOf({ default: usual, type }: { default: AttributeValue; type: any }): AttributeValue[] {
  const samples = typeof usual === 'boolean' ? [!usual, usual] : [...(type.options ?? []), usual];
  return samples.filter((sample) => sample !== null);
}

describe.each(TYPES.map((type) => [type.cloudFormation, type] as const))('%s', (cloudFormation, type) => {
  it('is a type that CloudFormation has, and an argument of Terraform', () => {
    expect(faultsOf(cloudFormation, 'NoSuchProperty', true)).toEqual([expect.stringContaining('NoSuchProperty')]);
    expect(type.terraform).toMatch(/^aws_[a-z0-9_]+$/);
  });

  it.each(Object.keys(type.attributes))('%s has a property that takes its values', (name) => {
    const attribute = type.attributes[name]!;
    const property = propertyOf(type.attributes, name);
    if (property === null) expect(faultsOf(cloudFormation, name, true)).toEqual([expect.stringContaining(name)]);
    else
      for (const value of samplesOf(attribute))
        expect(faultsOf(cloudFormation, property, value), String(value)).toEqual([]);
    expect(attribute.terraform ?? 'none').toMatch(/^[a-z0-9_]+(\.[a-z0-9_]+)*$/);
  });
});

describe('a change in the language of its owner', () => {
  const declared = declaredChange(ecrRepository, { ScanOnPush: true, ImageTagMutability: 'IMMUTABLE' });

  it('names the property and its value', () => {
    expect(ownerNote({ 'aws:cloudformation:stack-name': 'web' }, declared)).toBe(
      '; managed by CloudFormation stack web: set ImageScanningConfiguration.ScanOnPush: true, ' +
        'ImageTagMutability: "IMMUTABLE" (AWS::ECR::Repository) there too, or its next deployment undoes this',
    );
  });
  it('names the argument of Terraform', () => {
    expect(ownerNote({ ManagedBy: 'terraform' }, declared)).toContain(
      'set image_scanning_configuration.scan_on_push = true, image_tag_mutability = "IMMUTABLE" (aws_ecr_repository)',
    );
  });
  it('says that there is no property or argument for it', () => {
    const change = declaredChange(cloudFormationStack, { EnableTerminationProtection: true });
    expect(ownerNote({ ManagedBy: 'terraform' }, change)).toBe(
      '; managed by Terraform (tag ManagedBy), which has no argument for this',
    );
    expect(ownerNote({ 'aws:cloudformation:stack-name': 'web' }, change)).toBe(
      '; managed by CloudFormation stack web, which has no property for this',
    );
  });
  it('is not told where nobody manages the resource, nor invented where a remediation does not say it', () => {
    expect(ownerNote({}, declared)).toBe('');
    expect(ownerNote({ ManagedBy: 'terraform' })).toContain('change it there too');
  });
});
