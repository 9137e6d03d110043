/**
 * Images of the organization's accounts: private, shared with accounts, or public. The catalogues of AWS and the
 * marketplace are empty.
 */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { organizationState } from '../organizations/look-up.ts';
import { notModelled } from '../requests.ts';
import { existingSnapshot } from './ebs.ts';
import { ec2AccountNeed, ec2Need } from './needs.ts';
import { type Ec2Kind, ec2KindNeed, existingEc2, newEc2Id, removeEc2, shownEc2, storeEc2 } from './plain.ts';
import {
  applyFilters,
  checkIdForm,
  type Ec2Operations,
  ec2Change,
  ec2Page,
  ec2Read,
  invalidEc2Parameter,
  missingEc2Parameter,
} from './requests.ts';
import { EC2, type Ec2At, type MachineImage } from './state.ts';

const IMAGE: Ec2Kind<sdk.Image, MachineImage> = {
  records: ({ images }) => images,
  id: 'ImageId',
  prefix: 'ami-',
  type: 'image',
  missing: 'InvalidAMIID.NotFound',
  filters: {
    architecture: ({ fields }) => fields.Architecture,
    'block-device-mapping.snapshot-id': ({ fields }) => snapshotsOf(fields),
    'creation-date': ({ fields }) => fields.CreationDate,
    description: ({ fields }) => fields.Description,
    'image-id': ({ id }) => id,
    'image-type': ({ fields }) => fields.ImageType,
    'is-public': (image) => String(isPublic(image)),
    name: ({ fields }) => fields.Name,
    // Only images of AWS and of the marketplace have one.
    'owner-alias': () => undefined,
    'owner-id': ({ fields }) => fields.OwnerId,
    'root-device-type': ({ fields }) => fields.RootDeviceType,
    state: ({ fields }) => fields.State,
    'virtualization-type': ({ fields }) => fields.VirtualizationType,
  },
};

const REGISTER_MEMBERS = [
  'Name',
  'Description',
  'Architecture',
  'RootDeviceName',
  'BlockDeviceMappings',
  'VirtualizationType',
  'TagSpecifications',
] as const;

const DESCRIBE_MEMBERS = [
  'Owners',
  'ExecutableUsers',
  'ImageIds',
  'Filters',
  // No image here is deprecated or disabled.
  'IncludeDeprecated',
  'IncludeDisabled',
  'MaxResults',
  'NextToken',
] as const;

export const imageOperations: Ec2Operations = {
  RegisterImage: ec2Change('RegisterImage', REGISTER_MEMBERS, registerNeeds, (input, at) => {
    const record = { id: newEc2Id(IMAGE, at), fields: imageOf(input, at), sharedWith: [] };
    return { ImageId: storeEc2(IMAGE, record, at, input.TagSpecifications).id };
  }),
  DeregisterImage: ec2Change(
    'DeregisterImage',
    ['ImageId'],
    (input, at) => [ec2KindNeed('DeregisterImage', IMAGE, input.ImageId, at)],
    (input, at) => {
      removeEc2(IMAGE, existingEc2(IMAGE, input.ImageId, at), at);
      return {};
    },
  ),
  DescribeImages: ec2Read('DescribeImages', DESCRIBE_MEMBERS, (input, at) => {
    const images = applyFilters(wantedImages(input, at), input.Filters, IMAGE.filters, at);
    const page = ec2Page(images, input);
    const shown = page.items.map((image) => ({ ...shownEc2(IMAGE, image, at), Public: isPublic(image) }));
    return { Images: shown, NextToken: page.nextToken };
  }),
  DescribeImageAttribute: ec2Read(
    'DescribeImageAttribute',
    ['ImageId', 'Attribute'],
    (input, at) => {
      const { id, sharedWith } = existingEc2(IMAGE, input.ImageId, at);
      if (input.Attribute !== 'launchPermission') throw notModelled(`the image attribute ${input.Attribute}`);
      const LaunchPermissions = sharedWith.map((who) => (who === 'all' ? { Group: 'all' as const } : { UserId: who }));
      return { ImageId: id, LaunchPermissions };
    },
    (input, at) => [ec2KindNeed('DescribeImageAttribute', IMAGE, input.ImageId, at)],
  ),
  ModifyImageAttribute: ec2Change(
    'ModifyImageAttribute',
    ['ImageId', 'Attribute', 'OperationType', 'UserIds', 'UserGroups', 'LaunchPermission'],
    (input, at) => [ec2KindNeed('ModifyImageAttribute', IMAGE, input.ImageId, at)],
    (input, at) => {
      const image = existingEc2(IMAGE, input.ImageId, at);
      storeEc2(IMAGE, { ...image, sharedWith: changedSharing(image, input, at) }, at);
      return {};
    },
  ),
  GetImageBlockPublicAccessState: ec2Read('GetImageBlockPublicAccessState', [], (_, { state }) => ({
    ImageBlockPublicAccessState: state.imageBlockPublicAccess,
    ManagedBy: 'account',
  })),
  EnableImageBlockPublicAccess: ec2Change(
    'EnableImageBlockPublicAccess',
    ['ImageBlockPublicAccessState'],
    (_, at) => [ec2AccountNeed('EnableImageBlockPublicAccess', at)],
    (input, at) => {
      const { ImageBlockPublicAccessState } = input;
      if (ImageBlockPublicAccessState !== 'block-new-sharing')
        throw invalidEc2Parameter(`Invalid value '${ImageBlockPublicAccessState}' for ImageBlockPublicAccessState.`);
      at.state.imageBlockPublicAccess = ImageBlockPublicAccessState;
      return { ImageBlockPublicAccessState };
    },
  ),
  DisableImageBlockPublicAccess: ec2Change(
    'DisableImageBlockPublicAccess',
    [],
    (_, at) => [ec2AccountNeed('DisableImageBlockPublicAccess', at)],
    (_, at) => {
      at.state.imageBlockPublicAccess = 'unblocked';
      return { ImageBlockPublicAccessState: 'unblocked' };
    },
  ),
};

const isPublic = ({ sharedWith }: MachineImage): boolean => sharedWith.includes('all');

const snapshotsOf = ({ BlockDeviceMappings = [] }: Pick<sdk.Image, 'BlockDeviceMappings'>): readonly string[] =>
  BlockDeviceMappings.flatMap(({ Ebs }) => Ebs?.SnapshotId ?? []);

function registerNeeds(input: sdk.RegisterImageRequest, at: Ec2At): readonly Need[] {
  const snapshots = snapshotsOf(input).map((id) => ec2Need('RegisterImage', 'snapshot', id, at));
  return [ec2KindNeed('RegisterImage', IMAGE, '*', at), ...snapshots];
}

function imageOf(input: sdk.RegisterImageRequest, at: Ec2At): sdk.Image {
  const { Name = '', Architecture = 'i386', RootDeviceName, Description } = input;
  if (!/^[\w()[\] ./\-'@]{3,128}$/.test(Name))
    throw new AwsError(
      'InvalidAMIName.Malformed',
      'AMI names must be between 3 and 128 characters long, and may contain letters, numbers, and ( ) . / - _ only',
    );
  const taken = [...at.state.images.values()].find(({ fields }) => fields.Name === Name);
  if (taken) throw new AwsError('InvalidAMIName.Duplicate', `AMI name ${Name} is already in use by AMI ${taken.id}`);
  const root = input.BlockDeviceMappings?.find(({ DeviceName }) => DeviceName === RootDeviceName);
  if (root?.Ebs?.SnapshotId === undefined) throw missingEc2Parameter('blockDeviceMapping of the root device');
  const mappings = (input.BlockDeviceMappings ?? []).map((mapping) => {
    const { fields } = existingSnapshot(mapping.Ebs?.SnapshotId, at);
    const Ebs = { DeleteOnTermination: true, VolumeSize: fields.VolumeSize, VolumeType: 'gp2' as const };
    return { ...mapping, Ebs: { ...Ebs, Encrypted: fields.Encrypted, ...mapping.Ebs } };
  });
  return {
    Name,
    ...(Description !== undefined && { Description }),
    Architecture,
    BlockDeviceMappings: mappings,
    CreationDate: new Date(at.kernel.clock.now()).toISOString(),
    Hypervisor: 'xen',
    ImageLocation: `${at.account}/${Name}`,
    ImageType: 'machine',
    OwnerId: at.account,
    PlatformDetails: 'Linux/UNIX',
    RootDeviceName,
    RootDeviceType: 'ebs',
    State: 'available',
    UsageOperation: 'RunInstances',
    VirtualizationType: input.VirtualizationType === 'hvm' ? 'hvm' : 'paravirtual',
  };
}

/** Returns own images, and those of the organization's other accounts that this one may launch. */
function visibleImages(at: Ec2At): MachineImage[] {
  const others = [...organizationState(at.kernel).accounts.keys()].filter((account) => account !== at.account);
  const shared = others
    .flatMap((account) => [...at.kernel.state(EC2, { ...at, account }).images.values()])
    .filter((image) => isPublic(image) || image.sharedWith.includes(at.account));
  return [...at.state.images.values(), ...shared];
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html */
function wantedImages({ ImageIds, Owners, ExecutableUsers }: sdk.DescribeImagesRequest, at: Ec2At): MachineImage[] {
  const visible = visibleImages(at);
  for (const id of ImageIds ?? []) {
    checkIdForm(id, 'ami-');
    if (!visible.some((image) => image.id === id))
      throw new AwsError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
  }
  const owners = Owners?.map((owner) => ownerId(owner, at));
  return visible.filter(
    (image) =>
      (!ImageIds?.length || ImageIds.includes(image.id)) &&
      (!owners?.length || owners.includes(image.fields.OwnerId)) &&
      (!ExecutableUsers?.length || ExecutableUsers.some((user) => isSelectedBy(user, image, at))),
  );
}

const CATALOGUES = ['amazon', 'aws-marketplace', 'aws-backup-vault'];

/** @throws AwsError InvalidUserID.Malformed for neither an account nor an alias */
function ownerId(owner: string, { account }: Ec2At): string | undefined {
  if (owner === 'self') return account;
  if (CATALOGUES.includes(owner) || /^\d{12}$/.test(owner)) return owner;
  throw new AwsError('InvalidUserID.Malformed', `Invalid user id: "${owner}"`);
}

/** `self` selects images that this account may launch; another account, own images that the other one may launch. */
function isSelectedBy(user: string, { fields, sharedWith }: MachineImage, { account }: Ec2At): boolean {
  if (user === 'all') return sharedWith.includes('all');
  if (user === 'self' || user === account) return sharedWith.includes(account);
  return fields.OwnerId === account && sharedWith.includes(user);
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyImageAttribute.html */
function changedSharing(
  { sharedWith }: MachineImage,
  input: sdk.ModifyImageAttributeRequest,
  { state }: Ec2At,
): readonly string[] {
  const { Attribute, OperationType, UserIds = [], UserGroups = [], LaunchPermission = {} } = input;
  if (Attribute !== undefined && Attribute !== 'launchPermission')
    throw notModelled(`the image attribute ${Attribute}`);
  const idsOf = (permissions: readonly sdk.LaunchPermission[] = []) =>
    permissions.map(({ Group, UserId }) => Group ?? UserId ?? '');
  const named = [...UserIds, ...UserGroups];
  const add = [...idsOf(LaunchPermission.Add), ...(OperationType === 'add' ? named : [])];
  const remove = [...idsOf(LaunchPermission.Remove), ...(OperationType === 'remove' ? named : [])];
  if (add.length + remove.length === 0) throw missingEc2Parameter('launchPermission');
  for (const id of [...add, ...remove])
    if (!/^(\d{12}|all)$/.test(id)) throw invalidEc2Parameter(`Invalid value '${id}' for launchPermission.`);
  // AWS refuses it. The sandbox knows no source for its error.
  if (add.includes('all') && state.imageBlockPublicAccess !== 'unblocked')
    throw notModelled('that an image becomes public although the account blocks that');
  return [...new Set([...sharedWith.filter((id) => !remove.includes(id)), ...add])];
}
