import { beforeEach, expect, test } from 'vitest';
import { attachScp } from '../../../sandbox/services/organizations/index.ts';
import { decidingKernel, management, member, outside, placeOf, security } from '../authorization/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
beforeEach(() => {
  kernel = decidingKernel();
});
const ask = (operation: string, input: object = {}, account = management) =>
  kernel.as('organizations', operation, input, placeOf(account));

test('the path of an account is found parent by parent', async () => {
  const [production] = (await ask('ListParents', { ChildId: member })).Parents;
  expect(production.Type).toBe('ORGANIZATIONAL_UNIT');
  const { OrganizationalUnit } = await ask('DescribeOrganizationalUnit', { OrganizationalUnitId: production.Id });
  expect(OrganizationalUnit.Name).toBe('Production');
  const [workloads] = (await ask('ListParents', { ChildId: production.Id })).Parents;
  const [root] = (await ask('ListParents', { ChildId: workloads.Id })).Parents;
  expect(root.Type).toBe('ROOT');
  const units = (await ask('ListOrganizationalUnitsForParent', { ParentId: root.Id })).OrganizationalUnits;
  expect(units.map(({ Name }: any) => Name)).toEqual(['Security', 'Workloads']);
  const accounts = (await ask('ListAccountsForParent', { ParentId: production.Id })).Accounts;
  expect(accounts).toMatchObject([{ Id: member, Name: 'shop', Status: 'ACTIVE' }]);
});

test('accounts are listed in pages', async () => {
  const first = await ask('ListAccounts', { MaxResults: 2 });
  const second = await ask('ListAccounts', { MaxResults: 2, NextToken: first.NextToken });
  expect([...first.Accounts, ...second.Accounts].map(({ Id }) => Id)).toEqual([management, security, member]);
  expect(second).not.toHaveProperty('NextToken');
});

test('an account has its tags', async () => {
  expect(await ask('ListTagsForResource', { ResourceId: member })).toEqual({
    Tags: [{ Key: 'stage', Value: 'production' }],
  });
});

test('a delegated administrator may look around, another member may not', async () => {
  expect((await ask('DescribeAccount', { AccountId: member }, security)).Account.Id).toBe(member);
  await expect(ask('DescribeAccount', { AccountId: member }, member)).rejects.toMatchObject({
    code: 'AccessDeniedException',
    message: "You don't have permissions to access this resource.",
  });
  expect((await ask('DescribeOrganization', {}, member)).Organization.MasterAccountId).toBe(management);
});

test('an account outside is in no organization', async () => {
  await expect(ask('DescribeOrganization', {}, outside)).rejects.toMatchObject({
    code: 'AWSOrganizationsNotInUseException',
  });
});

test('an account that is not there', async () => {
  await expect(ask('DescribeAccount', { AccountId: outside })).rejects.toMatchObject({
    code: 'AccountNotFoundException',
  });
});

test('delegated administrators by service', async () => {
  const input = { ServicePrincipal: 'securityhub.amazonaws.com' };
  expect((await ask('ListDelegatedAdministrators', input)).DelegatedAdministrators).toMatchObject([{ Id: security }]);
  expect(
    (await ask('ListDelegatedAdministrators', { ServicePrincipal: 'config.amazonaws.com' })).DelegatedAdministrators,
  ).toEqual([]);
});

test('policies of an account', async () => {
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Deny' as const, Action: 's3:*', Resource: '*' }] };
  const id = attachScp(kernel, member, document, 'NoS3');
  const { Policies } = await ask('ListPoliciesForTarget', { TargetId: member, Filter: 'SERVICE_CONTROL_POLICY' });
  expect(Policies.map(({ Name }: any) => Name)).toEqual(['FullAWSAccess', 'NoS3']);
  expect(JSON.parse((await ask('DescribePolicy', { PolicyId: id })).Policy.Content)).toEqual(document);
});
