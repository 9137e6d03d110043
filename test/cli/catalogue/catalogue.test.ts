import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { UncoveredControl } from '../../../cli/catalogue/benchmark-coverage.ts';
import { byControl, catalogueEntries } from '../../../cli/catalogue/catalogue.ts';
import { arn, defineRemediation } from '../../../functions/contract/remediation.ts';
import { defineScenarios } from '../../../functions/contract/scenario.ts';
import { cataloguePage } from '../../../tools/pages/catalogue-page.ts';
import { permissionsPage } from '../../../tools/pages/permissions-page.ts';

const target = arn('AwsEc2SecurityGroup', 'arn:{partition}:ec2:{region}:{account}:security-group/{groupId}');
const toy = defineRemediation({
  id: 'ec2/toy',
  title: 'A toy',
  handles: { controls: ['EC2.13', 'EC2.999'] },
  risk: 'destructive',
  target,
  params: z.strictObject({ days: z.int().default(90) }),
  state: z.strictObject({}),
  reads: [{ actions: ['ec2:DescribeTags'], resources: ['*'], because: 'lists | all' }],
  writes: [
    {
      actions: ['ec2:CreateTags'],
      resources: ['arn:{partition}:ec2:{region}:{account}:security-group/{groupId}'],
      because: 'tags',
    },
  ],
  clients: { ec2: EC2Client },
  irreversible: 'the value before is lost',
}).by({ read: async () => ({}), want: () => ({}), write: async () => {}, summary: () => '' });
const scenarios = defineScenarios(toy, {
  faulty: async () => ({ Type: 'AwsEc2SecurityGroup', Id: 'x' }),
  scenarios: {
    'there is no tag': { expected: 'FIXED', skips: [{ law: 'pages', because: 'a list of one' }] },
    'there is one': { control: 'EC2.999', expected: 'COMPLIANT' },
  },
});
const README =
  '# A toy\n\n## What it changes\n\nThe tag.\n\n## What it never touches\n\nRules.\n\n## When not to use it\n\nNever.\n\n## How to undo\n\nBy hand.\n';
const entries = catalogueEntries([toy], [scenarios], new Map([[toy.id, README]]));

describe('catalogueEntries', () => {
  it('returns an entry for each control', () => {
    expect(entries.map(({ control }) => control)).toEqual(['EC2.13', 'EC2.999']);
  });
  it('returns the facts of the control', () => {
    expect(entries[0]).toMatchObject({
      documentation: 'https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-13',
      cis: { '1.2': ['4.1'] },
      olderNames: expect.arrayContaining(['pci-dss/v/3.2.1/PCI.EC2.5']),
    });
    expect(entries[1]).toMatchObject({ cis: {}, olderNames: [] });
  });
  it("returns the remediation's facts and the sections of its readme", () => {
    expect(entries[0]).toMatchObject({
      remediation: 'ec2/toy',
      risk: 'destructive',
      changes: 'The tag.',
      neverTouches: 'Rules.',
      whenNot: 'Never.',
      undo: 'Cannot be undone: the value before is lost. By hand.',
      params: { days: 90 },
      scenarios: [
        { name: 'there is no tag', control: 'EC2.13', expected: 'FIXED' },
        { name: 'there is one', control: 'EC2.999', expected: 'COMPLIANT' },
      ],
      skips: [{ scenario: 'there is no tag', law: 'pages', because: 'a list of one' }],
    });
  });
  it('measures the longer session policy, for the longest name', () => {
    const resource = `arn:aws:ec2:us-east-1:111122223333:security-group/${'x'.repeat(64)}`;
    const Statement = [{ Effect: 'Allow', Action: 'ec2:CreateTags', Resource: resource }];
    expect(entries[0]!.sessionPolicy).toBe(JSON.stringify({ Version: '2012-10-17', Statement }).length);
  });
});

it('byControl compares the service, then the number', () => {
  const sorted = ['S3.1', 'EC2.13', 'EC2.2', 'CloudTrail.4'].map((control) => ({ control })).toSorted(byControl);
  expect(sorted.map(({ control }) => control)).toEqual(['CloudTrail.4', 'EC2.2', 'EC2.13', 'S3.1']);
});

describe('the generated pages', () => {
  it('show risk, undo, parameters, skipped laws with their reasons, and CIS numbers', () => {
    const page = cataloguePage(entries, []);
    for (const fact of [
      '| destructive |  |  |  | 4.1 |',
      '**Undo.** Cannot be undone: the value before is lost. By hand.',
      '`{"days":90}`',
      '- pages, when there is no tag: a list of one',
      '- EC2.999, there is one: COMPLIANT',
      '`pci-dss/v/3.2.1/PCI.EC2.5`',
    ])
      expect(page).toContain(fact);
  });
  it('show for each version how many controls are covered, and one reason for each that is not', () => {
    const uncovered: UncoveredControl = {
      control: 'S3.20',
      documentation: 'https://example.com/s3-20',
      numbers: ['2.1.2'],
      kind: 'person',
      because: 'the root user holds the device',
    };
    const page = cataloguePage(entries, [
      { version: '5.0', controls: 3, covered: 2, uncovered: [uncovered] },
      { version: '1.4', controls: 7, covered: 6, uncovered: [{ ...uncovered, numbers: ['2.1.3'] }] },
    ]);
    for (const fact of [
      '- 2 of 3 controls of CIS 5.0\n- 6 of 7 controls of CIS 1.4\n',
      '| [S3.20](https://example.com/s3-20) | 2.1.2 |  | 2.1.3 |  | person | the root user holds the device |',
    ])
      expect(page).toContain(fact);
  });
  it('show every action with its reason, on one line of a table', () => {
    const page = permissionsPage([toy]);
    expect(page).toContain('| `ec2:DescribeTags` | read | `*` | `ec2/toy` | lists \\| all |');
    expect(page).toContain(
      '| `ec2:CreateTags` | write | `arn:{partition}:ec2:{region}:{account}:security-group/{groupId}` |',
    );
  });
});
