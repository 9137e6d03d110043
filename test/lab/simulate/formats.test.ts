/** Sends every finding format of AWS through the deployed rules and the workflow. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { parseFindings } from '../../../cli/input/parse-findings.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import type { Trace } from '../../../lab/organization/trace.ts';
import { automaticPolicy } from '../../../lab/simulate/policy.ts';
import { simulate } from '../../../lab/simulate/run.ts';

const FOLDER = new URL('../../fixtures/findings/', import.meta.url);

type Expected = readonly [route: string, outcome: string | null, control: string | null, because: string | RegExp];
const fixed = (control: string, remediation: string): Expected => ['remediate', 'FIXED', control, remediation];

/** Ends by file, in order. `because` is the remediation, or matches the reason. */
const EXPECTED: Readonly<Record<string, readonly Expected[]>> = {
  consolidated: [fixed('EC2.13', 'ec2/close-admin-ports')],
  'consolidated-warning': [fixed('EC2.13', 'ec2/close-admin-ports')],
  fsbp: [fixed('EC2.7', 'ec2/encrypt-ebs-by-default')],
  'fsbp-cluster-snapshot': [fixed('RDS.1', 'rds/make-snapshots-private')],
  'fsbp-cluster-by-resource-id': [fixed('RDS.7', 'rds/protect-clusters')],
  'cis-1.2': [fixed('EC2.14', 'ec2/close-admin-ports')],
  'cis-1.2-unique-id': [fixed('IAM.3', 'iam/deactivate-old-access-keys')],
  'cis-1.2-without-details': [['reject', null, 'IAM.3', /Details are missing/]],
  'cis-1.4': [fixed('KMS.4', 'kms/rotate-keys')],
  'cis-3.0-account': [fixed('S3.1', 's3/block-account-public-access')],
  'cis-3.0-with-control': [fixed('EC2.13', 'ec2/close-admin-ports')],
  'cis-5.0-bucket': [fixed('S3.8', 's3/block-bucket-public-access')],
  pci: [fixed('EC2.13', 'ec2/close-admin-ports')],
  nist: [fixed('CloudTrail.4', 'cloudtrail/validate-log-files')],
  'control-tower': [fixed('EC2.7', 'ec2/encrypt-ebs-by-default')],
  'custom-action': [
    fixed('EC2.13', 'ec2/close-admin-ports'),
    ['ignore', null, 'EC2.13', /^Compliance.Status is PASSED$/],
    ['ignore', null, 'EC2.13', /^RecordState is ARCHIVED$/],
  ],
  array: [
    fixed('EC2.13', 'ec2/close-admin-ports'),
    fixed('EC2.14', 'ec2/close-admin-ports'),
    fixed('Lambda.1', 'lambda/close-function-policies'),
    ['ignore', null, 'CodeBuild.1', /^no remediation handles CodeBuild.1$/],
  ],
  notified: [['ignore', null, 'EC2.13', /^no rule lets this finding through: Workflow.Status is NOTIFIED$/]],
  unhandled: [
    ['ignore', null, 'CodeBuild.1', /^no rule lets this finding through: no remediation handles CodeBuild.1$/],
  ],
  guardduty: [['ignore', null, null, /no rule .*: comes from aws\/guardduty/]],
  inspector: [['ignore', null, null, /no rule .*: comes from aws\/inspector/]],
  ocsf: [['reject', null, null, /no rule .*: is in OCSF/]],
  'ocsf-prowler': [['ignore', null, 'ec2_securitygroup_open', /no rule .*: comes from Prowler, in OCSF/]],
  'own-import': [['reject', null, 'EC2.13', /no rule .*: ProductArn ".*" is not Security Hub's own/]],
  'names-disagree': [
    ['reject', null, 'EC2.13', /^SecurityControlId says EC2.13, GeneratorId "security-control\/EC2.7"/],
  ],
  'other-account': [['reject', null, 'EC2.13', /is of account 444444444444/]],
  'other-partition': [['reject', null, 'EC2.13', /^is of partition aws-cn, the organization of aws$/]],
  malformed: [['reject', null, null, /no rule .*: is not a finding in ASFF: .*AwsAccountId/]],
};

const TRACES = new Map<string, Trace[]>();

beforeAll(async () => {
  const byFile = Object.keys(EXPECTED).map(
    (name) => [name, parseFindings(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8'), name)] as const,
  );
  const all = await simulate(
    byFile.flatMap(([, entries]) => entries),
    { policy: automaticPolicy(REMEDIATIONS), asIs: false },
  );
  for (const [name, entries] of byFile) {
    const count = entries.reduce(
      (sum, entry) => sum + (entry.kind === 'event' ? entry.event.detail.findings.length : 1),
      0,
    );
    TRACES.set(name, all.splice(0, count));
  }
});

it('covers every file of the folder', () => {
  expect(
    readdirSync(FOLDER)
      .map((file) => file.replace('.json', ''))
      .sort(),
  ).toEqual(Object.keys(EXPECTED).sort());
});

it.each(Object.entries(EXPECTED))('%s', (name, expected) => {
  const found = TRACES.get(name)!;
  expect(found.map(({ route, outcome, control }) => [route, outcome, control])).toEqual(
    expected.map(([route, outcome, control]) => [route, outcome, control]),
  );
  for (const [n, [, , , because]] of expected.entries())
    if (typeof because === 'string') expect(found[n]!.remediation).toBe(because);
    else expect(found[n]!.reason).toMatch(because);
});

it('shows account and resource of a finding in OCSF', () => {
  expect(TRACES.get('ocsf-prowler')).toMatchObject([
    {
      account: 'a-project-elsewhere',
      region: 'eu-west-1',
      resource: 'arn:aws:ec2:eu-west-1:333333333333:security-group/sg-0a1b2c3d4e5f60718',
    },
  ]);
});
