/** Instances and their metadata options. They have neither disks nor network interfaces, and run nothing. */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { ec2Need } from './needs.ts';
import {
  createdOnce,
  type Ec2Kind,
  ec2KindNeed,
  existingEc2,
  listedEc2,
  newEc2Id,
  shownEc2,
  storeEc2,
} from './plain.ts';
import {
  checkIdForm,
  type Ec2Operations,
  ec2Change,
  ec2Read,
  invalidEc2Parameter,
  missingEc2Parameter,
} from './requests.ts';
import type { Ec2At, Ec2Instance, Subnet } from './state.ts';
import { existingSubnet } from './vpcs.ts';

const INSTANCE: Ec2Kind<sdk.Instance, Ec2Instance> = {
  records: ({ instances }) => instances,
  id: 'InstanceId',
  prefix: 'i-',
  type: 'instance',
  missing: 'InvalidInstanceID.NotFound',
  filters: {
    'instance-id': ({ id }) => id,
    'image-id': ({ fields }) => fields.ImageId,
    'instance-type': ({ fields }) => fields.InstanceType,
    'instance-state-name': ({ fields }) => fields.State?.Name,
    'subnet-id': ({ fields }) => fields.SubnetId,
    'vpc-id': ({ fields }) => fields.VpcId,
    'metadata-options.http-tokens': ({ fields }) => fields.MetadataOptions?.HttpTokens,
    'metadata-options.http-endpoint': ({ fields }) => fields.MetadataOptions?.HttpEndpoint,
  },
};

const OPTIONS = [
  'HttpTokens',
  'HttpPutResponseHopLimit',
  'HttpEndpoint',
  'HttpProtocolIpv6',
  'InstanceMetadataTags',
] as const;
type MetadataOptions = Pick<sdk.InstanceMetadataOptionsRequest, (typeof OPTIONS)[number]>;

/** If neither the image nor the account says otherwise. */
const DEFAULT_OPTIONS: MetadataOptions = {
  HttpTokens: 'optional',
  HttpPutResponseHopLimit: 1,
  HttpEndpoint: 'enabled',
  HttpProtocolIpv6: 'disabled',
  InstanceMetadataTags: 'disabled',
};
const VALUES: Readonly<Record<string, readonly string[]>> = {
  HttpTokens: ['optional', 'required'],
  HttpEndpoint: ['enabled', 'disabled'],
  HttpProtocolIpv6: ['enabled', 'disabled'],
  InstanceMetadataTags: ['enabled', 'disabled'],
};
/** How long the options of an instance are `pending`. */
const PENDING_MS = 5_000;
const RUNNING = { Code: 16, Name: 'running' } as const;
const TERMINATED = { Code: 48, Name: 'terminated' } as const;

const RUN_MEMBERS = [
  'ImageId',
  'InstanceType',
  'MinCount',
  'MaxCount',
  'SubnetId',
  'MetadataOptions',
  'TagSpecifications',
  'ClientToken',
] as const;

export const ec2InstanceOperations: Ec2Operations = {
  RunInstances: ec2Change('RunInstances', RUN_MEMBERS, runNeeds, (input, at) => {
    const fields = instanceOf(input, at);
    const first = createdOnce(at.state.instances, input.ClientToken, at, () => {
      const reservation = at.kernel.id('r-', 17);
      const instances = Array.from({ length: input.MaxCount! }, () => {
        const record = { id: newEc2Id(INSTANCE, at), fields, reservation, settlesAt: 0 };
        return storeEc2(INSTANCE, record, at, input.TagSpecifications);
      });
      return instances[0]!;
    });
    const instances = [...at.state.instances.values()].filter(({ reservation }) => reservation === first.reservation);
    return reservationOf(first.reservation, instances, at);
  }),
  DescribeInstances: ec2Read(
    'DescribeInstances',
    ['InstanceIds', 'Filters', 'MaxResults', 'NextToken'],
    (input, at) => {
      const page = listedEc2(INSTANCE, { ...input, ids: input.InstanceIds }, at);
      const reservations = Map.groupBy(page.items, ({ reservation }) => reservation);
      return {
        Reservations: [...reservations].map(([id, instances]) => reservationOf(id, instances, at)),
        NextToken: page.nextToken,
      };
    },
  ),
  ModifyInstanceMetadataOptions: ec2Change(
    'ModifyInstanceMetadataOptions',
    ['InstanceId', ...OPTIONS],
    (input, at) => [ec2KindNeed('ModifyInstanceMetadataOptions', INSTANCE, input.InstanceId, at)],
    (input, at) => {
      const instance = existingEc2(INSTANCE, input.InstanceId, at);
      if (instance.fields.State?.Name === 'terminated')
        throw new AwsError(
          'IncorrectInstanceState',
          `The instance '${instance.id}' is not in a state from which its metadata options can be modified.`,
        );
      const MetadataOptions = { ...instance.fields.MetadataOptions, ...checkedOptions(input) };
      const settlesAt = at.kernel.clock.now() + PENDING_MS;
      const changed = { ...instance, fields: { ...instance.fields, MetadataOptions }, settlesAt };
      storeEc2(INSTANCE, changed, at);
      return { InstanceId: instance.id, InstanceMetadataOptions: shownOptions(changed, at) };
    },
  ),
  TerminateInstances: ec2Change(
    'TerminateInstances',
    ['InstanceIds'],
    (input, at) => (input.InstanceIds ?? []).map((id) => ec2KindNeed('TerminateInstances', INSTANCE, id, at)),
    (input, at) => {
      const instances = (input.InstanceIds ?? []).map((id) => existingEc2(INSTANCE, id, at));
      const TerminatingInstances = instances.map((instance) => {
        storeEc2(INSTANCE, { ...instance, fields: { ...instance.fields, State: TERMINATED } }, at);
        return { InstanceId: instance.id, PreviousState: instance.fields.State, CurrentState: TERMINATED };
      });
      return { TerminatingInstances };
    },
  ),
};

function runNeeds(input: sdk.RunInstancesRequest, at: Ec2At): readonly Need[] {
  const need = (type: string, id = '*') => ec2Need('RunInstances', type, id, at);
  const subnet = need('subnet', input.SubnetId);
  return [need('image', input.ImageId), need('instance'), need('network-interface'), subnet, need('volume')];
}

function instanceOf(input: sdk.RunInstancesRequest, at: Ec2At): sdk.Instance {
  checkIdForm(input.ImageId ?? '', 'ami-');
  if (!(input.MinCount! >= 1 && input.MaxCount! >= input.MinCount!)) throw missingEc2Parameter('MinCount, MaxCount');
  const subnet = subnetIn(input, at);
  return {
    ImageId: input.ImageId,
    InstanceType: input.InstanceType ?? 'm1.small',
    LaunchTime: new Date(at.kernel.clock.now()),
    MetadataOptions: { ...DEFAULT_OPTIONS, ...checkedOptions(input.MetadataOptions ?? {}) },
    Placement: { AvailabilityZone: subnet.zone, Tenancy: 'default' },
    State: RUNNING,
    SubnetId: subnet.id,
    VpcId: subnet.vpcId,
  };
}

/** Returns the requested subnet, by default one of the default VPC. */
function subnetIn({ SubnetId }: sdk.RunInstancesRequest, at: Ec2At): Subnet {
  if (SubnetId !== undefined) return existingSubnet(SubnetId, at);
  const subnet = [...at.state.subnets.values()].find(({ vpcId }) => at.state.vpcs.get(vpcId)?.isDefault);
  if (!subnet) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user.');
  return subnet;
}

/** Returns the options of a request. Absent ones stay. */
function checkedOptions(input: MetadataOptions): MetadataOptions {
  const given = OPTIONS.filter((name) => input[name] !== undefined);
  for (const name of given) {
    const value = input[name];
    const isValid = VALUES[name]?.includes(String(value)) ?? (Number(value) >= 1 && Number(value) <= 64);
    if (!isValid) throw invalidEc2Parameter(`Invalid value '${value}' for ${name}.`);
  }
  return Object.fromEntries(given.map((name) => [name, input[name]]));
}

const shownOptions = ({ fields, settlesAt }: Ec2Instance, at: Ec2At): sdk.InstanceMetadataOptionsResponse => ({
  ...fields.MetadataOptions,
  State: at.kernel.clock.now() < settlesAt ? 'pending' : 'applied',
});

const reservationOf = (ReservationId: string, instances: readonly Ec2Instance[], at: Ec2At): sdk.Reservation => ({
  ReservationId,
  OwnerId: at.account,
  Groups: [],
  Instances: instances.map((instance) => ({
    ...shownEc2(INSTANCE, instance, at),
    MetadataOptions: shownOptions(instance, at),
  })),
});
