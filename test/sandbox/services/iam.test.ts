import { beforeEach, expect, it } from 'vitest';
import { awsManagedPolicyArns } from '../../../sandbox/authorization/aws-managed.ts';
import type { At } from '../../../sandbox/kernel/kernel.ts';
import { iam } from '../../../sandbox/services/iam/index.ts';
import { IAM, type IamState } from '../../../sandbox/services/iam/state.ts';
import {
  allow,
  callAs,
  decidingKernel,
  MEMBER,
  makeRole,
  placeOf,
  roleSession,
  SECURITY_MEMBER,
  trust,
} from '../support/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
const at = placeOf(MEMBER);
beforeEach(() => {
  kernel = decidingKernel();
});

const call = (operation: string, input: object = {}) => kernel.as('iam', operation, input, at);
const lambdaTrust = trust({ Service: 'lambda.amazonaws.com' });
const role = (RoleName: string, more: object = {}) =>
  call('CreateRole', { RoleName, AssumeRolePolicyDocument: lambdaTrust, ...more });
const managed = async (PolicyName: string, document: object = allow('s3:*')) =>
  (await call('CreatePolicy', { PolicyName, PolicyDocument: JSON.stringify(document) })).Policy.Arn as string;
const policyOfSize = (size: number) => {
  const empty = JSON.stringify(allow('s3:*', 'arn:aws:s3:::'));
  return JSON.stringify(allow('s3:*', `arn:aws:s3:::${'a'.repeat(size - empty.length)}`));
};

it('returns a role as it was created', async () => {
  await role('worker', { Path: '/suture/', Tags: [{ Key: 'team', Value: 'blue' }] });
  const { Role } = await call('GetRole', { RoleName: 'worker' });
  expect(Role).toMatchObject({
    Arn: `arn:aws:iam::${MEMBER}:role/suture/worker`,
    CreateDate: new Date('2026-01-01T00:00:00Z'),
    MaxSessionDuration: 3600,
    Tags: [{ Key: 'team', Value: 'blue' }],
  });
  expect(decodeURIComponent(Role.AssumeRolePolicyDocument)).toBe(lambdaTrust);
  await expect(role('worker')).rejects.toMatchObject({ code: 'EntityAlreadyExists' });
  await expect(call('GetRole', { RoleName: 'none' })).rejects.toMatchObject({
    code: 'NoSuchEntity',
    message: 'The role with name none cannot be found.',
  });
});

it('rejects a trust policy that names a role which does not exist', async () => {
  const AssumeRolePolicyDocument = trust({ AWS: `arn:aws:iam::${SECURITY_MEMBER}:role/proxy` });
  await expect(role('target', { AssumeRolePolicyDocument })).rejects.toMatchObject({
    code: 'MalformedPolicyDocument',
    message: `Invalid principal in policy: "AWS":"arn:aws:iam::${SECURITY_MEMBER}:role/proxy"`,
  });
});

it('returns a unique id in place of a trusted role that was deleted and created again', async () => {
  const proxy = await makeRole(kernel, SECURITY_MEMBER, 'proxy', lambdaTrust);
  const AssumeRolePolicyDocument = trust({ AWS: proxy });
  await role('target', { AssumeRolePolicyDocument });
  const trustPolicy = async () =>
    decodeURIComponent((await call('GetRole', { RoleName: 'target' })).Role.AssumeRolePolicyDocument);
  expect(await trustPolicy()).toBe(AssumeRolePolicyDocument);
  await kernel.as('iam', 'DeleteRole', { RoleName: 'proxy' }, placeOf(SECURITY_MEMBER));
  await makeRole(kernel, SECURITY_MEMBER, 'proxy', lambdaTrust);
  expect(await trustPolicy()).toMatch(/"AWS":"AROA[0-9A-F]+"/);
});

it('does not delete a role with policies', async () => {
  await role('worker');
  const policy = { RoleName: 'worker', PolicyName: 'p' };
  await call('PutRolePolicy', { ...policy, PolicyDocument: JSON.stringify(allow('s3:*')) });
  await expect(call('DeleteRole', { RoleName: 'worker' })).rejects.toMatchObject({ code: 'DeleteConflict' });
  await call('DeleteRolePolicy', policy);
  await call('DeleteRole', { RoleName: 'worker' });
  expect((await call('ListRoles')).Roles).toEqual([]);
});

it('returns lists in pages', async () => {
  for (const name of ['a', 'b', 'c']) await role(name);
  const first = await call('ListRoles', { MaxItems: 2 });
  expect(first.IsTruncated).toBe(true);
  const second = await call('ListRoles', { MaxItems: 2, Marker: first.Marker });
  expect([...first.Roles, ...second.Roles].map(({ RoleName }) => RoleName)).toEqual(['a', 'b', 'c']);
  expect(second.IsTruncated).toBe(false);
});

it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
  [
    'a managed policy to 6,144 characters',
    () => call('CreatePolicy', { PolicyName: 'p', PolicyDocument: policyOfSize(6144) }),
    () => call('CreatePolicy', { PolicyName: 'q', PolicyDocument: policyOfSize(6145) }),
  ],
  [
    'the inline policies of a role to 10,240 characters together',
    () => call('PutRolePolicy', { RoleName: 'worker', PolicyName: 'p', PolicyDocument: policyOfSize(10_000) }),
    () => call('PutRolePolicy', { RoleName: 'worker', PolicyName: 'q', PolicyDocument: policyOfSize(241) }),
  ],
  [
    'a trust policy to 2,048 characters',
    () => role('a', { AssumeRolePolicyDocument: trust({ Service: 's'.repeat(1920) }) }),
    () => role('b', { AssumeRolePolicyDocument: trust({ Service: 's'.repeat(2000) }) }),
  ],
])('limits %s', async (_quota, within, beyond) => {
  await role('worker');
  await within();
  await expect(beyond()).rejects.toMatchObject({ code: 'LimitExceeded' });
});

it('does not count white space in policies', async () => {
  const PolicyDocument = JSON.stringify(JSON.parse(policyOfSize(6144)), undefined, 8);
  expect(await call('CreatePolicy', { PolicyName: 'p', PolicyDocument })).toHaveProperty('Policy');
});

it('allows a raised quota of trust policies', async () => {
  kernel.state(IAM, at).quotas.trustPolicySize = 4096;
  expect(await role('a', { AssumeRolePolicyDocument: trust({ Service: 's'.repeat(2000) }) })).toHaveProperty('Role');
});

it('applies the default version of a managed policy', async () => {
  const PolicyArn = await managed('p', allow('s3:*'));
  const session = await roleSession(kernel, MEMBER, 'worker');
  await call('AttachRolePolicy', { RoleName: 'worker', PolicyArn });
  const list = () => callAs(kernel, session, 'iam', 'ListUsers', {});
  await expect(list()).rejects.toThrow('no identity-based policy');
  const PolicyDocument = JSON.stringify(allow('iam:*'));
  await call('CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
  expect(await list()).toMatchObject({ Users: [] });
  await call('SetDefaultPolicyVersion', { PolicyArn, VersionId: 'v1' });
  await expect(list()).rejects.toThrow('no identity-based policy');
  await expect(call('DeletePolicyVersion', { PolicyArn, VersionId: 'v1' })).rejects.toMatchObject({
    code: 'DeleteConflict',
  });
  await expect(call('DeletePolicy', { PolicyArn })).rejects.toMatchObject({ code: 'DeleteConflict' });
  expect(await call('ListEntitiesForPolicy', { PolicyArn })).toMatchObject({ PolicyRoles: [{ RoleName: 'worker' }] });
});

it('tells an AWS managed policy that it does not model from one that AWS does not have', async () => {
  await role('worker');
  const arn = (name: string) => `arn:aws:iam::aws:policy/${name}`;
  const attach = (name: string) => call('AttachRolePolicy', { RoleName: 'worker', PolicyArn: arn(name) });
  await attach('service-role/AWSLambdaBasicExecutionRole');
  await expect(attach('PowerUserAccess')).rejects.toMatchObject({ code: 'NotModelled' });
  await expect(attach('job-function/Billing')).rejects.toMatchObject({ code: 'NotModelled' });
  const missing = { code: 'NoSuchEntity' };
  await expect(attach('AWSLambdaBasicExecutionRole')).rejects.toMatchObject(missing);
  await expect(attach('PowerUsersAccess')).rejects.toMatchObject(missing);
  await expect(call('GetPolicy', { PolicyArn: arn('PowerUsersAccess') })).rejects.toMatchObject(missing);
});

it("lists AWS's managed policies page by page, with the ids and dates of every other answer", async () => {
  await managed('own');
  const pages: any[] = [];
  do pages.push(await call('ListPolicies', { MaxItems: 1000, Marker: pages.at(-1)?.Marker }));
  while (pages.at(-1).IsTruncated);
  const listed: any[] = pages.flatMap(({ Policies }) => Policies);
  expect([pages.length, listed[0].PolicyName]).toEqual([2, 'own']);
  expect(listed.slice(1).map(({ Arn }) => Arn)).toEqual(awsManagedPolicyArns('aws'));
  expect(new Set(listed.map(({ PolicyId }) => PolicyId)).size).toBe(listed.length);
  expect(listed.every(({ PolicyId }) => /^ANPA[A-Z0-9]{17}$/.test(PolicyId))).toBe(true);
  const unknown = listed.find(({ PolicyName }) => PolicyName === 'PowerUserAccess');
  expect(unknown).toMatchObject({ DefaultVersionId: 'v1', AttachmentCount: 0, Path: '/' });
  const named = { PolicyArn: unknown.Arn };
  expect((await call('GetPolicy', named)).Policy).toEqual(unknown);
  expect((await call('ListPolicyVersions', named)).Versions).toEqual([
    { VersionId: 'v1', IsDefaultVersion: true, CreateDate: unknown.CreateDate },
  ]);
  await expect(call('GetPolicyVersion', { ...named, VersionId: 'v1' })).rejects.toMatchObject({
    code: 'NotModelled',
    message: expect.stringContaining('PowerUserAccess'),
  });
  await expect(call('DeletePolicy', named)).rejects.toMatchObject({ code: 'AccessDenied' });
  expect((await call('ListPolicies', { Scope: 'AWS', PathPrefix: '/job-function/' })).Policies).toContainEqual(
    expect.objectContaining({ Arn: 'arn:aws:iam::aws:policy/job-function/Billing' }),
  );
});

it('limits a role to ten managed policies', async () => {
  await role('worker');
  for (let index = 0; index < 10; index++)
    await call('AttachRolePolicy', { RoleName: 'worker', PolicyArn: await managed(`p${index}`) });
  await expect(
    call('AttachRolePolicy', { RoleName: 'worker', PolicyArn: await managed('one-more') }),
  ).rejects.toMatchObject({ code: 'LimitExceeded' });
});

it('applies permissions boundaries, and their condition key', async () => {
  const boundary = await managed('boundary', allow('s3:*'));
  const session = await roleSession(kernel, MEMBER, 'bounded', allow('iam:*'));
  await call('PutRolePermissionsBoundary', { RoleName: 'bounded', PermissionsBoundary: boundary });
  await expect(callAs(kernel, session, 'iam', 'ListRoles', {})).rejects.toThrow(
    'because no permissions boundary allows the iam:ListRoles action',
  );

  const condition = { StringEquals: { 'iam:PermissionsBoundary': boundary } };
  const admin = await roleSession(kernel, MEMBER, 'admin', {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'iam:*', Resource: '*', Condition: condition }],
  });
  const create = (more: object) =>
    callAs(kernel, admin, 'iam', 'CreateRole', { RoleName: 'new', AssumeRolePolicyDocument: lambdaTrust, ...more });
  await expect(create({})).rejects.toThrow(`iam:CreateRole on resource: arn:aws:iam::${MEMBER}:role/new`);
  expect((await create({ PermissionsBoundary: boundary })).Role.PermissionsBoundary).toEqual({
    PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
    PermissionsBoundaryArn: boundary,
  });
});

it('creates, deactivates and deletes access keys', async () => {
  await call('CreateUser', { UserName: 'ana' });
  const { AccessKey } = await call('CreateAccessKey', { UserName: 'ana' });
  expect(AccessKey).toMatchObject({ Status: 'Active', CreateDate: new Date('2026-01-01T00:00:00Z') });
  await call('CreateAccessKey', { UserName: 'ana' });
  await expect(call('CreateAccessKey', { UserName: 'ana' })).rejects.toMatchObject({ code: 'LimitExceeded' });
  const { AccessKeyId } = AccessKey;
  await call('UpdateAccessKey', { UserName: 'ana', AccessKeyId, Status: 'Inactive' });
  const { AccessKeyMetadata } = await call('ListAccessKeys', { UserName: 'ana' });
  expect(AccessKeyMetadata.map(({ Status }: any) => Status)).toEqual(['Inactive', 'Active']);
  expect(await call('GetAccessKeyLastUsed', { AccessKeyId })).toMatchObject({
    UserName: 'ana',
    AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
  });
  await expect(call('DeleteUser', { UserName: 'ana' })).rejects.toThrow('must delete access keys first');
  await call('DeleteAccessKey', { UserName: 'ana', AccessKeyId });
  await expect(call('UpdateAccessKey', { UserName: 'ana', AccessKeyId, Status: 'Active' })).rejects.toMatchObject({
    code: 'NoSuchEntity',
  });
});

it('has no password policy at first; an update sets defaults for absent members', async () => {
  await expect(call('GetAccountPasswordPolicy')).rejects.toMatchObject({ code: 'NoSuchEntity' });
  await call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 14, MaxPasswordAge: 90 });
  expect((await call('GetAccountPasswordPolicy')).PasswordPolicy).toEqual({
    MinimumPasswordLength: 14,
    RequireSymbols: false,
    RequireNumbers: false,
    RequireUppercaseCharacters: false,
    RequireLowercaseCharacters: false,
    AllowUsersToChangePassword: false,
    ExpirePasswords: true,
    MaxPasswordAge: 90,
  });
  await call('UpdateAccountPasswordPolicy', { RequireSymbols: true });
  const { PasswordPolicy } = await call('GetAccountPasswordPolicy');
  expect(PasswordPolicy).toMatchObject({ MinimumPasswordLength: 6, RequireSymbols: true, ExpirePasswords: false });
  await expect(call('UpdateAccountPasswordPolicy', { MinimumPasswordLength: 5 })).rejects.toMatchObject({
    code: 'ValidationError',
  });
  await call('DeleteAccountPasswordPolicy');
  await expect(call('GetAccountPasswordPolicy')).rejects.toMatchObject({ code: 'NoSuchEntity' });
});

it('lists passwords and access keys in the credential report', async () => {
  await expect(call('GetCredentialReport')).rejects.toMatchObject({ code: 'ReportNotPresent' });
  await call('CreateUser', { UserName: 'ana' });
  await call('CreateLoginProfile', { UserName: 'ana', Password: 'x' });
  await call('CreateAccessKey', { UserName: 'ana' });
  expect(await call('GenerateCredentialReport')).toMatchObject({ State: 'STARTED' });
  expect(await call('GenerateCredentialReport')).toMatchObject({ State: 'COMPLETE' });
  const { Content } = await call('GetCredentialReport');
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

it('creates, updates and deletes the roles of a template with their policies', async () => {
  const here: At<IamState> = {
    ...at,
    kernel,
    principal: kernel.administrator!(MEMBER),
    requestId: 'r',
    state: kernel.state(IAM, at),
  };
  const resource = { logicalId: 'Worker', stack: 'service' };
  const roles = iam.resources!['AWS::IAM::Role']!;
  const properties = (action: string) => ({
    AssumeRolePolicyDocument: JSON.parse(lambdaTrust),
    Policies: [{ PolicyName: 'inline', PolicyDocument: allow(action) }],
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
  });
  const created = await roles.create(properties('s3:*'), here, resource);
  expect(created.ref).toMatch(/^service-Worker-/);
  const policies = iam.resources!['AWS::IAM::Policy']!;
  const policy = await policies.create(
    { PolicyName: 'DefaultPolicy', PolicyDocument: allow('sqs:*'), Roles: [created.ref] },
    here,
    resource,
  );
  await roles.update!(created, properties('sns:*'), here, resource);
  const { PolicyNames } = await call('ListRolePolicies', { RoleName: created.ref });
  expect(PolicyNames).toEqual(['DefaultPolicy', 'inline']);
  const { PolicyDocument } = await call('GetRolePolicy', { RoleName: created.ref, PolicyName: 'inline' });
  expect(JSON.parse(decodeURIComponent(PolicyDocument))).toEqual(allow('sns:*'));
  await policies.remove!(policy, here, resource, {});
  await roles.remove!(created, here, resource, {});
  expect((await call('ListRoles')).Roles).toEqual([]);
  expect(() => roles.create({ ...properties('s3:*'), Trust: 'all' }, here, resource)).toThrow(
    /Worker \(AWS::IAM::Role\).*Trust/,
  );
});
