/** Flow logs of a VPC. https://docs.aws.amazon.com/vpc/latest/userguide/working-with-flow-logs.html */
import {
  CreateFlowLogsCommand,
  type CreateFlowLogsCommandInput,
  DeleteFlowLogsCommand,
  type EC2Client,
  type FlowLog,
  paginateDescribeFlowLogs,
  type UnsuccessfulItem,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { isNamed } from '../../contract/errors.ts';
import { type DeclaredChange, type Place, type Refusal, refused } from '../../contract/remediation.ts';
import { costPer } from '../kit/monthly-cost.ts';
import { NamedBucket, namedIn } from '../kit/named-in-policy.ts';
import { declaredChange } from '../kit/owner-language.ts';
import { ROLE_NAME } from '../kit/service-role.ts';

export const FLOW_LOG_SERVICE = 'vpc-flow-logs.amazonaws.com';

export const FlowLogParams = z.strictObject({
  bucketName: NamedBucket.optional(),
  logGroupName: z
    .string()
    .regex(/^[.\-_/#A-Za-z0-9{}]{1,512}$/)
    .optional(),
  roleName: z.string().regex(ROLE_NAME).optional(),
});
type FlowLogParams = z.infer<typeof FlowLogParams>;

export const NO_DESTINATION =
  'policy names no destination for flow logs: set params.bucketName to a bucket, or params.logGroupName to a log group in each account and params.roleName to a role there that writes to it';

/** Returns where policy wants flow logs: the ARN of a bucket, or the name of a log group. Undefined: nowhere. */
export function destinationIn({ bucketName, logGroupName, roleName }: FlowLogParams, place: Place): string | undefined {
  if (bucketName !== undefined) return `arn:${place.partition}:s3:::${namedIn(bucketName, place)}`;
  return logGroupName !== undefined && roleName !== undefined ? namedIn(logGroupName, place) : undefined;
}

const isBucket = (destination: string): boolean => destination.startsWith('arn:');

type FlowLogContext = Place & { readonly ec2: EC2Client; readonly target: { readonly vpc: string } };

/** Returns the active flow logs of the VPC itself that have its rejected traffic; those of its subnets do not count. */
export async function rejectionLogs({ ec2, target: { vpc } }: FlowLogContext): Promise<FlowLog[]> {
  const logs: FlowLog[] = [];
  const Filter = [{ Name: 'resource-id', Values: [vpc] }];
  for await (const { FlowLogs = [] } of paginateDescribeFlowLogs({ client: ec2 }, { Filter })) logs.push(...FlowLogs);
  return logs.filter(
    ({ FlowLogStatus, TrafficType }) => FlowLogStatus === 'ACTIVE' && ['REJECT', 'ALL'].includes(TrafficType ?? ''),
  );
}

export const destinationOf = ({ LogDestinationType, LogDestination, LogGroupName }: FlowLog): string =>
  (LogDestinationType === 'cloud-watch-logs' ? LogGroupName : LogDestination) ?? '';

/** Creates a flow log of rejected traffic, unless it is there. Returns a refusal if EC2 takes no such destination. */
export async function createFlowLog(
  { ec2, target, partition, account }: FlowLogContext,
  destination: string,
  roleName: string | undefined,
): Promise<Refusal | undefined> {
  const to = isBucket(destination)
    ? { LogDestinationType: 's3' as const, LogDestination: destination }
    : { LogGroupName: destination, DeliverLogsPermissionArn: `arn:${partition}:iam::${account}:role/${roleName}` };
  const traffic: CreateFlowLogsCommandInput = { ResourceType: 'VPC', ResourceIds: [target.vpc], TrafficType: 'REJECT' };
  try {
    // EC2 reports failures in a successful answer.
    const { Unsuccessful = [] } = await ec2.send(new CreateFlowLogsCommand({ ...traffic, ...to }));
    return refusalOf(Unsuccessful);
  } catch (error) {
    if (isNamed(error, ALREADY_EXISTS)) return undefined;
    throw error;
  }
}

const ALREADY_EXISTS = 'FlowLogAlreadyExists';

function refusalOf(items: readonly UnsuccessfulItem[]): Refusal | undefined {
  const failed = items.find(({ Error: error }) => error?.Code !== ALREADY_EXISTS);
  return failed && refused(`EC2 created no flow log: ${failed.Error?.Message} (${failed.Error?.Code})`);
}

/** Deletes the flow logs of rejected traffic that go to this destination. */
export async function deleteFlowLog(context: FlowLogContext, destination: string): Promise<Refusal | undefined> {
  const logs = (await rejectionLogs(context)).filter(
    (log) => log.TrafficType === 'REJECT' && destinationOf(log) === destination,
  );
  if (logs.length === 0) return undefined;
  const FlowLogIds = logs.map(({ FlowLogId = '' }) => FlowLogId);
  const { Unsuccessful = [] } = await context.ec2.send(new DeleteFlowLogsCommand({ FlowLogIds }));
  const failed = Unsuccessful.find(({ Error: error }) => error?.Code !== 'InvalidFlowLogId.NotFound');
  return failed && refused(`EC2 kept the flow log ${failed.ResourceId}: ${failed.Error?.Message}`);
}

/** Returns what becomes of the traffic. */
export function flowLogText([destination]: readonly string[]): string {
  if (destination === undefined) return 'no flow log has the rejected traffic of the VPC';
  return `the rejected traffic of the VPC is logged to ${destination}`;
}

/** Returns what the logs of rejected traffic cost at their new destination. */
export const flowLogCost = ([destination = '']: readonly string[]): string =>
  costPer(isBucket(destination) ? 'flowLogToS3' : 'logIngestion', 'a GB of logs');

const OPTIONAL = { type: z.string().nullable(), default: null };

/** A flow log in the language of the VPC's owner, who writes it beside the VPC. */
export const FLOW_LOG_WORDS = {
  cloudFormation: 'AWS::EC2::FlowLog',
  terraform: 'aws_flow_log',
  beside: true,
  attributes: {
    TrafficType: { type: z.enum(['ACCEPT', 'ALL', 'REJECT']), default: 'REJECT', terraform: 'traffic_type' },
    LogDestinationType: {
      type: z.enum(['cloud-watch-logs', 's3']),
      default: 'cloud-watch-logs',
      terraform: 'log_destination_type',
    },
    LogDestination: { ...OPTIONAL, terraform: 'log_destination' },
    DeliverLogsPermissionArn: { ...OPTIONAL, terraform: 'iam_role_arn' },
  },
} as const;

/** Returns the flow log that the owner writes. */
export function declaredFlowLog(
  [destination = '']: readonly string[],
  { partition, region, account, params: { roleName } }: Place & { readonly params: FlowLogParams },
): DeclaredChange {
  const to = isBucket(destination)
    ? { LogDestinationType: 's3', LogDestination: destination }
    : {
        LogDestination: `arn:${partition}:logs:${region}:${account}:log-group:${destination}`,
        DeliverLogsPermissionArn: `arn:${partition}:iam::${account}:role/${roleName}`,
      };
  return declaredChange(FLOW_LOG_WORDS, { TrafficType: 'REJECT', ...to });
}
