/** Images, and the accounts that can see them. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OTHER_ACCOUNT, OWN_ACCOUNT, type TwoAccounts, twoAccounts } from '../support/two-accounts.ts';

let sandbox: TwoAccounts;
beforeEach(async () => {
  sandbox = await twoAccounts();
});
afterEach(() => sandbox.close());

const own = (operation: string, input: object = {}) => sandbox.as(OWN_ACCOUNT, 'ec2', operation, input);
const other = (operation: string, input: object = {}) => sandbox.as(OTHER_ACCOUNT, 'ec2', operation, input);

async function image(call: typeof own, Name: string, Add: object[] = []): Promise<string> {
  const { VolumeId } = await call('CreateVolume', { AvailabilityZone: 'us-east-1a', Size: 8 });
  const { SnapshotId } = await call('CreateSnapshot', { VolumeId });
  const BlockDeviceMappings = [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId } }];
  const { ImageId } = await call('RegisterImage', { Name, RootDeviceName: '/dev/xvda', BlockDeviceMappings });
  if (Add.length > 0) await call('ModifyImageAttribute', { ImageId, LaunchPermission: { Add } });
  return ImageId;
}
const idsOf = ({ Images }: any): string[] => Images.map(({ ImageId }: any) => ImageId);

it('an account sees its own images, those shared with it, and public ones', async () => {
  await other('DisableImageBlockPublicAccess');
  const mine = await image(own, 'mine');
  const given = await image(other, 'given', [{ UserId: OWN_ACCOUNT }]);
  const open = await image(other, 'open', [{ Group: 'all' }]);
  const hidden = await image(other, 'hidden');
  const seen = async (input: object) => idsOf(await own('DescribeImages', input));
  expect(await seen({})).toEqual([mine, given, open]);
  expect(await seen({ Owners: ['self'] })).toEqual([mine]);
  expect(await seen({ Owners: [OTHER_ACCOUNT, 'amazon'] })).toEqual([given, open]);
  expect(await seen({ Owners: ['amazon', 'aws-marketplace'] })).toEqual([]);
  expect(await seen({ ExecutableUsers: ['self'] })).toEqual([given]);
  expect(await seen({ ExecutableUsers: ['all'] })).toEqual([open]);
  expect(await seen({ ImageIds: [open, mine] })).toEqual([mine, open]);
  expect(await seen({ Filters: [{ Name: 'is-public', Values: ['true'] }] })).toEqual([open]);
  expect(await seen({ Filters: [{ Name: 'name', Values: ['mi*'] }] })).toEqual([mine]);
  expect(idsOf(await other('DescribeImages', { ExecutableUsers: [OWN_ACCOUNT] }))).toEqual([given]);
  expect((await own('DescribeImages', { ImageIds: [open] })).Images).toMatchObject([
    { Public: true, OwnerId: OTHER_ACCOUNT, ImageLocation: `${OTHER_ACCOUNT}/open`, State: 'available' },
  ]);
  await expect(seen({ ImageIds: [hidden] })).rejects.toMatchObject({ code: 'InvalidAMIID.NotFound' });
});

it('malformed and unknown ids, owners and names are refused', async () => {
  const refused = (input: object, code: string) => expect(own('DescribeImages', input)).rejects.toMatchObject({ code });
  await refused({ ImageIds: ['ami-0123456789abcdef0'] }, 'InvalidAMIID.NotFound');
  await refused({ ImageIds: ['ami-xyz'] }, 'InvalidAMIID.Malformed');
  await refused({ Owners: ['nobody'] }, 'InvalidUserID.Malformed');
  await image(own, 'taken');
  await expect(image(own, 'taken')).rejects.toMatchObject({ code: 'InvalidAMIName.Duplicate' });
  await expect(image(own, 'no')).rejects.toMatchObject({ code: 'InvalidAMIName.Malformed' });
});

it('keeps the snapshot of an image, and blocks public images unless the account allows them', async () => {
  const ImageId = await image(own, 'mine', [{ UserId: OTHER_ACCOUNT }]);
  const [{ BlockDeviceMappings }] = (await own('DescribeImages', { ImageIds: [ImageId] })).Images;
  const { SnapshotId } = BlockDeviceMappings[0].Ebs;
  await expect(own('DeleteSnapshot', { SnapshotId })).rejects.toMatchObject({ code: 'InvalidSnapshot.InUse' });
  const attribute = { ImageId, Attribute: 'launchPermission' };
  expect((await own('DescribeImageAttribute', attribute)).LaunchPermissions).toEqual([{ UserId: OTHER_ACCOUNT }]);
  const open = { ...attribute, OperationType: 'add', UserGroups: ['all'] };
  expect(await own('GetImageBlockPublicAccessState')).toMatchObject({
    ImageBlockPublicAccessState: 'block-new-sharing',
  });
  await expect(own('ModifyImageAttribute', open)).rejects.toMatchObject({ code: 'NotModelled' });
  await own('DisableImageBlockPublicAccess');
  await own('ModifyImageAttribute', open);
  expect(idsOf(await other('DescribeImages', { ExecutableUsers: ['all'] }))).toEqual([ImageId]);
  await own('DeregisterImage', { ImageId });
  await own('DeleteSnapshot', { SnapshotId });
  expect(idsOf(await own('DescribeImages'))).toEqual([]);
});
