/** EBS volumes, their snapshots, and the accounts that may create volumes of a snapshot. */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import {
  createdOnce,
  type Ec2Kind,
  ec2KindNeed,
  existingEc2,
  listedEc2,
  newEc2Id,
  removeEc2,
  shownEc2,
  storeEc2,
} from './plain.ts';
import { type Ec2Operations, ec2Change, ec2Read, invalidEc2Parameter, missingEc2Parameter } from './requests.ts';
import type { EbsSnapshot, Ec2At } from './state.ts';

const VOLUME: Ec2Kind<sdk.Volume> = {
  records: ({ volumes }) => volumes,
  id: 'VolumeId',
  prefix: 'vol-',
  type: 'volume',
  missing: 'InvalidVolume.NotFound',
  filters: {
    'volume-id': ({ id }) => id,
    encrypted: ({ fields }) => String(fields.Encrypted),
    'snapshot-id': ({ fields }) => fields.SnapshotId,
    status: () => 'available',
  },
};

const SNAPSHOT: Ec2Kind<sdk.Snapshot, EbsSnapshot> = {
  records: ({ snapshots }) => snapshots,
  id: 'SnapshotId',
  prefix: 'snap-',
  type: 'snapshot',
  missing: 'InvalidSnapshot.NotFound',
  filters: {
    'snapshot-id': ({ id }) => id,
    'volume-id': ({ fields }) => fields.VolumeId,
    'owner-id': ({ fields }) => fields.OwnerId,
    encrypted: ({ fields }) => String(fields.Encrypted),
    status: () => 'completed',
  },
};

const VOLUME_MEMBERS = [
  'AvailabilityZone',
  'Size',
  'VolumeType',
  'Encrypted',
  'SnapshotId',
  'TagSpecifications',
  'ClientToken',
] as const;

export const ebsOperations: Ec2Operations = {
  CreateVolume: ec2Change(
    'CreateVolume',
    VOLUME_MEMBERS,
    (_, at) => [ec2KindNeed('CreateVolume', VOLUME, '*', at)],
    (input, at) => {
      const volume = createdOnce(at.state.volumes, input.ClientToken, at, () => {
        const record = { id: newEc2Id(VOLUME, at), fields: volumeOf(input, at) };
        return storeEc2(VOLUME, record, at, input.TagSpecifications);
      });
      return { ...shownEc2(VOLUME, volume, at), State: 'creating' };
    },
  ),
  DescribeVolumes: ec2Read('DescribeVolumes', ['VolumeIds', 'Filters', 'MaxResults', 'NextToken'], (input, at) => {
    const page = listedEc2(VOLUME, { ...input, ids: input.VolumeIds }, at);
    return { Volumes: page.items.map((volume) => shownEc2(VOLUME, volume, at)), NextToken: page.nextToken };
  }),
  DeleteVolume: ec2Change(
    'DeleteVolume',
    ['VolumeId'],
    (input, at) => [ec2KindNeed('DeleteVolume', VOLUME, input.VolumeId, at)],
    (input, at) => {
      removeEc2(VOLUME, existingEc2(VOLUME, input.VolumeId, at), at);
      return {};
    },
  ),
  CreateSnapshot: ec2Change(
    'CreateSnapshot',
    ['VolumeId', 'Description', 'TagSpecifications'],
    (input, at) => [
      ec2KindNeed('CreateSnapshot', SNAPSHOT, '*', at),
      ec2KindNeed('CreateSnapshot', VOLUME, input.VolumeId, at),
    ],
    (input, at) => {
      const volume = existingEc2(VOLUME, input.VolumeId, at);
      const fields: sdk.Snapshot = {
        VolumeId: volume.id,
        VolumeSize: volume.fields.Size,
        Encrypted: volume.fields.Encrypted,
        Description: input.Description ?? '',
        OwnerId: at.account,
        StartTime: new Date(at.kernel.clock.now()),
        State: 'completed',
        Progress: '100%',
        StorageTier: 'standard',
      };
      const record = { id: newEc2Id(SNAPSHOT, at), fields, sharedWith: [] };
      const snapshot = storeEc2(SNAPSHOT, record, at, input.TagSpecifications);
      return { ...shownEc2(SNAPSHOT, snapshot, at), State: 'pending', Progress: '' };
    },
  ),
  DescribeSnapshots: ec2Read(
    'DescribeSnapshots',
    ['SnapshotIds', 'OwnerIds', 'RestorableByUserIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const page = listedEc2(visibleSnapshots(input, at), { ...input, ids: input.SnapshotIds }, at);
      return { Snapshots: page.items.map((snapshot) => shownEc2(SNAPSHOT, snapshot, at)), NextToken: page.nextToken };
    },
  ),
  DeleteSnapshot: ec2Change(
    'DeleteSnapshot',
    ['SnapshotId'],
    (input, at) => [ec2KindNeed('DeleteSnapshot', SNAPSHOT, input.SnapshotId, at)],
    (input, at) => {
      const snapshot = existingEc2(SNAPSHOT, input.SnapshotId, at);
      const image = [...at.state.images.values()].find(({ fields }) =>
        fields.BlockDeviceMappings?.some(({ Ebs }) => Ebs?.SnapshotId === snapshot.id),
      );
      if (image)
        throw new AwsError('InvalidSnapshot.InUse', `The snapshot ${snapshot.id} is currently in use by ${image.id}`);
      removeEc2(SNAPSHOT, snapshot, at);
      return {};
    },
  ),
  DescribeSnapshotAttribute: ec2Read(
    'DescribeSnapshotAttribute',
    ['SnapshotId', 'Attribute'],
    (input, at) => {
      const { id, sharedWith } = existingEc2(SNAPSHOT, input.SnapshotId, at);
      if (input.Attribute !== 'createVolumePermission') throw notModelled(`the snapshot attribute ${input.Attribute}`);
      return { SnapshotId: id, CreateVolumePermissions: sharedWith.map(permissionOf) };
    },
    (input, at) => [ec2KindNeed('DescribeSnapshotAttribute', SNAPSHOT, input.SnapshotId, at)],
  ),
  ModifySnapshotAttribute: ec2Change(
    'ModifySnapshotAttribute',
    ['SnapshotId', 'Attribute', 'OperationType', 'UserIds', 'GroupNames', 'CreateVolumePermission'],
    (input, at) => [ec2KindNeed('ModifySnapshotAttribute', SNAPSHOT, input.SnapshotId, at, sharingContext(input))],
    (input, at) => {
      const snapshot = existingEc2(SNAPSHOT, input.SnapshotId, at);
      storeEc2(SNAPSHOT, { ...snapshot, sharedWith: changedSharing(snapshot, input, at) }, at);
      return {};
    },
  ),
  ResetSnapshotAttribute: ec2Change(
    'ResetSnapshotAttribute',
    ['SnapshotId', 'Attribute'],
    (input, at) => [ec2KindNeed('ResetSnapshotAttribute', SNAPSHOT, input.SnapshotId, at)],
    (input, at) => {
      if (input.Attribute !== 'createVolumePermission') throw notModelled(`the snapshot attribute ${input.Attribute}`);
      storeEc2(SNAPSHOT, { ...existingEc2(SNAPSHOT, input.SnapshotId, at), sharedWith: [] }, at);
      return {};
    },
  ),
};

function volumeOf(input: sdk.CreateVolumeRequest, at: Ec2At): sdk.Volume {
  const source = input.SnapshotId === undefined ? undefined : existingEc2(SNAPSHOT, input.SnapshotId, at).fields;
  const Size = input.Size ?? source?.VolumeSize;
  if (Size === undefined) throw missingEc2Parameter('size/snapshot');
  if (!input.AvailabilityZone?.startsWith(at.region))
    throw new AwsError('InvalidZone.NotFound', `The zone '${input.AvailabilityZone}' does not exist.`);
  return {
    AvailabilityZone: input.AvailabilityZone,
    Size,
    VolumeType: input.VolumeType ?? 'gp2',
    Encrypted: input.Encrypted || source?.Encrypted || at.state.ebsEncryptionByDefault,
    SnapshotId: input.SnapshotId ?? '',
    CreateTime: new Date(at.kernel.clock.now()),
    State: 'available',
    Attachments: [],
  };
}

/** @throws AwsError InvalidSnapshotID.Malformed, InvalidSnapshot.NotFound */
export const existingSnapshot = (id: string | undefined, at: Ec2At): EbsSnapshot => existingEc2(SNAPSHOT, id, at);

/** The account sees its own snapshots alone: the sandbox does not share any with other accounts. */
function visibleSnapshots(
  { OwnerIds, RestorableByUserIds }: sdk.DescribeSnapshotsRequest,
  { account }: Ec2At,
): typeof SNAPSHOT {
  const isOwned = !OwnerIds?.length || OwnerIds.some((id) => id === 'self' || id === account);
  const isVisible = ({ sharedWith }: EbsSnapshot) =>
    isOwned &&
    (!RestorableByUserIds?.length ||
      RestorableByUserIds.some((id) => id === 'self' || id === account || sharedWith.includes(id)));
  return {
    ...SNAPSHOT,
    records: ({ snapshots }) => new Map([...snapshots].filter(([, snapshot]) => isVisible(snapshot))),
  };
}

/** `all` stands for every AWS account. */
const permissionOf = (id: string): sdk.CreateVolumePermission => (id === 'all' ? { Group: 'all' } : { UserId: id });

type SharingChange = { readonly add: readonly string[]; readonly remove: readonly string[] };

function sharingChange(input: sdk.ModifySnapshotAttributeRequest): SharingChange {
  const { Attribute, OperationType, UserIds = [], GroupNames = [], CreateVolumePermission = {} } = input;
  if (Attribute !== undefined && Attribute !== 'createVolumePermission')
    throw notModelled(`the snapshot attribute ${Attribute}`);
  const idsOf = (permissions: readonly sdk.CreateVolumePermission[] = []) =>
    permissions.map(({ Group, UserId }) => Group ?? UserId ?? '');
  const named = [...UserIds, ...GroupNames];
  return {
    add: [...idsOf(CreateVolumePermission.Add), ...(OperationType === 'add' ? named : [])],
    remove: [...idsOf(CreateVolumePermission.Remove), ...(OperationType === 'remove' ? named : [])],
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySnapshotAttribute.html */
function changedSharing(
  { fields, sharedWith }: EbsSnapshot,
  input: sdk.ModifySnapshotAttributeRequest,
  { state }: Ec2At,
): readonly string[] {
  const { add, remove } = sharingChange(input);
  if (add.length > 0 && remove.length > 0) throw notModelled('that one call adds and removes permissions');
  if (add.length + remove.length === 0) throw missingEc2Parameter('createVolumePermission');
  for (const id of [...add, ...remove])
    if (!/^(\d{12}|all)$/.test(id)) throw invalidEc2Parameter(`Invalid value '${id}' for createVolumePermission.`);
  // AWS refuses both. The sandbox knows no source for its errors.
  if (add.includes('all') && fields.Encrypted) throw notModelled('that an encrypted snapshot becomes public');
  if (add.includes('all') && state.snapshotBlockPublicAccess !== 'unblocked')
    throw notModelled('that a snapshot becomes public although the account blocks that');
  return [...new Set([...sharedWith.filter((id) => !remove.includes(id)), ...add])];
}

function sharingContext(input: sdk.ModifySnapshotAttributeRequest): Need['context'] {
  const { add, remove } = sharingChange(input);
  const keys = (verb: 'Add' | 'Remove', ids: readonly string[]) => {
    const accounts = ids.filter((id) => id !== 'all');
    return {
      ...(ids.includes('all') && { [`ec2:${verb}/group`]: 'all' }),
      ...(accounts.length > 0 && { [`ec2:${verb}/userId`]: accounts }),
    };
  };
  return { ...keys('Add', add), ...keys('Remove', remove) };
}
