/** Log groups that a service writes to, for scenarios, created as an administrator of the account. */
import { type CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, type IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import type { Place } from '../../contract/remediation.ts';
import { orUndefined } from './or-undefined.ts';

type LogDestination = { readonly logGroupName: string; readonly roleName: string };

/**
 * Creates a log group and a role of these names for a service, unless they are there, and returns their ARNs as a trail has
 * them.
 */
export async function createLogDestination(
  { iam, logs }: { readonly iam: IAMClient; readonly logs: CloudWatchLogsClient },
  { partition, region, account }: Place,
  { logGroupName, roleName: RoleName }: LogDestination,
  service: string,
) {
  const group = `arn:${partition}:logs:${region}:${account}:log-group:${logGroupName}:*`;
  await orUndefined(logs.send(new CreateLogGroupCommand({ logGroupName })), 'ResourceAlreadyExistsException');
  const document = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const AssumeRolePolicyDocument = document({ Principal: { Service: service }, Action: 'sts:AssumeRole' });
  const role = new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument });
  await orUndefined(iam.send(role), 'EntityAlreadyExistsException');
  const PolicyDocument = document({ Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'logs', PolicyDocument }));
  return {
    CloudWatchLogsLogGroupArn: group,
    CloudWatchLogsRoleArn: `arn:${partition}:iam::${account}:role/${RoleName}`,
  };
}
