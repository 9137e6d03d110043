import { PackedPolicyTooLargeException, type STSClient } from '@aws-sdk/client-sts';
import { expect, it } from 'vitest';
import { assumeMemberRole } from '../../../functions/aws/member-session.ts';
import { unavailableAdvice } from '../../../ip-ranges/function/access.ts';

const REQUEST = {
  remediation: 'ec2/close-admin-ports',
  place: { partition: 'aws', account: '333333333333', region: 'eu-west-1' },
  execution: 'arn:aws:states:eu-west-1:111111111111:execution:suture-remediate-finding:1',
  findingId: 'arn:aws:securityhub:eu-west-1:333333333333:finding/1',
  policy: { Version: '2012-10-17', Statement: [] },
} as const;

it('PackedPolicyTooLarge names the size of the session policy and what to do', async () => {
  const refusal = new PackedPolicyTooLargeException({
    message: 'Packed size of session tags consumes 115% of the allotted space.',
    $metadata: { httpStatusCode: 400 },
  });
  const sts = { send: () => Promise.reject(refusal) } as unknown as STSClient;
  await expect(assumeMemberRole(sts, 'suture/suture-member', 'external', REQUEST)).rejects.toMatchObject({
    name: 'PackedPolicyTooLarge',
    message: expect.stringMatching(/115%.*session policy of ec2\/close-admin-ports has 39 characters.*by hand/s),
  });
});

it("MemberRoleUnavailable names the execution roles' paths if a policy of the organization denies a session", async () => {
  const text =
    'User: arn:aws:sts::222222222222:assumed-role/x/y is not authorized to perform: sts:AssumeRole on resource: ' +
    'arn:aws:iam::333333333333:role/suture/suture-member with an explicit deny in a service control policy';
  const refusal = Object.assign(new Error(text), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  const sts = { send: () => Promise.reject(refusal) } as unknown as STSClient;
  const session = assumeMemberRole(sts, 'suture/suture-member', 'external', REQUEST);
  await expect(session).rejects.toMatchObject({
    name: 'MemberRoleUnavailable',
    message: expect.stringContaining('(paths /suture/remediation/ and /suture/rollback/)'),
  });
  await expect(session).rejects.toThrow(
    /let the StackSet of SutureOrgRollout reach 333333333333 \(npm run -s suture -- rollout, in a clone/,
  );
});

it("MemberRoleUnavailable of the address-range updater has the updater's own causes, and nothing to replay", async () => {
  const text =
    'User: arn:aws:sts::111111111111:assumed-role/suture-ip-ranges/x is not authorized to perform: sts:AssumeRole on ' +
    'resource: arn:aws:iam::333333333333:role/suture/suture-ip-ranges-member with an explicit deny in an identity-based policy';
  const refusal = Object.assign(new Error(text), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } });
  const sts = { send: () => Promise.reject(refusal) } as unknown as STSClient;
  const unavailable = unavailableAdvice('333333333333', { account: '111111111111' });
  const failure: Error = await assumeMemberRole(sts, 'suture/suture-ip-ranges-member', 'external', {
    ...REQUEST,
    unavailable,
  }).then(
    () => expect.fail(),
    (error) => error,
  );
  const lines = failure.message.split('\n');
  expect(lines[0]).toMatch(/identity-based policy\.$/);
  expect(lines.slice(2).map((line) => line.slice(0, 50))).toEqual(
    [
      '1. The role suture-ip-ranges-member of 333333333333',
      '2. A policy of the role suture-ip-ranges of the sec',
      '3. The trust policy of suture-ip-ranges-member in 3',
      '4. A service control policy on the security account',
      'Then: suture ip-ranges apply',
    ].map((line) => line.slice(0, 50)),
  );
  expect(failure.message).not.toMatch(/replay|remediation/);
});
