import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { organizationState } from '../../../sandbox/services/organizations/look-up.ts';
import { OTHER_ACCOUNT, OWN_ACCOUNT, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

let sandbox: TwoAccounts;
let listArn: string;
let organizationArn: string;

beforeEach(async () => {
  sandbox = await twoAccounts();
  organizationState(sandbox.kernel).trusted.add('ram.amazonaws.com');
  organizationArn = organizationState(sandbox.kernel).organization!.arn;
  const { PrefixList } = await sandbox.as(OWN_ACCOUNT, 'ec2', 'CreateManagedPrefixList', {
    PrefixListName: 'edge',
    AddressFamily: 'IPv4',
    MaxEntries: 40,
    Entries: [{ Cidr: '192.0.2.0/24' }],
  });
  listArn = PrefixList.PrefixListArn;
});
afterEach(() => sandbox.close());

const share = (principals: string[], resourceArns = [listArn]) =>
  sandbox.as(OWN_ACCOUNT, 'ram', 'CreateResourceShare', {
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

describe('a shared prefix list', () => {
  it.each([
    ['with an account', () => OTHER_ACCOUNT],
    ['with the organization', () => organizationArn],
  ])('%s is visible to the account, which can use it in rules but does not own it', async (_, principal) => {
    expect(await lists(OTHER_ACCOUNT)).toEqual([]);
    await share([principal()]);
    expect(await lists(OTHER_ACCOUNT)).toMatchObject([
      { PrefixListArn: listArn, OwnerId: OWN_ACCOUNT, MaxEntries: 40 },
    ]);
    const { Entries } = await sandbox.as(OTHER_ACCOUNT, 'ec2', 'GetManagedPrefixListEntries', { PrefixListId: id() });
    expect(Entries).toMatchObject([{ Cidr: '192.0.2.0/24' }]);
    await groupThatNames(OTHER_ACCOUNT, id());
    await expect(
      sandbox.as(OTHER_ACCOUNT, 'ec2', 'ModifyManagedPrefixList', { PrefixListId: id(), MaxEntries: 5 }),
    ).rejects.toMatchObject({ code: 'InvalidPrefixListID.NotFound' });
  });

  it('does not grow beyond the rule quota of groups in the other account', async () => {
    await share([OTHER_ACCOUNT]);
    await groupThatNames(OTHER_ACCOUNT, id());
    await sandbox.kernel.clock.advance(2000);
    await sandbox.as(OWN_ACCOUNT, 'ec2', 'ModifyManagedPrefixList', { PrefixListId: id(), MaxEntries: 61 });
    await sandbox.kernel.clock.advance(2000);
    expect(await lists(OWN_ACCOUNT)).toMatchObject([{ State: 'modify-failed', MaxEntries: 40 }]);
  });

  it('does not exist for an account without access', async () => {
    await expect(groupThatNames(OTHER_ACCOUNT, id())).rejects.toMatchObject({ code: 'InvalidPrefixListID.NotFound' });
  });
});

describe('a share', () => {
  it('lists its principals and accepts more later', async () => {
    const { resourceShare } = await share([OTHER_ACCOUNT]);
    const { resourceShareArn } = resourceShare;
    await sandbox.as(OWN_ACCOUNT, 'ram', 'AssociateResourceShare', { resourceShareArn, principals: [organizationArn] });
    const input = { associationType: 'PRINCIPAL', resourceShareArns: [resourceShareArn] };
    const { resourceShareAssociations } = await sandbox.as(OWN_ACCOUNT, 'ram', 'GetResourceShareAssociations', input);
    expect(resourceShareAssociations).toMatchObject([
      { associatedEntity: OTHER_ACCOUNT, status: 'ASSOCIATED' },
      { associatedEntity: organizationArn, status: 'ASSOCIATED' },
    ]);
    const named = await sandbox.as(OWN_ACCOUNT, 'ram', 'GetResourceShares', { resourceOwner: 'SELF', name: 'edge' });
    expect(named.resourceShares).toMatchObject([{ resourceShareArn, status: 'ACTIVE' }]);
    expect(
      (await sandbox.as(OTHER_ACCOUNT, 'ram', 'GetResourceShares', { resourceOwner: 'OTHER-ACCOUNTS' })).resourceShares,
    ).toHaveLength(1);
  });

  it.each([
    ['with the id of an organization instead of its ARN', () => 'o-exampleorgid', 'InvalidParameterException'],
    [
      'of another organization',
      () => 'arn:aws:organizations::000000000001:organization/o-other00000',
      'UnknownResourceException',
    ],
    ['with an account outside the organization', () => '999999999999', 'OperationNotPermittedException'],
  ])('is refused %s', async (_, principal, code) => {
    await expect(share([principal()])).rejects.toMatchObject({ code });
  });

  it('is refused without trusted access', async () => {
    organizationState(sandbox.kernel).trusted.delete('ram.amazonaws.com');
    await expect(share([OTHER_ACCOUNT])).rejects.toMatchObject({
      code: 'InvalidParameterException',
      message: expect.stringContaining('not enabled sharing with your AWS organization'),
    });
  });
});
