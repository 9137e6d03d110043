/** Flow logs of VPCs, subnets and network interfaces. They deliver nothing. */
import type * as sdk from '@aws-sdk/client-ec2';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { passRoleNeed } from '../iam/needs.ts';
import { notModelled } from '../requests.ts';
import { permitDelivery } from './flow-log-delivery.ts';
import { ec2Need } from './needs.ts';
import { type Ec2Kind, ec2KindNeed, listedEc2, newEc2Id, removeEc2, shownEc2, storeEc2 } from './plain.ts';
import { type Ec2Operations, ec2Change, ec2Read, invalidEc2Parameter, missingEc2Parameter } from './requests.ts';
import type { Ec2At, PlainEc2Record } from './state.ts';

const FLOW_LOG: Ec2Kind<sdk.FlowLog> = {
  records: ({ flowLogs }) => flowLogs,
  id: 'FlowLogId',
  prefix: 'fl-',
  type: 'vpc-flow-log',
  missing: 'InvalidFlowLogId.NotFound',
  filters: {
    'flow-log-id': ({ id }) => id,
    'resource-id': ({ fields }) => fields.ResourceId,
    'traffic-type': ({ fields }) => fields.TrafficType,
    'log-destination-type': ({ fields }) => fields.LogDestinationType,
    'log-group-name': ({ fields }) => fields.LogGroupName,
    'deliver-log-status': ({ fields }) => fields.DeliverLogsStatus,
  },
};

type FlowLogResource = {
  /** IAM's type. */
  readonly type: string;
  readonly map: 'vpcs' | 'subnets' | 'interfaces';
  readonly missing: string;
};

/** By ResourceType. */
const RESOURCES: Readonly<Record<string, FlowLogResource>> = {
  VPC: { type: 'vpc', map: 'vpcs', missing: 'InvalidVpcId.NotFound' },
  Subnet: { type: 'subnet', map: 'subnets', missing: 'InvalidSubnetId.NotFound' },
  NetworkInterface: {
    type: 'network-interface',
    map: 'interfaces',
    missing: 'InvalidNetworkInterfaceId.NotFound',
  },
};

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html */
const DEFAULT_FORMAT =
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}';
const MEMBERS = [
  'ResourceIds',
  'ResourceType',
  'TrafficType',
  'LogDestinationType',
  'LogDestination',
  'LogGroupName',
  'DeliverLogsPermissionArn',
  'LogFormat',
  'MaxAggregationInterval',
  'TagSpecifications',
] as const;

export const flowLogOperations: Ec2Operations = {
  CreateFlowLogs: ec2Change('CreateFlowLogs', MEMBERS, createNeeds, (input, at) => {
    const settings = settingsOf(input);
    const results = (input.ResourceIds ?? []).map((ResourceId) => createFlowLog(input, settings, ResourceId, at));
    return {
      FlowLogIds: results.flatMap(({ id }) => id ?? []),
      Unsuccessful: results.flatMap(({ failed }) => failed ?? []),
    };
  }),
  DescribeFlowLogs: ec2Read('DescribeFlowLogs', ['FlowLogIds', 'Filter', 'MaxResults', 'NextToken'], (input, at) => {
    const page = listedEc2(FLOW_LOG, { ...input, ids: input.FlowLogIds, Filters: input.Filter }, at);
    return { FlowLogs: page.items.map((log) => shownEc2(FLOW_LOG, log, at)), NextToken: page.nextToken };
  }),
  DeleteFlowLogs: ec2Change(
    'DeleteFlowLogs',
    ['FlowLogIds'],
    (input, at) =>
      (input.FlowLogIds ?? []).flatMap((id) => [
        ec2KindNeed('DeleteFlowLogs', FLOW_LOG, id, at),
        ...deliveryNeeds('DeleteLogDelivery', at.state.flowLogs.get(id)?.fields ?? {}),
      ]),
    (input, at) => {
      const Unsuccessful = (input.FlowLogIds ?? []).flatMap((id) => {
        const log = at.state.flowLogs.get(id);
        if (!log) return unsuccessful(id, FLOW_LOG.missing, `The specified flow log ${id} does not exist`);
        removeEc2(FLOW_LOG, log, at);
        return [];
      });
      return { Unsuccessful };
    },
  ),
};

/**
 * Returns the needs; delivery to S3 has one of CloudWatch Logs too:
 * https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html
 */
function createNeeds(input: sdk.CreateFlowLogsRequest, at: Ec2At): readonly Need[] {
  const { ResourceIds = [], DeliverLogsPermissionArn: role } = input;
  const { type } = resourceOf(input);
  return [
    ec2KindNeed('CreateFlowLogs', FLOW_LOG, '*', at),
    ...ResourceIds.map((id) => ec2Need('CreateFlowLogs', type, id, at)),
    ...(role ? [passRoleNeed(role, 'vpc-flow-logs.amazonaws.com')] : []),
    ...deliveryNeeds('CreateLogDelivery', input),
  ];
}

const deliveryNeeds = (action: string, { LogDestinationType }: { readonly LogDestinationType?: string }): Need[] =>
  LogDestinationType === 's3' ? [{ action: `logs:${action}`, resource: '*' }] : [];

function resourceOf({ ResourceType = 'VPC' }: sdk.CreateFlowLogsRequest): FlowLogResource {
  const resource = RESOURCES[ResourceType];
  if (!resource) throw notModelled(`flow logs of a ${ResourceType}`);
  return resource;
}

function settingsOf(input: sdk.CreateFlowLogsRequest): sdk.FlowLog {
  const { LogDestinationType = 'cloud-watch-logs', MaxAggregationInterval = 600, LogGroupName, TrafficType } = input;
  if (!['ACCEPT', 'REJECT', 'ALL'].includes(TrafficType ?? '')) throw missingEc2Parameter('TrafficType');
  if (![60, 600].includes(MaxAggregationInterval))
    throw invalidEc2Parameter(`Invalid value '${MaxAggregationInterval}' for maxAggregationInterval: 60 or 600.`);
  if (LogDestinationType === 'cloud-watch-logs') {
    if (!input.DeliverLogsPermissionArn) throw missingEc2Parameter('DeliverLogsPermissionArn');
    if (!LogGroupName && !input.LogDestination) throw missingEc2Parameter('LogGroupName');
  } else if (LogDestinationType === 's3') {
    if (!input.LogDestination) throw missingEc2Parameter('LogDestination');
  } else throw notModelled(`flow logs to ${LogDestinationType}`);
  return {
    TrafficType,
    LogDestinationType,
    MaxAggregationInterval,
    LogDestination: input.LogDestination,
    LogGroupName: LogGroupName ?? /:log-group:([^:]+)/.exec(input.LogDestination ?? '')?.[1],
    DeliverLogsPermissionArn: input.DeliverLogsPermissionArn,
    LogFormat: input.LogFormat ?? DEFAULT_FORMAT,
    DeliverLogsStatus: 'SUCCESS',
    FlowLogStatus: 'ACTIVE',
  };
}

type FlowLogResult = { readonly id?: string; readonly failed?: sdk.UnsuccessfulItem };

/** A resource without a flow log does not fail the call. */
function createFlowLog(
  input: sdk.CreateFlowLogsRequest,
  settings: sdk.FlowLog,
  ResourceId: string,
  at: Ec2At,
): FlowLogResult {
  const { type, map, missing } = resourceOf(input);
  if (!at.state[map].has(ResourceId))
    return { failed: unsuccessful(ResourceId, missing, `The ${type} ID '${ResourceId}' does not exist`) };
  const { LogDestination = '', LogDestinationType } = settings;
  const problem = LogDestinationType === 's3' ? permitDelivery(LogDestination, at) : undefined;
  if (problem !== undefined) return { failed: unsuccessful(ResourceId, '400', problem) };
  if ([...at.state.flowLogs.values()].some((other) => isSame(other, settings, ResourceId)))
    throw new AwsError(
      'FlowLogAlreadyExists',
      'Error. There is an existing Flow Log with the same configuration and log destination.',
    );
  const fields = { ...settings, ResourceId, CreationTime: new Date(at.kernel.clock.now()) };
  return { id: storeEc2(FLOW_LOG, { id: newEc2Id(FLOW_LOG, at), fields }, at, input.TagSpecifications).id };
}

const isSame = ({ fields }: PlainEc2Record<sdk.FlowLog>, settings: sdk.FlowLog, ResourceId: string): boolean =>
  fields.ResourceId === ResourceId &&
  (['TrafficType', 'LogDestination', 'LogGroupName'] as const).every((name) => fields[name] === settings[name]);

const unsuccessful = (ResourceId: string, Code: string, Message: string): sdk.UnsuccessfulItem => ({
  ResourceId,
  Error: { Code, Message },
});
