import { beforeEach, describe, expect, it } from 'vitest';
import { ec2 } from '../../../sandbox/services/ec2/index.ts';
import { manyCidrs, ssh } from '../support/ec2-rules.ts';
import { type SmallKernel, smallKernel } from '../support/small-kernel.ts';

let kernel: SmallKernel;
let group: string;
const call = (operation: string, input: object = {}) => kernel.as('ec2', operation, input);
const createVpc = async () => (await call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc.VpcId as string;
const createGroup = async (VpcId: string | undefined, GroupName = 'web') =>
  (await call('CreateSecurityGroup', { GroupName, Description: 'web', VpcId })).GroupId as string;
beforeEach(async () => {
  kernel = smallKernel(ec2);
  group = await createGroup(await createVpc());
});

describe('prefix lists', () => {
  const settle = () => kernel.clock.advance(2000);
  const create = async (MaxEntries: number, ...cidrs: string[]) => {
    const { PrefixList } = await call('CreateManagedPrefixList', {
      PrefixListName: 'edge',
      AddressFamily: 'IPv4',
      MaxEntries,
      Entries: cidrs.map((Cidr) => ({ Cidr })),
    });
    await settle();
    return PrefixList.PrefixListId as string;
  };
  const describeList = async (PrefixListId: string) =>
    (await call('DescribeManagedPrefixLists', { PrefixListIds: [PrefixListId] })).PrefixLists[0];
  const entries = async (PrefixListId: string, TargetVersion?: number) =>
    (await call('GetManagedPrefixListEntries', { PrefixListId, TargetVersion })).Entries.map(
      (entry: { Cidr: string }) => entry.Cidr,
    );

  it('change only under their current version, and keep earlier versions', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const change = { PrefixListId, AddEntries: [{ Cidr: '192.0.2.1/24' }], RemoveEntries: [{ Cidr: '10.0.0.0/8' }] };
    await call('ModifyManagedPrefixList', { ...change, CurrentVersion: 1 });
    await settle();
    await expect(call('ModifyManagedPrefixList', { ...change, CurrentVersion: 1 })).rejects.toMatchObject({
      code: 'PrefixListVersionMismatch',
    });
    expect(await entries(PrefixListId)).toEqual(['192.0.2.0/24']);
    expect(await entries(PrefixListId, 1)).toEqual(['10.0.0.0/8']);
  });

  it('are limited to their maximum of entries', async () => {
    const PrefixListId = await create(1, '10.0.0.0/8');
    const change = { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '192.0.2.0/24' }] };
    await expect(call('ModifyManagedPrefixList', change)).rejects.toMatchObject({
      code: 'PrefixListMaxEntriesExceeded',
    });
  });

  it('count with their maximum of entries in a group, also after a resize', async () => {
    const PrefixListId = await create(40);
    const IpPermissions = [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }];
    await call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions });
    await expect(
      call('AuthorizeSecurityGroupIngress', { GroupId: group, IpPermissions: [ssh(...manyCidrs(21))] }),
    ).rejects.toMatchObject({ code: 'RulesPerSecurityGroupLimitExceeded' });
    await call('ModifyManagedPrefixList', { PrefixListId, MaxEntries: 61 });
    await settle();
    expect(await describeList(PrefixListId)).toMatchObject({ State: 'modify-failed', MaxEntries: 40 });
    await expect(call('DeleteManagedPrefixList', { PrefixListId })).rejects.toMatchObject({
      code: 'DependencyViolation',
    });
  });

  it('reject a change while another is in progress', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const add = (Cidr: string, CurrentVersion: number) =>
      call('ModifyManagedPrefixList', { PrefixListId, CurrentVersion, AddEntries: [{ Cidr }] });
    expect((await add('192.0.2.0/24', 1)).PrefixList).toMatchObject({ State: 'modify-in-progress' });
    await expect(add('198.51.100.0/24', 2)).rejects.toMatchObject({
      code: 'IncorrectState',
      message: expect.stringContaining('in the current state (modify-in-progress)'),
    });
    await settle();
    expect(await describeList(PrefixListId)).toMatchObject({ State: 'modify-complete', Version: 2 });
    await add('198.51.100.0/24', 2);
    expect(await entries(PrefixListId)).toEqual(['10.0.0.0/8', '192.0.2.0/24', '198.51.100.0/24']);
  });

  it('restore the entries of a version as a new version', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const AddEntries = [{ Cidr: '192.0.2.0/24' }];
    await call('ModifyManagedPrefixList', { PrefixListId, CurrentVersion: 1, AddEntries });
    await settle();
    await call('RestoreManagedPrefixListVersion', { PrefixListId, PreviousVersion: 1, CurrentVersion: 2 });
    await settle();
    expect(await describeList(PrefixListId)).toMatchObject({ State: 'restore-complete', Version: 3 });
    expect(await entries(PrefixListId)).toEqual(['10.0.0.0/8']);
  });

  it('reject a duplicate entry, and entries together with a new size', async () => {
    const PrefixListId = await create(5, '10.0.0.0/8');
    const change = { PrefixListId, CurrentVersion: 1, AddEntries: [{ Cidr: '10.0.0.0/8' }] };
    await expect(call('ModifyManagedPrefixList', change)).rejects.toMatchObject({
      code: 'InvalidPrefixListModification',
    });
    await expect(call('ModifyManagedPrefixList', { ...change, MaxEntries: 9 })).rejects.toMatchObject({
      code: 'InvalidParameterCombination',
    });
  });
});
