import { beforeEach, expect, test } from 'vitest';
import type { At } from '../../../sandbox/kernel/kernel.ts';
import { type IamState, iam } from '../../../sandbox/services/iam/index.ts';
import {
  allow,
  callAs,
  decidingKernel,
  makeRole,
  member,
  placeOf,
  roleSession,
  security,
  trust,
} from '../authorization/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
const at = placeOf(member);
beforeEach(() => {
  kernel = decidingKernel();
});

const ask = (operation: string, input: object = {}) => kernel.as('iam', operation, input, at);
const lambdaTrust = trust({ Service: 'lambda.amazonaws.com' });
const role = (RoleName: string, more: object = {}) =>
  ask('CreateRole', { RoleName, AssumeRolePolicyDocument: lambdaTrust, ...more });
const managed = async (PolicyName: string, document: object = allow('s3:*')) =>
  (await ask('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify(document) })).Policy.Arn as string;
/** A policy of so many characters. */
const long = (size: number) => {
  const empty = JSON.stringify(allow('s3:*', 'arn:aws:s3:::'));
  return JSON.stringify(allow('s3:*', `arn:aws:s3:::${'a'.repeat(size - empty.length)}`));
};

test('a role reads as it was made', async () => {
  await role('worker', { Path: '/suture/', Tags: [{ Key: 'team', Value: 'blue' }] });
  const { Role } = await ask('GetRole', { RoleName: 'worker' });
  expect(Role).toMatchObject({
    Arn: `arn:aws:iam::${member}:role/suture/worker`,
    CreateDate: new Date('2026-01-01T00:00:00Z'),
    MaxSessionDuration: 3600,
    Tags: [{ Key: 'team', Value: 'blue' }],
  });
  expect(decodeURIComponent(Role.AssumeRolePolicyDocument)).toBe(lambdaTrust);
  await expect(role('worker')).rejects.toMatchObject({ code: 'EntityAlreadyExists' });
  await expect(ask('GetRole', { RoleName: 'none' })).rejects.toMatchObject({
    code: 'NoSuchEntity',
    message: 'The role with name none cannot be found.',
  });
});

test('a trust policy cannot name a role that does not exist', async () => {
  const AssumeRolePolicyDocument = trust({ AWS: `arn:aws:iam::${security}:role/proxy` });
  await expect(role('target', { AssumeRolePolicyDocument })).rejects.toMatchObject({
    code: 'MalformedPolicyDocument',
    message: `Invalid principal in policy: "AWS":"arn:aws:iam::${security}:role/proxy"`,
  });
});

test('a trusted role that was made again is trusted no more, and reads as its id', async () => {
  const proxy = await makeRole(kernel, security, 'proxy', lambdaTrust);
  const AssumeRolePolicyDocument = trust({ AWS: proxy });
  await role('target', { AssumeRolePolicyDocument });
  const shown = async () =>
    decodeURIComponent((await ask('GetRole', { RoleName: 'target' })).Role.AssumeRolePolicyDocument);
  expect(await shown()).toBe(AssumeRolePolicyDocument);
  await kernel.as('iam', 'DeleteRole', { RoleName: 'proxy' }, placeOf(security));
  await makeRole(kernel, security, 'proxy', lambdaTrust);
  expect(await shown()).toMatch(/"AWS":"AROA[0-9A-F]+"/);
});

test('a role with policies cannot be deleted', async () => {
  await role('worker');
  const policy = { RoleName: 'worker', PolicyName: 'p' };
  await ask('PutRolePolicy', { ...policy, PolicyDocument: JSON.stringify(allow('s3:*')) });
  await expect(ask('DeleteRole', { RoleName: 'worker' })).rejects.toMatchObject({ code: 'DeleteConflict' });
  await ask('DeleteRolePolicy', policy);
  await ask('DeleteRole', { RoleName: 'worker' });
  expect((await ask('ListRoles')).Roles).toEqual([]);
});

test('lists come in pages', async () => {
  for (const name of ['a', 'b', 'c']) await role(name);
  const first = await ask('ListRoles', { MaxItems: 2 });
  expect(first.IsTruncated).toBe(true);
  const second = await ask('ListRoles', { MaxItems: 2, Marker: first.Marker });
  expect([...first.Roles, ...second.Roles].map(({ RoleName }) => RoleName)).toEqual(['a', 'b', 'c']);
  expect(second.IsTruncated).toBe(false);
});

test.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
  [
    'a managed policy has 6,144 characters at most',
    () => ask('CreatePolicy', { PolicyName: 'p', PolicyDocument: long(6144) }),
    () => ask('CreatePolicy', { PolicyName: 'q', PolicyDocument: long(6145) }),
  ],
  [
    'inline policies of a role have 10,240 together',
    () => ask('PutRolePolicy', { RoleName: 'worker', PolicyName: 'p', PolicyDocument: long(10_000) }),
    () => ask('PutRolePolicy', { RoleName: 'worker', PolicyName: 'q', PolicyDocument: long(241) }),
  ],
  [
    'a trust policy has 2,048 at most',
    () => role('a', { AssumeRolePolicyDocument: trust({ Service: 's'.repeat(1920) }) }),
    () => role('b', { AssumeRolePolicyDocument: trust({ Service: 's'.repeat(2000) }) }),
  ],
])('%s', async (_rule, within, beyond) => {
  await role('worker');
  await within();
  await expect(beyond()).rejects.toMatchObject({ code: 'LimitExceeded' });
});

test('white space does not count', async () => {
  const PolicyDocument = JSON.stringify(JSON.parse(long(6144)), undefined, 8);
  expect(await ask('CreatePolicy', { PolicyName: 'p', PolicyDocument })).toHaveProperty('Policy');
});

test('the quota of trust policies can be raised', async () => {
  kernel.state(iam, at).quotas.trustPolicySize = 4096;
  expect(await role('a', { AssumeRolePolicyDocument: trust({ Service: 's'.repeat(2000) }) })).toHaveProperty('Role');
});

test('the default version of a managed policy is in force', async () => {
  const PolicyArn = await managed('p', allow('s3:*'));
  const session = await roleSession(kernel, member, 'worker');
  await ask('AttachRolePolicy', { RoleName: 'worker', PolicyArn });
  const list = () => callAs(kernel, session, 'iam', 'ListUsers', {});
  await expect(list()).rejects.toThrow('no identity-based policy');
  const PolicyDocument = JSON.stringify(allow('iam:*'));
  await ask('CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
  expect(await list()).toMatchObject({ Users: [] });
  await ask('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' });
  await expect(list()).rejects.toThrow('no identity-based policy');
  await expect(ask('DeletePolicyVersion', { PolicyArn, VersionId: 'v1' })).rejects.toMatchObject({
    code: 'DeleteConflict',
  });
  await expect(ask('DeletePolicy', { PolicyArn })).rejects.toMatchObject({ code: 'DeleteConflict' });
  expect(await ask('ListEntitiesForPolicy', { PolicyArn })).toMatchObject({ PolicyRoles: [{ RoleName: 'worker' }] });
});

test('an AWS managed policy that the sandbox does not know is an error', async () => {
  await role('worker');
  const attach = (name: string) =>
    ask('AttachRolePolicy', { RoleName: 'worker', PolicyArn: `arn:aws:iam::aws:policy/${name}` });
  await attach('service-role/AWSLambdaBasicExecutionRole');
  await expect(attach('PowerUserAccess')).rejects.toMatchObject({ code: 'NoSuchEntity' });
});

test('a role has ten managed policies at most', async () => {
  await role('worker');
  for (let index = 0; index < 10; index++)
    await ask('AttachRolePolicy', { RoleName: 'worker', PolicyArn: await managed(`p${index}`) });
  await expect(
    ask('AttachRolePolicy', { RoleName: 'worker', PolicyArn: await managed('one-more') }),
  ).rejects.toMatchObject({ code: 'LimitExceeded' });
});

test('a permissions boundary limits the role, and is a condition on changing it', async () => {
  const boundary = await managed('boundary', allow('s3:*'));
  const session = await roleSession(kernel, member, 'bounded', allow('iam:*'));
  await ask('PutRolePermissionsBoundary', { RoleName: 'bounded', PermissionsBoundary: boundary });
  await expect(callAs(kernel, session, 'iam', 'ListRoles', {})).rejects.toThrow(
    'because no permissions boundary allows the iam:ListRoles action',
  );

  const condition = { StringEquals: { 'iam:PermissionsBoundary': boundary } };
  const admin = await roleSession(kernel, member, 'admin', {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*', Condition: condition }],
  });
  const create = (more: object) =>
    callAs(kernel, admin, 'iam', 'CreateRole', { RoleName: 'new', AssumeRolePolicyDocument: lambdaTrust, ...more });
  await expect(create({})).rejects.toThrow(`iam:CreateRole on resource: arn:aws:iam::${member}:role/new`);
  expect((await create({ PermissionsBoundary: boundary })).Role.PermissionsBoundary).toEqual({
    PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
    PermissionsBoundaryArn: boundary,
  });
});

test('access keys grow old, are switched off and deleted', async () => {
  await ask('CreateUser', { UserName: 'ana' });
  const { AccessKey } = await ask('CreateAccessKey', { UserName: 'ana' });
  expect(AccessKey).toMatchObject({ Status: 'Active', CreateDate: new Date('2026-01-01T00:00:00Z') });
  await ask('CreateAccessKey', { UserName: 'ana' });
  await expect(ask('CreateAccessKey', { UserName: 'ana' })).rejects.toMatchObject({ code: 'LimitExceeded' });
  const { AccessKeyId } = AccessKey;
  await ask('UpdateAccessKey', { UserName: 'ana', AccessKeyId, Status: 'Inactive' });
  const { AccessKeyMetadata } = await ask('ListAccessKeys', { UserName: 'ana' });
  expect(AccessKeyMetadata.map(({ Status }: any) => Status)).toEqual(['Inactive', 'Active']);
  expect(await ask('GetAccessKeyLastUsed', { AccessKeyId })).toMatchObject({
    UserName: 'ana',
    AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
  });
  await expect(ask('DeleteUser', { UserName: 'ana' })).rejects.toThrow('must delete access keys first');
  await ask('DeleteAccessKey', { UserName: 'ana', AccessKeyId });
  await expect(ask('UpdateAccessKey', { UserName: 'ana', AccessKeyId, Status: 'Active' })).rejects.toMatchObject({
    code: 'NoSuchEntity',
  });
});

test('a password policy that was never set is not there, and one that is set has defaults', async () => {
  await expect(ask('GetAccountPasswordPolicy')).rejects.toMatchObject({ code: 'NoSuchEntity' });
  await ask('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 14, MaxPasswordAge: 90 });
  expect((await ask('GetAccountPasswordPolicy')).PasswordPolicy).toEqual({
    MinimumPasswordLength: 14,
    RequireSymbols: false,
    RequireNumbers: false,
    RequireUppercaseCharacters: false,
    RequireLowercaseCharacters: false,
    AllowUsersToChangePassword: false,
    ExpirePasswords: true,
    MaxPasswordAge: 90,
  });
  await ask('UpdateAccountPasswordPolicy', { RequireSymbols: true });
  const { PasswordPolicy } = await ask('GetAccountPasswordPolicy');
  expect(PasswordPolicy).toMatchObject({ MinimumPasswordLength: 6, RequireSymbols: true, ExpirePasswords: false });
  await expect(ask('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 5 })).rejects.toMatchObject({
    code: 'ValidationError',
  });
  await ask('DeleteAccountPasswordPolicy');
  await expect(ask('GetAccountPasswordPolicy')).rejects.toMatchObject({ code: 'NoSuchEntity' });
});

test('the credential report tells who has a password and keys', async () => {
  await expect(ask('GetCredentialReport')).rejects.toMatchObject({ code: 'ReportNotPresent' });
  await ask('CreateUser', { UserName: 'ana' });
  await ask('CreateLoginProfile', { UserName: 'ana', Password: 'x' });
  await ask('CreateAccessKey', { UserName: 'ana' });
  expect(await ask('GenerateCredentialReport')).toMatchObject({ State: 'STARTED' });
  expect(await ask('GenerateCredentialReport')).toMatchObject({ State: 'COMPLETE' });
  const { Content } = await ask('GetCredentialReport');
  const [header, ana] = new TextDecoder()
    .decode(Content)
    .split('\n')
    .map((line) => line.split(','));
  const column = (name: string) => ana![header!.indexOf(name)];
  expect(column('user')).toBe('ana');
  expect(column('password_enabled')).toBe('true');
  expect(column('access_key_1_active')).toBe('true');
  expect(column('access_key_1_last_rotated')).toBe('2026-01-01T00:00:00+00:00');
  expect(column('access_key_2_active')).toBe('false');
});

test('a template makes roles with their policies, changes and removes them', async () => {
  const here: At<IamState> = {
    ...at,
    kernel,
    principal: kernel.administrator!(member),
    requestId: 'r',
    state: kernel.state(iam, at),
  };
  const resource = { logicalId: 'Worker', stack: 'service' };
  const roles = iam.resources!['AWS::IAM::Role']!;
  const properties = (action: string) => ({
    AssumeRolePolicyDocument: JSON.parse(lambdaTrust),
    Policies: [{ PolicyName: 'inline', PolicyDocument: allow(action) }],
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
  });
  const made = await roles.create(properties('s3:*'), here, resource);
  expect(made.ref).toMatch(/^service-Worker-/);
  const policies = iam.resources!['AWS::IAM::Policy']!;
  const attached = await policies.create(
    { PolicyName: 'DefaultPolicy', PolicyDocument: allow('sqs:*'), Roles: [made.ref] },
    here,
    resource,
  );
  await roles.update!(made, properties('sns:*'), here, resource);
  const { PolicyNames } = await ask('ListRolePolicies', { RoleName: made.ref });
  expect(PolicyNames).toEqual(['DefaultPolicy', 'inline']);
  const { PolicyDocument } = await ask('GetRolePolicy', { RoleName: made.ref, PolicyName: 'inline' });
  expect(JSON.parse(decodeURIComponent(PolicyDocument))).toEqual(allow('sns:*'));
  await policies.remove!(attached, here, resource);
  await roles.remove!(made, here, resource);
  expect((await ask('ListRoles')).Roles).toEqual([]);
  expect(() => roles.create({ ...properties('s3:*'), Trust: 'all' }, here, resource)).toThrow(
    /Worker \(AWS::IAM::Role\).*Trust/,
  );
});
