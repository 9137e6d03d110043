/** A trail of the organization in a member account: it satisfies the controls, and only its owner may change it. */
import { describe, expect, it } from 'vitest';
import deliverToLogGroups from '../../../../functions/remediations/cloudtrail/deliver-to-log-groups/scenarios.ts';
import encryptLogFiles from '../../../../functions/remediations/cloudtrail/encrypt-log-files/scenarios.ts';
import logManagementEvents from '../../../../functions/remediations/cloudtrail/log-management-events/scenarios.ts';
import logObjectWrites from '../../../../functions/remediations/cloudtrail/log-object-writes/scenarios.ts';
import validateLogFiles from '../../../../functions/remediations/cloudtrail/validate-log-files/scenarios.ts';
import { FINDING_PLACE, PROOF_MANAGEMENT_ACCOUNT } from '../../../../lab/laws/places.ts';
import { openProofSandbox, type ProofSandbox } from '../../../../lab/laws/proof-sandbox.ts';

const MANAGEMENT = { ...FINDING_PLACE, account: PROOF_MANAGEMENT_ACCOUNT };
const IN_MANAGEMENT = /organization.*management account 999999999999/;

async function withProof<T>(scenarios: Parameters<typeof openProofSandbox>[0], work: (proof: ProofSandbox) => T) {
  const proof = await openProofSandbox(scenarios);
  try {
    return await work(proof);
  } finally {
    await proof.close();
  }
}

const asManagement = ({ sandbox: { kernel } }: ProofSandbox, service: string, operation: string, input: object) =>
  kernel.call<object, any>(kernel.administrator!(MANAGEMENT.account), MANAGEMENT, service, operation, input);

async function organizationTrail(proof: ProofSandbox, settings: object = {}): Promise<string> {
  const Bucket = 'organization-logs';
  const service = { Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } };
  const Statement = [
    { ...service, Action: 's3:GetBucketAcl', Resource: `arn:aws:s3:::${Bucket}` },
    { ...service, Action: 's3:PutObject', Resource: `arn:aws:s3:::${Bucket}/AWSLogs/*` },
  ];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await asManagement(proof, 's3', 'CreateBucket', { Bucket });
  await asManagement(proof, 's3', 'PutBucketPolicy', { Bucket, Policy });
  const trail = { Name: 'organization', S3BucketName: Bucket, IsOrganizationTrail: true, IsMultiRegionTrail: true };
  const { TrailARN } = await asManagement(proof, 'cloudtrail', 'CreateTrail', { ...trail, ...settings });
  return TrailARN;
}

describe("a finding about the organization's trail", () => {
  it.each([
    ['without validation is refused', validateLogFiles, 'it is set otherwise', {}, 'refused', IN_MANAGEMENT],
    [
      'with validation is compliant',
      validateLogFiles,
      'it is set otherwise',
      { EnableLogFileValidation: true },
      'compliant',
      /already/,
    ],
    ['without a key is refused', encryptLogFiles, 'policy names a key', {}, 'refused', IN_MANAGEMENT],
    [
      'without a log group is refused',
      deliverToLogGroups,
      'policy names a log group and a role',
      {},
      'refused',
      IN_MANAGEMENT,
    ],
  ])('%s', async (_, scenarios, name, settings, kind, because) =>
    withProof(scenarios, async (proof) => {
      const arranged = await proof.arrange(name);
      const Id = await organizationTrail(proof, settings);
      const world = proof.sandbox.snapshot();
      const run = proof.start({ ...arranged, resource: { ...arranged.resource, Id }, world });
      expect(await run.invoke('apply')).toEqual({ kind, because: expect.stringMatching(because) });
      expect(run.journal()).toEqual([]);
      const { Trail } = await asManagement(proof, 'cloudtrail', 'GetTrail', { Name: Id });
      expect(Trail.LogFileValidationEnabled).toBe('EnableLogFileValidation' in settings);
    }),
  );
});

describe('a finding about the account', () => {
  it.each([
    ['does not widen its own trail', logManagementEvents, 'its trail covers one Region', 'refused', IN_MANAGEMENT],
    [
      'creates no trail beside it',
      logManagementEvents,
      'it has no trail, and policy names a bucket',
      'refused',
      IN_MANAGEMENT,
    ],
    [
      'adds no data events to its own trail',
      logObjectWrites,
      'its trail logs write events of management alone',
      'refused',
      IN_MANAGEMENT,
    ],
    [
      'is compliant if its own trail logs everything',
      logManagementEvents,
      'its trail logs everything already',
      'compliant',
      /already/,
    ],
  ])('%s', async (_, scenarios, name, kind, because) =>
    withProof(scenarios, async (proof) => {
      const arranged = await proof.arrange(name);
      await organizationTrail(proof);
      const run = proof.start({ ...arranged, world: proof.sandbox.snapshot() });
      expect(await run.invoke('apply')).toEqual({ kind, because: expect.stringMatching(because) });
      expect(run.journal()).toEqual([]);
    }),
  );
});
