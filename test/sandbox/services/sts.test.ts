import { beforeEach, expect, it } from 'vitest';
import { authorize } from '../../../sandbox/authorization/authorize.ts';
import type { Principal } from '../../../sandbox/kernel/kernel.ts';
import { issueCredentials, principalOfKey } from '../../../sandbox/services/sts/credentials.ts';
import {
  allow,
  callAs,
  decidingKernel,
  MEMBER,
  makeRole,
  OUTSIDE,
  placeOf,
  roleSession,
  SECURITY_MEMBER,
  trust,
} from '../support/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
let proxy: Principal;
const STS_ACTIONS = ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'];

beforeEach(async () => {
  kernel = decidingKernel();
  proxy = await roleSession(kernel, SECURITY_MEMBER, 'proxy', allow('sts:*'));
});

const assume = (RoleArn: string, more: object = {}, caller = proxy) =>
  callAs(kernel, caller, 'sts', 'AssumeRole', { RoleArn, RoleSessionName: 'fix', ...more });
const principalBehind = (answer: any) => principalOfKey(kernel, answer.Credentials.AccessKeyId).principal;
const target = (policy = trust({ AWS: SECURITY_MEMBER }, STS_ACTIONS)) =>
  makeRole(kernel, MEMBER, 'target', policy, allow('s3:*'));

it('a session has the name, the account and the policies of its role', async () => {
  const RoleArn = await target();
  const answer = await assume(RoleArn);
  const arn = `arn:aws:sts::${MEMBER}:assumed-role/target/fix`;
  expect(answer.AssumedRoleUser.Arn).toBe(arn);
  const session = principalBehind(answer);
  expect(await callAs(kernel, session, 'sts', 'GetCallerIdentity', {})).toMatchObject({ Account: MEMBER, Arn: arn });
  expect(authorize(kernel, session, placeOf(MEMBER), { action: 's3:ListAllMyBuckets', resource: '*' }).by).toEqual([
    'inline#0',
  ]);
});

it('a missing role gets the same denial as a role that does not trust the caller', async () => {
  const missing = `arn:aws:iam::${MEMBER}:role/target`;
  const refusal = `User: arn:aws:sts::${SECURITY_MEMBER}:assumed-role/proxy/run is not authorized to perform: sts:AssumeRole on resource: ${missing}`;
  await expect(assume(missing)).rejects.toMatchObject({ code: 'AccessDenied', message: refusal });
  await target(trust({ AWS: OUTSIDE }));
  await expect(assume(missing)).rejects.toMatchObject({ code: 'AccessDenied', message: refusal });
});

it('across accounts, the caller needs permission as well', async () => {
  const RoleArn = await target();
  const bystander = await roleSession(kernel, SECURITY_MEMBER, 'bystander', allow('s3:*'));
  await expect(assume(RoleArn, {}, bystander)).rejects.toThrow('not authorized to perform: sts:AssumeRole');
});

it('the external id must match the trust policy', async () => {
  const RoleArn = await target(
    trust({ AWS: SECURITY_MEMBER }, STS_ACTIONS, { StringEquals: { 'sts:ExternalId': 'suture' } }),
  );
  await expect(assume(RoleArn)).rejects.toThrow('sts:AssumeRole');
  await expect(assume(RoleArn, { ExternalId: 'other' })).rejects.toThrow('sts:AssumeRole');
  expect(await assume(RoleArn, { ExternalId: 'suture' })).toHaveProperty('Credentials');
});

it.each([
  ['sts:SetSourceIdentity', { SourceIdentity: 'suture-1' }],
  ['sts:TagSession', { Tags: [{ Key: 'finding', Value: 'f' }] }],
])('%s is authorized separately', async (action, more) => {
  const RoleArn = await target(trust({ AWS: SECURITY_MEMBER }));
  await expect(assume(RoleArn, more)).rejects.toThrow(`not authorized to perform: ${action} on resource: ${RoleArn}`);
});

it('a condition on a request tag applies to all three decisions', async () => {
  const condition = { StringEquals: { 'aws:RequestTag/team': 'blue', 'sts:SourceIdentity': 'suture-1' } };
  const RoleArn = await target(trust({ AWS: SECURITY_MEMBER }, STS_ACTIONS, condition));
  const Tags = [{ Key: 'team', Value: 'blue' }];
  await expect(assume(RoleArn, { Tags })).rejects.toThrow('sts:AssumeRole');
  const answer = await assume(RoleArn, { Tags, SourceIdentity: 'suture-1' });
  expect(principalBehind(answer)).toMatchObject({ sourceIdentity: 'suture-1', sessionTags: { team: 'blue' } });
  expect(kernel.decisions.slice(-3).map(({ action }) => action)).toEqual(STS_ACTIONS);
});

it('a session policy limits the role', async () => {
  const session = principalBehind(await assume(await target(), { Policy: JSON.stringify(allow('s3:GetObject')) }));
  const may = (action: string) => authorize(kernel, session, placeOf(MEMBER), { action, resource: 'arn:aws:s3:::b/k' });
  expect(may('s3:GetObject').decision).toBe('Allow');
  expect(() => may('s3:PutObject')).toThrow('because no session policy allows the s3:PutObject action');
});

it('role chaining passes on source identity and transitive tags', async () => {
  const first = principalBehind(
    await assume(await target(), {
      SourceIdentity: 'suture-1',
      Tags: [
        { Key: 'keep', Value: '1' },
        { Key: 'drop', Value: '2' },
      ],
      TransitiveTagKeys: ['KEEP'],
    }),
  );
  await kernel.as(
    'iam',
    'PutRolePolicy',
    { RoleName: 'target', PolicyName: 'chain', PolicyDocument: JSON.stringify(allow('sts:*')) },
    placeOf(MEMBER),
  );
  const next = await makeRole(kernel, MEMBER, 'next', trust({ AWS: MEMBER }, STS_ACTIONS));
  expect(principalBehind(await assume(next, {}, first))).toMatchObject({
    sourceIdentity: 'suture-1',
    sessionTags: { keep: '1' },
    transitiveTags: ['keep'],
  });
  await expect(assume(next, { SourceIdentity: 'other' }, first)).rejects.toMatchObject({ code: 'AccessDenied' });
  await expect(assume(next, { Tags: [{ Key: 'Keep', Value: '3' }] }, first)).rejects.toThrow('transitive');
});

it.each<[string, object, string, string]>([
  ['an invalid role ARN', { RoleArn: 'target' }, 'ValidationError', 'target is invalid'],
  ['a session name with a space', { RoleSessionName: 'a b' }, 'ValidationError', 'roleSessionName'],
  ['a session name of 65 characters', { RoleSessionName: 'a'.repeat(65) }, 'ValidationError', 'roleSessionName'],
  ['a source identity with a slash', { SourceIdentity: 'a/b' }, 'ValidationError', 'sourceIdentity'],
  ['a tag value with a star', { Tags: [{ Key: 'a', Value: '*' }] }, 'ValidationError', 'tags.member.value'],
  [
    'a repeated tag',
    {
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'A', Value: '2' },
      ],
    },
    'InvalidInput',
    'Duplicate tag keys',
  ],
  ['a transitive key without a tag', { TransitiveTagKeys: ['a'] }, 'ValidationError', 'transitive tag key'],
  ['a session policy of more than 2,048 characters', { Policy: `{${' '.repeat(2047)}}` }, 'ValidationError', 'policy'],
  ['a malformed session policy', { Policy: '{}' }, 'MalformedPolicyDocument', 'Statement'],
  [
    'a policy beyond the packed limit',
    { Policy: JSON.stringify(allow('s3:*', `arn:aws:s3:::${'a'.repeat(1800)}`)) },
    'PackedPolicyTooLarge',
    'Packed policy consumes 111% of allotted space, please use smaller policy.',
  ],
  [
    'tags beyond the packed limit',
    { Tags: ['a', 'b'].map((Key) => ({ Key, Value: 'x'.repeat(200) })) },
    'PackedPolicyTooLarge',
    'Packed size of session tags consumes 112% of allotted space.',
  ],
  ['a duration below 15 minutes', { DurationSeconds: 899 }, 'ValidationError', 'greater than or equal to 900'],
  ["a duration above the role's maximum", { DurationSeconds: 7200 }, 'ValidationError', 'MaxSessionDuration'],
])('refuses %s', async (_what, more, code, message) => {
  await target();
  const request = assume(`arn:aws:iam::${MEMBER}:role/target`, more);
  await expect(request).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
});

it("role chaining is limited to one hour, whatever the role's maximum", async () => {
  const RoleArn = await target();
  await kernel.as('iam', 'UpdateRole', { RoleName: 'target', MaxSessionDuration: 43_200 }, placeOf(MEMBER));
  await expect(assume(RoleArn, { DurationSeconds: 7200 })).rejects.toThrow(
    '1 hour session limit for roles assumed by role chaining',
  );
});

it("credentials expire by the sandbox's clock", async () => {
  const { accessKeyId, secretAccessKey } = issueCredentials(kernel, proxy, 900);
  expect(principalOfKey(kernel, accessKeyId)).toMatchObject({ principal: proxy, secretAccessKey });
  await kernel.clock.advance(900_000);
  expect(() => principalOfKey(kernel, accessKeyId)).toThrow(expect.objectContaining({ code: 'ExpiredToken' }));
  expect(() => principalOfKey(kernel, 'ASIANOBODY')).toThrow(expect.objectContaining({ code: 'InvalidClientTokenId' }));
});

it('a user signs with an active key, or with MFA credentials of GetSessionToken', async () => {
  const at = placeOf(MEMBER);
  await kernel.as('iam', 'CreateUser', { UserName: 'ana' }, at);
  const { AccessKey } = await kernel.as('iam', 'CreateAccessKey', { UserName: 'ana' }, at);
  const { principal } = principalOfKey(kernel, AccessKey.AccessKeyId);
  expect(principal).toMatchObject({ kind: 'user', account: MEMBER, user: 'ana' });

  const { VirtualMFADevice } = await kernel.as('iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' }, at);
  const { SerialNumber } = VirtualMFADevice;
  await expect(
    callAs(kernel, principal, 'sts', 'GetSessionToken', { SerialNumber, TokenCode: '123456' }),
  ).rejects.toThrow('MultiFactorAuthentication failed');
  const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };
  await kernel.as('iam', 'EnableMFADevice', { UserName: 'ana', SerialNumber, ...codes }, at);
  const answer = await callAs(kernel, principal, 'sts', 'GetSessionToken', { SerialNumber, TokenCode: '123456' });
  expect(principalBehind(answer)).toMatchObject({ user: 'ana', mfaAt: kernel.clock.now() });

  await kernel.as(
    'iam',
    'UpdateAccessKey',
    { UserName: 'ana', AccessKeyId: AccessKey.AccessKeyId, Status: 'Inactive' },
    at,
  );
  expect(() => principalOfKey(kernel, AccessKey.AccessKeyId)).toThrow(
    expect.objectContaining({ code: 'InvalidClientTokenId' }),
  );
});

it('a role that requires MFA accepts a code in the request or a recent MFA session', async () => {
  const at = placeOf(SECURITY_MEMBER);
  await kernel.as('iam', 'CreateUser', { UserName: 'ana' }, at);
  const everything = JSON.stringify(allow('sts:AssumeRole'));
  await kernel.as('iam', 'PutUserPolicy', { UserName: 'ana', PolicyName: 'all', PolicyDocument: everything }, at);
  const { VirtualMFADevice } = await kernel.as('iam', 'CreateVirtualMFADevice', { VirtualMFADeviceName: 'phone' }, at);
  const { SerialNumber } = VirtualMFADevice;
  const codes = { AuthenticationCode1: '123456', AuthenticationCode2: '654321' };
  await kernel.as('iam', 'EnableMFADevice', { UserName: 'ana', SerialNumber, ...codes }, at);
  const { AccessKey } = await kernel.as('iam', 'CreateAccessKey', { UserName: 'ana' }, at);
  const { principal: ana } = principalOfKey(kernel, AccessKey.AccessKeyId);
  const recent = {
    Bool: { 'aws:MultiFactorAuthPresent': 'true' },
    NumericLessThan: { 'aws:MultiFactorAuthAge': '3600' },
  };
  const RoleArn = await target(trust({ AWS: SECURITY_MEMBER }, 'sts:AssumeRole', recent));
  const mfa = { SerialNumber, TokenCode: '123456' };

  await expect(assume(RoleArn, {}, ana)).rejects.toThrow('not authorized to perform: sts:AssumeRole');
  await expect(assume(RoleArn, { ...mfa, TokenCode: 'wrong' }, ana)).rejects.toThrow(
    'MultiFactorAuthentication failed',
  );
  await expect(assume(RoleArn, { ...mfa, SerialNumber: 'none' }, ana)).rejects.toThrow(
    'MultiFactorAuthentication failed',
  );
  await expect(assume(RoleArn, mfa)).rejects.toThrow('MultiFactorAuthentication failed');
  const session = principalBehind(await assume(RoleArn, mfa, ana));
  expect(session).not.toHaveProperty('mfaAt');

  const withMfa = principalBehind(await callAs(kernel, ana, 'sts', 'GetSessionToken', mfa));
  await expect(assume(RoleArn, {}, withMfa)).resolves.toBeDefined();
  await kernel.clock.advance(3_600_000);
  await expect(assume(RoleArn, {}, withMfa)).rejects.toThrow('not authorized to perform: sts:AssumeRole');
});

it('a service can assume a role only for the source in the trust policy', async () => {
  const source = `arn:aws:events:us-east-1:${MEMBER}:rule/r`;
  const condition = { ArnEquals: { 'aws:SourceArn': source }, StringEquals: { 'aws:SourceAccount': MEMBER } };
  const RoleArn = await target(trust({ Service: 'events.amazonaws.com' }, 'sts:AssumeRole', condition));
  expect(kernel.assumeForService('events.amazonaws.com', RoleArn, 'delivery', source)).toMatchObject({ role: RoleArn });
  expect(() => kernel.assumeForService('events.amazonaws.com', RoleArn, 'delivery', `${source}2`)).toThrow(
    'sts:AssumeRole',
  );
  expect(() => kernel.assumeForService('lambda.amazonaws.com', RoleArn, 'delivery', source)).toThrow('sts:AssumeRole');
});
