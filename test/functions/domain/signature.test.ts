/** The text that triage signs. A function of another release must not mistake it for a forgery. */
import { expect, it } from 'vitest';
import { type Job, type JobWork, REQUEST_VERSION } from '../../../functions/domain/job.ts';
import { permissionOf } from '../../../functions/domain/signature.ts';

const JOB = {
  execution: 'arn:execution',
  started: '2026-11-01T00:00:00Z',
  askedBy: 'ann',
  finding: {
    ...{ id: 'f', productArn: 'p', control: 'EC2.13', title: 't', severity: 'HIGH', generator: 'g' },
    ...{ account: '333333333333', ouPath: '/', unitIds: ['ou-1'], region: 'us-east-1', partition: 'aws' },
    ...{ resource: { Id: 'arn:resource', Type: 'AwsEc2SecurityGroup' }, updatedAt: 'u', hasOthersNote: true },
  },
} as const satisfies Partial<Job>;

/** With every member that the schema of a job's work has. */
const WORK: Required<JobWork> = {
  ...{
    remediation: 'ec2/x',
    version: 2,
    risk: 'disruptive',
    mode: 'rollback',
    force: true,
    undoApart: true,
    lookOnly: true,
  },
  undo: {
    account: 'a',
    region: 'r',
    target: 'arn',
    at: 'then',
    execution: 'other',
  } as unknown as Required<JobWork>['undo'],
  policy: {
    ...{ mode: 'auto', tags: { 'env=prod': 'approve' }, byRisk: true },
    managed: {
      actions: { cloudformation: 'notify', terraform: 'fix', other: 'refuse' },
      tags: { a: 'fix' },
      marks: {},
    },
  },
  ...{ approvalSeconds: 60, target: { groupId: 'sg-1' }, arnStem: 'arn:', params: { ports: [22] }, unmet: 'u' },
  ...{ lease: 'l', signature: 's' },
};

/** SHA-256 of the text, by the version of requests. A new version keeps the line of the last one. */
const SIGNED: Readonly<Record<number, string>> = {
  4: '4e03f4ef655d837654e1b7c8cc2af97de71401304a80bb839f5c03b79b64071c',
};

it('the signed text of triage changes only with REQUEST_VERSION', () => {
  const permission = Buffer.from(permissionOf(JOB, WORK)).toString('hex');
  expect(permission, 'Raise REQUEST_VERSION, so that older functions say that they are older.').toBe(
    SIGNED[REQUEST_VERSION],
  );
});
