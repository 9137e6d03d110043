import { afterAll, beforeAll, expect, test } from 'vitest';
import cases from '../../../../functions/remediations/cloudtrail/validate-log-files/scenarios.ts';
import { HERE, type Lab, openLab } from '../../../../lab/laws/lab.ts';

const MANAGEMENT = { ...HERE, account: '999999999999' };

let lab: Lab;
beforeAll(async () => {
  lab = await openLab(cases);
});
afterAll(() => lab.close());

const asManagement = (service: string, operation: string, input: object) =>
  lab.sandbox.kernel.call<object, any>(
    lab.sandbox.kernel.administrator!(MANAGEMENT.account),
    MANAGEMENT,
    service,
    operation,
    input,
  );

async function organizationTrail(settings: object = {}): Promise<string> {
  const Bucket = 'organization-logs';
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
    { ...service, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/AWSLogs/*` },
  ];
  await asManagement('s3', 'CreateBucket', { Bucket });
  await asManagement('s3', 'PutBucketPolicy', { Bucket, Policy: JSON.stringify({ Version: '2012-10-17', Statement }) });
  const trail = { Name: 'organization', S3BucketName: Bucket, IsOrganizationTrail: true, IsMultiRegionTrail: true };
  const { TrailARN } = await asManagement('cloudtrail', 'CreateTrail', { ...trail, ...settings });
  return TrailARN;
}

test.each([
  [
    'without validation is left to the management account',
    {},
    'refused',
    /organization.*management account 999999999999/,
  ],
  ['with validation is as it should be', { EnableLogFileValidation: true }, 'compliant', /already/],
])('an organization trail %s, seen in a member', async (_, settings, kind, because) => {
  const arranged = await lab.arrange('validation is off');
  const Id = await organizationTrail(settings);
  const world = lab.sandbox.snapshot();
  const trial = lab.begin({ ...arranged, resource: { ...arranged.resource, Id }, world });
  expect(await trial.go('apply')).toEqual({ kind, because: expect.stringMatching(because) });
  expect(trial.journal()).toEqual([]);
  const { Trail } = await asManagement('cloudtrail', 'GetTrail', { Name: Id });
  expect(Trail.LogFileValidationEnabled).toBe('EnableLogFileValidation' in settings);
});
