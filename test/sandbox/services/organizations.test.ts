import { beforeEach, expect, it } from 'vitest';
import { attachScp } from '../../../sandbox/services/organizations/set-up.ts';
import { decidingKernel, MANAGEMENT, MEMBER, OUTSIDE, placeOf, SECURITY_MEMBER } from '../support/deciding-kernel.ts';
import type { SmallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
beforeEach(() => {
  kernel = decidingKernel();
});
const call = (operation: string, input: object = {}, account = MANAGEMENT) =>
  kernel.as('organizations', operation, input, placeOf(account));

it('ListParents leads from an account to the root', async () => {
  const [production] = (await call('ListParents', { ChildId: MEMBER })).Parents;
  expect(production.Type).toBe('ORGANIZATIONAL_UNIT');
  const { OrganizationalUnit } = await call('DescribeOrganizationalUnit', { OrganizationalUnitId: production.Id });
  expect(OrganizationalUnit.Name).toBe('Production');
  const [workloads] = (await call('ListParents', { ChildId: production.Id })).Parents;
  const [root] = (await call('ListParents', { ChildId: workloads.Id })).Parents;
  expect(root.Type).toBe('ROOT');
  const units = (await call('ListOrganizationalUnitsForParent', { ParentId: root.Id })).OrganizationalUnits;
  expect(units.map(({ Name }: any) => Name)).toEqual(['Security', 'Workloads']);
  const accounts = (await call('ListAccountsForParent', { ParentId: production.Id })).Accounts;
  expect(accounts).toMatchObject([{ Id: MEMBER, Name: 'shop', Status: 'ACTIVE' }]);
});

it('ListAccounts returns pages', async () => {
  const first = await call('ListAccounts', { MaxResults: 2 });
  const second = await call('ListAccounts', { MaxResults: 2, NextToken: first.NextToken });
  expect([...first.Accounts, ...second.Accounts].map(({ Id }) => Id)).toEqual([MANAGEMENT, SECURITY_MEMBER, MEMBER]);
  expect(second).not.toHaveProperty('NextToken');
});

it("ListTagsForResource returns an account's tags", async () => {
  expect(await call('ListTagsForResource', { ResourceId: MEMBER })).toEqual({
    Tags: [{ Key: 'stage', Value: 'production' }],
  });
});

it('a delegated administrator can read the organization, other members cannot', async () => {
  expect((await call('DescribeAccount', { AccountId: MEMBER }, SECURITY_MEMBER)).Account.Id).toBe(MEMBER);
  await expect(call('DescribeAccount', { AccountId: MEMBER }, MEMBER)).rejects.toMatchObject({
    code: 'AccessDeniedException',
    message: "You don't have permissions to access this resource.",
  });
  expect((await call('DescribeOrganization', {}, MEMBER)).Organization.MasterAccountId).toBe(MANAGEMENT);
});

it('an account outside gets AWSOrganizationsNotInUseException', async () => {
  await expect(call('DescribeOrganization', {}, OUTSIDE)).rejects.toMatchObject({
    code: 'AWSOrganizationsNotInUseException',
  });
});

it('an unknown account gets AccountNotFoundException', async () => {
  await expect(call('DescribeAccount', { AccountId: OUTSIDE })).rejects.toMatchObject({
    code: 'AccountNotFoundException',
  });
});

it('ListDelegatedAdministrators filters by service', async () => {
  const input = { ServicePrincipal: 'securityhub.amazonaws.com' };
  expect((await call('ListDelegatedAdministrators', input)).DelegatedAdministrators).toMatchObject([
    { Id: SECURITY_MEMBER },
  ]);
  expect(
    (await call('ListDelegatedAdministrators', { ServicePrincipal: 'config.amazonaws.com' })).DelegatedAdministrators,
  ).toEqual([]);
});

it("ListPoliciesForTarget returns an account's policies", async () => {
  const document = { Version: '2012-10-17', Statement: [{ Effect: 'Deny' as const, Action: 's3:*', Resource: '*' }] };
  const id = attachScp(kernel, MEMBER, document, 'NoS3');
  const { Policies } = await call('ListPoliciesForTarget', { TargetId: MEMBER, Filter: 'SERVICE_CONTROL_POLICY' });
  expect(Policies.map(({ Name }: any) => Name)).toEqual(['FullAWSAccess', 'NoS3']);
  expect(JSON.parse((await call('DescribePolicy', { PolicyId: id })).Policy.Content)).toEqual(document);
});
