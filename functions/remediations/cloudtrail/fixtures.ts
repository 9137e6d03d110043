/** Trails for scenarios, and what they deliver to. */
import { AddTagsCommand, CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { S3Client } from '@aws-sdk/client-s3';
import type { Clients, TargetFields } from '../../contract/remediation.ts';
import type { AddTags, ScenarioContext } from '../../contract/scenario.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { trailArn } from './trail.ts';

export const DELIVERY_CLIENTS = {
  cloudtrail: CloudTrailClient,
  iam: IAMClient,
  logs: CloudWatchLogsClient,
  s3: S3Client,
};
type DeliveryClients = Clients<typeof DELIVERY_CLIENTS>;

type TrailFields = TargetFields & { readonly home: string; readonly owner: string; readonly trail: string };

/** Adds tags to the trail that the target names. */
export const tagTrail: AddTags<{ readonly cloudtrail: CloudTrailClient }, TrailFields> = (
  { cloudtrail },
  { partition, target },
  tags,
) => cloudtrail.send(new AddTagsCommand({ ResourceId: trailArn({ partition, target }), TagsList: listOfTags(tags) }));

type LogDestination = { readonly logGroupName: string; readonly roleName: string };

/** Creates a log group and a role of these names, unless they are there, and returns their ARNs as a trail has them. */
export async function createLogDestination(
  { iam, logs }: DeliveryClients,
  { partition, region, account }: ScenarioContext<unknown>,
  { logGroupName, roleName: RoleName }: LogDestination,
  service = 'cloudtrail.amazonaws.com',
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
