import { describe, expect, it } from 'vitest';
import * as YAML from 'yaml';
import type { FindingReport } from '../../../cli/clients/finding-report.ts';
import { cloudFormationText, terraformText } from '../../../cli/patch/code-text.ts';
import { findingPatch, findingPatchText } from '../../../cli/patch/finding-patch.ts';
import type { Management } from '../../../functions/domain/managed.ts';
import type { OwnerPatch, PatchEdit } from '../../../functions/domain/owner-patch.ts';

const EDITS: Required<Pick<OwnerPatch, 'cloudFormation' | 'terraform'>> = {
  cloudFormation: [
    { type: 'AWS::ECR::Repository', set: [{ name: 'ImageScanningConfiguration.ScanOnPush', value: true }] },
  ],
  terraform: [
    { type: 'aws_ecr_repository', set: [{ name: 'image_scanning_configuration.scan_on_push', value: true }] },
  ],
};
const STACK: Management = { manager: 'cloudformation', name: 'CloudFormation stack web (Images)', logicalId: 'Images' };
const terraformBy = (tag: string): Management => ({ manager: 'terraform', name: `Terraform (tag ${tag})` });

function report(
  result: object | undefined,
  more: { readonly record?: object; readonly job?: object } = {},
): FindingReport {
  const job = {
    reason: 'policy says auto',
    finding: {
      control: 'ECR.1',
      title: 'Scan images',
      account: '333333333333',
      region: 'eu-west-1',
      partition: 'aws',
      resource: { Type: 'AwsEcrRepository', Id: 'arn:aws:ecr:eu-west-1:333333333333:repository/shop' },
    },
    work: { remediation: 'ecr/scan-images' },
    result,
    ...more.job,
  };
  return { findingId: 'f-1', record: { job, reason: 'recorded', ...more.record }, executions: [{ job }] } as never;
}
const planned = (patch?: OwnerPatch, managedBy?: Management) => ({
  ...{ kind: 'planned', before: 1, after: 2, summary: 'scans images' },
  ...{ patch, managedBy },
});
const textOf = (result: object | undefined, more = {}) =>
  findingPatchText(findingPatch(report(result, more)), new Map([['333333333333', 'shop']]));

describe('the patch of a finding', () => {
  it('is a template with the logical id, for a resource of a stack', () => {
    const text = textOf(planned(EDITS, STACK));
    expect(text).toContain('shop  AwsEcrRepository arn:aws:ecr:');
    expect(text).toContain('account 333333333333 (shop), eu-west-1');
    expect(text).toContain(
      [
        'CloudFormation stack web (Images) manages it. Set in the template:',
        '',
        '  Images:',
        '    Type: AWS::ECR::Repository',
        '    Properties:',
        '      ImageScanningConfiguration:',
        '        ScanOnPush: true',
      ].join('\n'),
    );
    expect(text).not.toContain('console');
    expect(text).not.toContain('aws_ecr_repository');
    expect(text).toContain('https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html#ecr-1');
  });

  it('is a configuration of Terraform where a tag names it', () => {
    const text = textOf(planned(EDITS, terraformBy('ManagedBy')));
    expect(text).toContain(
      [
        'Terraform (tag ManagedBy) manages it. Set in the configuration:',
        '',
        '  resource "aws_ecr_repository" "YourName" {',
        '    image_scanning_configuration {',
        '      scan_on_push = true',
        '    }',
        '  }',
      ].join('\n'),
    );
    expect(text).not.toContain('AWS::ECR::Repository');
  });

  it('names the console first where nobody manages the resource, then both languages', () => {
    const text = textOf(planned(EDITS));
    expect(text).toMatch(
      /No code is known to manage it. The change: scans images\nIn the console: https:\/\/eu-west-1\.console\.aws\.amazon\.com\/ecr\/home\?region=eu-west-1\n\nIf CloudFormation does manage it:\n\n {2}YourName:\n[\s\S]*If Terraform does/,
    );
  });

  it('invents no property, and says so', () => {
    expect(textOf(planned({ terraform: EDITS.terraform }, STACK))).toMatch(
      /CloudFormation stack web \(Images\) manages it, and Suture knows no property for the change: scans images\nIn the console: /,
    );
    expect(textOf(planned(undefined, terraformBy('iac')))).toContain('Suture knows no argument');
    expect(textOf(planned())).not.toMatch(/If .* does manage it/);
  });

  it('says why there is no plan', () => {
    expect(textOf({ kind: 'refused', because: 'an alarm uses it' })).toMatch(
      /Suture has no plan of the change: recorded\nIn the console: /,
    );
    const ignored = findingPatch(report(undefined, { job: { work: undefined } }));
    expect(ignored).toMatchObject({ because: 'recorded', console: undefined });
  });

  it('takes the newest execution with a change', () => {
    const { executions, ...rest } = report({ kind: 'compliant', because: 'is' });
    const older = report(planned(EDITS)).executions;
    expect(findingPatch({ ...rest, executions: [...older, ...executions] }).cloudFormation).toEqual(
      EDITS.cloudFormation,
    );
  });

  it('keeps escape sequences of members away from the terminal', () => {
    const stack = { ...STACK, name: 'CloudFormation stack web\u001b[31m\u202e' };
    const text = textOf(planned(EDITS, stack));
    expect(text).toContain('stack web');
    for (const hidden of ['\u001b[31m', '\u202e']) expect(text).not.toContain(hidden);
    expect(findingPatch(report(planned(EDITS, stack))).managedBy).toEqual(stack);
  });
});

describe('edits as text', () => {
  const of = (set: PatchEdit['set']): PatchEdit[] => [{ type: 'AWS::A::B', set }];

  it('have lists of keys, nested properties and values of every kind', () => {
    const text = cloudFormationText(
      of([
        { name: 'Attributes[a.b]', value: true },
        { name: 'Attributes[c]', value: 60 },
        { name: 'Deep.One', value: 'yes: {no}' },
        { name: 'Deep.Two', value: [{ Key: 1 }] },
      ]),
      'Thing',
    );
    expect(YAML.parse(text)).toEqual({
      Thing: {
        Type: 'AWS::A::B',
        Properties: {
          Attributes: [
            { Key: 'a.b', Value: 'true' },
            { Key: 'c', Value: '60' },
          ],
          Deep: { One: 'yes: {no}', Two: [{ Key: 1 }] },
        },
      },
    });
  });

  it('give a resource beside the finding’s no name of its', () => {
    expect(cloudFormationText([{ type: 'AWS::EC2::FlowLog', beside: true, set: [] }], 'Vpc')).toMatch(/^YourName:/);
  });

  it('repeat blocks of Terraform, and evaluate nothing', () => {
    const text = terraformText(
      of([
        { name: 'selector', value: [{ read: 'All', resource: [{ values: ['a', 'b'] }] }, { read: 'None' }] },
        { name: 'name', value: 'a ${b} %{c} "d"' },
      ]),
    );
    expect(text.split('\n')).toEqual([
      'resource "AWS::A::B" "YourName" {',
      '  selector {',
      '    read = "All"',
      '    resource {',
      '      values = ["a","b"]',
      '    }',
      '  }',
      '  selector {',
      '    read = "None"',
      '  }',
      '  name = "a $${b} %%{c} \\"d\\""',
      '}',
    ]);
  });
});
