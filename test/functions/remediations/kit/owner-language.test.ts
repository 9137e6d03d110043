import { globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { DeclaredChange } from '../../../../functions/contract/remediation.ts';
import { type Management, managedByStack, managersByTags } from '../../../../functions/domain/managed.ts';
import { leftToOwner, managedNote, withChange } from '../../../../functions/domain/managed-note.ts';
import { cloudFormationStack } from '../../../../functions/remediations/cloudformation/stack.ts';
import { ecrRepository } from '../../../../functions/remediations/ecr/repository.ts';
import {
  declaredChange,
  joinedChange,
  type OwnerWords,
  propertyOf,
} from '../../../../functions/remediations/kit/owner-language.ts';
import type { AttributeValue, ResourceDeclaration } from '../../../../functions/remediations/kit/resource-type.ts';
import { scenariosOf } from '../../../../functions/remediations/scenarios.generated.ts';
import { FINDING_PLACE } from '../../../../lab/laws/places.ts';
import { openProofSandbox } from '../../../../lab/laws/proof-sandbox.ts';
import { clientsOn } from '../../../../lab/organization/clients.ts';

const FOLDER = fileURLToPath(new URL('../../../../functions/remediations', import.meta.url));
const modules = await Promise.all(globSync('*/*.ts', { cwd: FOLDER }).map((file) => import(join(FOLDER, file))));
const WORDS: (ResourceDeclaration | OwnerWords)[] = modules
  .flatMap((module) => Object.values<any>(module))
  .filter((each) => each?.attributes !== undefined && each.cloudFormation !== undefined);
/** Terraform alone knows the others. */
const TYPES = WORDS.filter(({ cloudFormation }) => cloudFormation !== null) as (ResourceDeclaration & {
  cloudFormation: string;
})[];

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
        ['FATAL', 'WARN'].includes(severity) &&
        !/required property|Exactly one of .* must be specified|expected minimum item count/.test(message),
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

it.each(WORDS.filter(({ cloudFormation }) => cloudFormation === null))(
  '$terraform has valid names of arguments',
  (words) => {
    expect(words.terraform).toMatch(/^aws_[a-z0-9_]+$/);
    for (const { terraform } of Object.values<{ terraform: string | null }>(words.attributes))
      expect(terraform).toMatch(/^[a-z0-9_]+$/);
  },
);

/** Modules without a resource type of the kit, for resources that code can manage. */
const PLANS: readonly [control: string, cloudFormation: RegExp, terraform: RegExp][] = [
  [
    'CloudTrail.1',
    /EventSelectors: \[\{.*"ReadWriteType":"All".*\(AWS::CloudTrail::Trail\)$/,
    /event_selector = \[\{.*"read_write_type":"All"/,
  ],
  ['CloudTrail.3', /^IsLogging: true \(/, /^enable_logging = true \(aws_cloudtrail\)$/],
  [
    'S3.22',
    /"DataResources":\[\{"Type":"AWS::S3::Object","Values":\["arn:aws:s3"\]/,
    /"data_resource":\[\{"type":"AWS::S3::Object"/,
  ],
  ['S3.23', /^EventSelectors: /, /^event_selector = /],
  ['EC2.6', /^TrafficType: "REJECT", .*\(AWS::EC2::FlowLog\)$/, /^traffic_type = "REJECT", .*\(aws_flow_log\)$/],
  [
    'S3.8',
    /PublicAccessBlockConfiguration\.BlockPublicAcls: true/,
    /restrict_public_buckets = true \(aws_s3_bucket_public_access_block\)$/,
  ],
  ['S3.9', /^LoggingConfiguration\.DestinationBucketName: "/, /^target_bucket = "/],
  ['KMS.4', /^EnableKeyRotation: true, RotationPeriodInDays: 365 \(/, /^enable_key_rotation = true/],
];

it.each(PLANS)('the plan of %s names property and argument', async (control, cloudFormation, terraform) => {
  const scenarios = scenariosOf(control);
  const proof = await openProofSandbox(scenarios);
  const { remediation, scenarios: all } = scenarios;
  const [name, { params = {} }] = Object.entries(all).find(
    ([, { arrange, expected }]) => !arrange && expected === 'FIXED',
  )!;
  const { resource } = await proof.arrange(name);
  const clients = clientsOn(
    proof.sandbox.administrator(FINDING_PLACE.account, FINDING_PLACE.region),
    remediation.clients,
  );
  const target = remediation.target.parse(resource);
  const context = { ...clients, ...FINDING_PLACE, target, params: remediation.params.parse(params), control } as never;
  const state = await remediation.read(context);
  const declared = remediation.declared!(state, remediation.want(state, context), context);
  await proof.close();
  expect(declared.cloudFormation).toMatch(cloudFormation);
  expect(declared.terraform).toMatch(terraform);
});

describe('a change in the words of CloudFormation and Terraform', () => {
  const declared = declaredChange(ecrRepository, { ScanOnPush: true, ImageTagMutability: 'IMMUTABLE' });
  const STACK = managedByStack({ name: 'web', logicalId: 'Images' });
  const [TERRAFORM] = managersByTags({ ManagedBy: 'terraform' });
  const noteOn = (management: Management, change?: DeclaredChange) =>
    managedNote(withChange(management, change), change);

  it('names the property and its value', () => {
    expect(noteOn(STACK, declared)).toBe(
      '; managed by CloudFormation stack web (Images), from which this drifts: ' +
        'set ImageScanningConfiguration.ScanOnPush: true, ImageTagMutability: "IMMUTABLE" (AWS::ECR::Repository) ' +
        'there too, or its next deployment undoes this',
    );
  });
  it('names the argument of Terraform', () => {
    expect(noteOn(TERRAFORM!, declared)).toContain(
      'set image_scanning_configuration.scan_on_push = true, image_tag_mutability = "IMMUTABLE" (aws_ecr_repository)',
    );
  });
  it('says that there is no property or argument for it', () => {
    const change = declaredChange(cloudFormationStack, { EnableTerminationProtection: true });
    expect(noteOn(TERRAFORM!, change)).toBe('; managed by Terraform (tag ManagedBy), which has no argument for this');
    expect(noteOn(STACK, change)).toBe(
      '; managed by CloudFormation stack web (Images), which has no property for this',
    );
    expect(leftToOwner(withChange(STACK, change), change, 'protect it')).toBe(
      'managed by CloudFormation stack web (Images), which has no property for this; its owner changes it: protect it',
    );
  });
  it('has one line for each part, and none if a part is missing', () => {
    expect(declared.edits).toEqual({
      cloudFormation: [
        {
          type: 'AWS::ECR::Repository',
          set: [
            { name: 'ImageScanningConfiguration.ScanOnPush', value: true },
            { name: 'ImageTagMutability', value: 'IMMUTABLE' },
          ],
        },
      ],
      terraform: [
        {
          type: 'aws_ecr_repository',
          set: [
            { name: 'image_scanning_configuration.scan_on_push', value: true },
            { name: 'image_tag_mutability', value: 'IMMUTABLE' },
          ],
        },
      ],
    });
    const unnamed = declaredChange(cloudFormationStack, { EnableTerminationProtection: true });
    expect(unnamed.edits).toEqual({});
    expect(joinedChange(declared, declared).edits?.terraform).toHaveLength(2);
    expect(joinedChange(declared, unnamed)).toEqual({ cloudFormation: undefined, terraform: undefined, edits: {} });
  });
  it('is absent if no code manages the resource, and general if the remediation declares nothing', () => {
    expect(managedNote(undefined, declared)).toBe('');
    expect(noteOn(TERRAFORM!)).toContain('change it there too');
    expect(leftToOwner(TERRAFORM!, undefined, 'enable it')).toBe(
      'managed by Terraform (tag ManagedBy); its owner changes it there: enable it',
    );
  });
});
