/** EC2.6 (vpc-flow-logs-enabled): https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-6 */
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { IAMClient } from '@aws-sdk/client-iam';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { NO_ROLE } from '../../kit/service-role.ts';
import { tagsOfList } from '../../kit/tag-list.ts';
import { FLOW_LOG_DELETES, FLOW_LOG_READS, FLOW_LOG_WRITES, flowLogObjection } from '../flow-log-permissions.ts';
import * as flowLogs from '../flow-logs.ts';
import { findVpc, vpcTarget } from '../vpc.ts';

export default defineRemediation({
  id: 'ec2/log-vpc-traffic',
  title: 'Log the rejected traffic of a VPC',
  handles: { controls: ['EC2.6'] },
  // It costs money each month, so a person agrees by default.
  risk: 'disruptive',
  target: vpcTarget,
  found: z.strictObject({ vpc: z.string(), role: z.string() }),
  params: flowLogs.FlowLogParams,
  controlParams: { bucketName: 'own', logGroupName: 'own', roleName: 'own' },
  /** The ARN of a bucket or the name of a log group, of each active flow log that has rejected traffic. */
  state: z.strictObject({ destinations: z.array(z.string()) }),
  reads: FLOW_LOG_READS,
  writes: FLOW_LOG_WRITES,
  undoes: FLOW_LOG_DELETES,
  clients: { ec2: EC2Client, iam: IAMClient, logs: CloudWatchLogsClient },
}).by({
  async read(context) {
    if (!(await findVpc(context.ec2, context.target.vpc))) return undefined;
    return { destinations: (await flowLogs.rejectionLogs(context)).map(flowLogs.destinationOf) };
  },
  targets: (_, { target, params: { roleName = NO_ROLE } }) => [{ ...target, role: roleName }],
  want({ destinations }, { params, ...place }) {
    if (destinations.length > 0) return { destinations };
    const destination = flowLogs.destinationIn(params, place);
    return destination === undefined ? refused(flowLogs.NO_DESTINATION) : { destinations: [destination] };
  },
  objection: flowLogObjection,
  async write(context, from, to) {
    const [added] = to.destinations.filter((each) => !from.destinations.includes(each));
    const [removed] = from.destinations.filter((each) => !to.destinations.includes(each));
    if (removed !== undefined) return flowLogs.deleteFlowLog(context, removed);
    return added === undefined ? undefined : flowLogs.createFlowLog(context, added, context.params.roleName);
  },
  tags: async ({ ec2, target }) => tagsOfList((await findVpc(ec2, target.vpc))?.Tags),
  declared: (_, { destinations }, context) => flowLogs.declaredFlowLog(destinations, context),
  costs: (_, { destinations }) => flowLogs.flowLogCost(destinations),
  summary: (_, { destinations }) => flowLogs.flowLogText(destinations),
});
