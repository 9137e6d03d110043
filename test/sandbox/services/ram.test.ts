import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { organizationOf } from '../../../sandbox/services/organizations/look-up.ts';
import { other, own, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

let sandbox: TwoAccounts;
let listArn: string;
let organizationArn: string;

beforeEach(async () => {
  sandbox = await twoAccounts();
  organizationOf(sandbox.kernel).trusted.add('ram.amazonaws.com');
  organizationArn = organizationOf(sandbox.kernel).organization!.arn;
  const { PrefixList } = await sandbox.as(own, 'ec2', 'CreateManagedPrefixList', {
    PrefixListName: 'edge',
    AddressFamily: 'IPv4',
    MaxEntries: 40,
    Entries: [{ Cidr: '192.0.2.0/24' }],
  });
  listArn = PrefixList.PrefixListArn;
});
afterEach(() => sandbox.close());

const share = (principals: string[], resourceArns = [listArn]) =>
  sandbox.as(own, 'ram', 'CreateResourceShare', {
    name: 'edge',
    resourceArns,
    principals,
    allowExternalPrincipals: false,
  });
const lists = async (account: string) => (await sandbox.as(account, 'ec2', 'DescribeManagedPrefixLists')).PrefixLists;
const groupThatNames = async (account: string, PrefixListId: string) => {
  const { GroupId } = await sandbox.as(account, 'ec2', 'CreateSecurityGroup', { GroupName: 'web', Description: 'web' });
  const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }];
  await sandbox.as(account, 'ec2', 'AuthorizeSecurityGroupIngress', { GroupId, IpPermissions });
};
const id = () => listArn.split('/').at(-1)!;

describe('a prefix list that is shared', () => {
  it.each([
    ['with an account', () => other],
    ['with the organization', () => organizationArn],
  ])("%s is seen there and named in rules, and stays its owner's", async (_, principal) => {
    expect(await lists(other)).toEqual([]);
    await share([principal()]);
    expect(await lists(other)).toMatchObject([{ PrefixListArn: listArn, OwnerId: own, MaxEntries: 40 }]);
    const { Entries } = await sandbox.as(other, 'ec2', 'GetManagedPrefixListEntries', { PrefixListId: id() });
    expect(Entries).toMatchObject([{ Cidr: '192.0.2.0/24' }]);
    await groupThatNames(other, id());
    await expect(
      sandbox.as(other, 'ec2', 'ModifyManagedPrefixList', { PrefixListId: id(), MaxEntries: 5 }),
    ).rejects.toMatchObject({ code: 'InvalidPrefixListID.NotFound' });
  });

  it('does not grow beyond what groups of the other account can bear', async () => {
    await share([other]);
    await groupThatNames(other, id());
    await sandbox.kernel.clock.advance(2000);
    await sandbox.as(own, 'ec2', 'ModifyManagedPrefixList', { PrefixListId: id(), MaxEntries: 61 });
    await sandbox.kernel.clock.advance(2000);
    expect(await lists(own)).toMatchObject([{ State: 'modify-failed', MaxEntries: 40 }]);
  });

  it('is not there for an account that nobody shares it with', async () => {
    await expect(groupThatNames(other, id())).rejects.toMatchObject({ code: 'InvalidPrefixListID.NotFound' });
  });
});

describe('a share', () => {
  it('shows with whom, and takes others later', async () => {
    const { resourceShare } = await share([other]);
    const { resourceShareArn } = resourceShare;
    await sandbox.as(own, 'ram', 'AssociateResourceShare', { resourceShareArn, principals: [organizationArn] });
    const asked = { associationType: 'PRINCIPAL', resourceShareArns: [resourceShareArn] };
    const { resourceShareAssociations } = await sandbox.as(own, 'ram', 'GetResourceShareAssociations', asked);
    expect(resourceShareAssociations).toMatchObject([
      { associatedEntity: other, status: 'ASSOCIATED' },
      { associatedEntity: organizationArn, status: 'ASSOCIATED' },
    ]);
    const named = await sandbox.as(own, 'ram', 'GetResourceShares', { resourceOwner: 'SELF', name: 'edge' });
    expect(named.resourceShares).toMatchObject([{ resourceShareArn, status: 'ACTIVE' }]);
    expect(
      (await sandbox.as(other, 'ram', 'GetResourceShares', { resourceOwner: 'OTHER-ACCOUNTS' })).resourceShares,
    ).toHaveLength(1);
  });

  it.each([
    ['of an organization by its bare id', () => 'o-exampleorgid', 'InvalidParameterException'],
    [
      'of another organization',
      () => 'arn:aws:organizations::000000000001:organization/o-other00000',
      'UnknownResourceException',
    ],
    ['of an account outside', () => '999999999999', 'OperationNotPermittedException'],
  ])('is refused %s', async (_, principal, code) => {
    await expect(share([principal()])).rejects.toMatchObject({ code });
  });

  it('is refused where the organization has not allowed sharing', async () => {
    organizationOf(sandbox.kernel).trusted.delete('ram.amazonaws.com');
    await expect(share([other])).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: expect.stringContaining('not enabled sharing with your AWS organization'),
    });
  });
});
