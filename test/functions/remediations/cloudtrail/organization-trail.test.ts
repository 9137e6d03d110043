import { afterAll, beforeAll, expect, it } from 'vitest';
import scenarios from '../../../../functions/remediations/cloudtrail/validate-log-files/scenarios.ts';
import { FINDING_PLACE, PROOF_MANAGEMENT_ACCOUNT } from '../../../../lab/laws/places.ts';
import { openProofSandbox, type ProofSandbox } from '../../../../lab/laws/proof-sandbox.ts';

const MANAGEMENT = { ...FINDING_PLACE, account: PROOF_MANAGEMENT_ACCOUNT };

let proof: ProofSandbox;
beforeAll(async () => {
  proof = await openProofSandbox(scenarios);
});
afterAll(() => proof.close());

const asManagement = (service: string, operation: string, input: object) =>
  proof.sandbox.kernel.call<object, any>(
    proof.sandbox.kernel.administrator!(MANAGEMENT.account),
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

it.each([
  [
    'without validation is left to the management account',
    {},
    'refused',
    /organization.*management account 999999999999/,
  ],
  ['with validation is compliant', { EnableLogFileValidation: true }, 'compliant', /already/],
])('an organization trail %s when a member account sees it', async (_, settings, kind, because) => {
  const arranged = await proof.arrange('validation is off');
  const Id = await organizationTrail(settings);
  const world = proof.sandbox.snapshot();
  const run = proof.start({ ...arranged, resource: { ...arranged.resource, Id }, world });
  expect(await run.invoke('apply')).toEqual({ kind, because: expect.stringMatching(because) });
  expect(run.journal()).toEqual([]);
  const { Trail } = await asManagement('cloudtrail', 'GetTrail', { Name: Id });
  expect(Trail.LogFileValidationEnabled).toBe('EnableLogFileValidation' in settings);
});
