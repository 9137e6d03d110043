/**
 * Gives the resource of a scenario attributes beside those that the scenario is about: tags, policies, objects, other
 * rules. A remediation that loses or resets them does not restore the world. A setting that is on in one Region is off
 * in another, so that a call that sets it changes one of them.
 */
import type { FindingResource, Place } from '../../../functions/contract/remediation.ts';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { AwsError } from '../../../sandbox/kernel/kernel.ts';
import { FINDING_PLACE } from '../places.ts';
import type { TownSite } from './site.ts';
import { siteAt } from './town.ts';

/** Dresses one resource. `id` is the part of its ARN after the type. */
type Dress = (site: TownSite, id: string, arn: string) => readonly (() => Promise<unknown>)[];

const DRESSED_TAGS = [{ Key: 'dressed', Value: 'yes' }];
const DENY_BILLING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Deny', Action: 'aws-portal:*', Resource: '*' }],
});

const dressGroup: Dress = ({ call }, GroupId) => [
  () => call('CreateTags', { Resources: [GroupId], Tags: DRESSED_TAGS }),
  async () => {
    const { SecurityGroups } = await call('DescribeSecurityGroups', { GroupIds: [GroupId] });
    // A rule would be a fault of a default group.
    if (SecurityGroups[0].GroupName === 'default') return;
    const rule = { IpProtocol: 'tcp', FromPort: 5432, ToPort: 5432, IpRanges: [{ CidrIp: '10.0.0.0/8' }] };
    const TagSpecifications = [{ ResourceType: 'security-group-rule', Tags: DRESSED_TAGS }];
    await call('AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [rule], TagSpecifications });
    await call('AuthorizeSecurityGroupEgress', { GroupId, IpPermissions: [rule], TagSpecifications });
  },
];

const dressUser: Dress = ({ call }, nameOrId) => {
  const withName = (operation: string, input: object) => async () => {
    const { Users } = await call('ListUsers');
    const name = nameOrId.slice(nameOrId.lastIndexOf('/') + 1);
    const user = Users.find(({ UserId, UserName }: Record<string, string>) => [UserId, UserName].includes(name));
    if (user) await call(operation, { UserName: user.UserName, ...input });
  };
  return [
    withName('TagUser', { Tags: DRESSED_TAGS }),
    withName('PutUserPolicy', { PolicyName: 'dressed', PolicyDocument: DENY_BILLING }),
    withName('AttachUserPolicy', { PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
    withName('AddUserToGroup', { GroupName: 'town' }),
  ];
};

const dressBucket: Dress = ({ call, region }, Bucket) => [
  async () => {
    const tags = await call('GetBucketTagging', { Bucket }).catch(() => ({ TagSet: [] }));
    await call('PutBucketTagging', { Bucket, Tagging: { TagSet: [...tags.TagSet, ...DRESSED_TAGS] } });
  },
  async () => {
    const Status = region === FINDING_PLACE.region ? 'Suspended' : 'Enabled';
    await call('PutBucketVersioning', { Bucket, VersioningConfiguration: { Status } });
  },
  () => call('PutObject', { Bucket, Key: 'dressed', Body: Buffer.from('yes') }),
];

const dressKey: Dress = ({ call }, KeyId) => [
  () => call('TagResource', { KeyId, Tags: [{ TagKey: 'dressed', TagValue: 'yes' }] }),
  () => call('CreateAlias', { AliasName: 'alias/dressed', TargetKeyId: KeyId }),
];

const dressTrail: Dress = ({ call, region }, _, arn) => [
  () => call('AddTags', { ResourceId: arn, TagsList: DRESSED_TAGS }),
  async () => {
    if (region === FINDING_PLACE.region) await call('StartLogging', { Name: arn });
  },
  () => call('UpdateTrail', { Name: arn, IncludeGlobalServiceEvents: false }),
];

const dressQueue: Dress = ({ call, account }, name) => {
  const QueueUrl = `https://sqs.amazonaws.com/${account}/${name}`;
  return [
    () => call('TagQueue', { QueueUrl, Tags: { dressed: 'yes' } }),
    () => call('SetQueueAttributes', { QueueUrl, Attributes: { VisibilityTimeout: '77' } }),
    () => call('SendMessage', { QueueUrl, MessageBody: 'dressed' }),
  ];
};

const dressTopic: Dress = ({ call }, _, TopicArn) => [
  () => call('TagResource', { ResourceArn: TopicArn, Tags: DRESSED_TAGS }),
  () => call('SetTopicAttributes', { TopicArn, AttributeName: 'DisplayName', AttributeValue: 'dressed' }),
];

/** By the resource's type in a finding: the service that has it, and the beginning of its ARN's resource. */
const DRESSES: Readonly<Record<string, { readonly service: string; readonly prefix: string; readonly dress: Dress }>> =
  {
    AwsEc2SecurityGroup: { service: 'ec2', prefix: 'security-group/', dress: dressGroup },
    AwsIamUser: { service: 'iam', prefix: 'user/', dress: dressUser },
    AwsS3Bucket: { service: 's3', prefix: '', dress: dressBucket },
    AwsKmsKey: { service: 'kms', prefix: 'key/', dress: dressKey },
    AwsCloudTrailTrail: { service: 'cloudtrail', prefix: 'trail/', dress: dressTrail },
    AwsSqsQueue: { service: 'sqs', prefix: '', dress: dressQueue },
    AwsSnsTopic: { service: 'sns', prefix: '', dress: dressTopic },
  };

/** Dresses a resource as far as AWS lets its administrator: not one that is gone, or that AWS or another account owns. */
export async function dressResource(sandbox: Sandbox, place: Place, { Type, Id }: FindingResource): Promise<void> {
  const known = DRESSES[Type];
  if (!known) return;
  const id = Id.split(':').slice(5).join(':').slice(known.prefix.length);
  for (const dress of known.dress(siteAt(sandbox, known.service, place), id, Id))
    await dress().catch((error) => {
      if (!(error instanceof AwsError)) throw error;
    });
}
