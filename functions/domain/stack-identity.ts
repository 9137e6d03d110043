/**
 * How CloudFormation names the resources of findings: the type, and the physical id, which is what Ref returns.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
 */
import {
  identityOfTarget,
  type Place,
  type Remediation,
  type TargetFields,
  targetArn,
} from '../contract/remediation.ts';

export type StackIdentity = {
  /** Undefined: any type. */
  readonly types?: readonly string[];
  /** The resource has one of these physical ids. */
  readonly ids: readonly string[];
  /** Physical ids of another form are names, which the ARN does not have. */
  readonly idForm?: RegExp;
};

type Named = { readonly types: readonly string[]; readonly by: 'name' | 'arn' | 'url'; readonly idForm?: RegExp };
const named = (...types: string[]): Named => ({ types, by: 'name' });

/** By the finding's type of resource. */
const TYPES: Readonly<Record<string, Named>> = {
  AwsCloudFormationStack: { types: ['AWS::CloudFormation::Stack'], by: 'arn' },
  AwsCloudTrailTrail: named('AWS::CloudTrail::Trail'),
  AwsDynamoDbTable: named('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'),
  AwsEc2Instance: named('AWS::EC2::Instance'),
  AwsEc2NetworkAcl: named('AWS::EC2::NetworkAcl'),
  // Without VpcId in its template, the physical id is the group's name.
  AwsEc2SecurityGroup: { ...named('AWS::EC2::SecurityGroup'), idForm: /^sg-[0-9a-f]+$/ },
  AwsEc2Subnet: named('AWS::EC2::Subnet'),
  AwsEc2TransitGateway: named('AWS::EC2::TransitGateway'),
  AwsEc2Vpc: named('AWS::EC2::VPC'),
  AwsEcrRepository: named('AWS::ECR::Repository'),
  AwsEfsFileSystem: named('AWS::EFS::FileSystem'),
  AwsElastiCacheCacheCluster: named('AWS::ElastiCache::CacheCluster'),
  AwsElbv2LoadBalancer: { types: ['AWS::ElasticLoadBalancingV2::LoadBalancer'], by: 'arn' },
  AwsIamGroup: named('AWS::IAM::Group'),
  AwsIamRole: named('AWS::IAM::Role'),
  AwsIamServerCertificate: named('AWS::IAM::ServerCertificate'),
  AwsIamUser: named('AWS::IAM::User'),
  AwsKmsKey: named('AWS::KMS::Key', 'AWS::KMS::ReplicaKey'),
  AwsLambdaFunction: named('AWS::Lambda::Function'),
  AwsLogsLogGroup: named('AWS::Logs::LogGroup'),
  AwsRdsDbCluster: named('AWS::RDS::DBCluster', 'AWS::DocDB::DBCluster', 'AWS::Neptune::DBCluster'),
  AwsRdsDbInstance: named('AWS::RDS::DBInstance', 'AWS::DocDB::DBInstance', 'AWS::Neptune::DBInstance'),
  AwsRedshiftCluster: named('AWS::Redshift::Cluster'),
  AwsS3Bucket: named('AWS::S3::Bucket'),
  AwsSnsTopic: { types: ['AWS::SNS::Topic'], by: 'arn' },
  AwsSqsQueue: { types: ['AWS::SQS::Queue'], by: 'url' },
  AwsSsmDocument: named('AWS::SSM::Document'),
};

/** Templates have no such resources, or a setting of the account for which no stack answers. */
const WITHOUT_STACK = new Set(['AwsAccount', 'AwsRdsDbSnapshot', 'AwsRdsDbClusterSnapshot']);

/** @param type the finding's type of resource. Returns undefined if no stack can have the target. */
export function stackIdentity(
  module: Pick<Remediation, 'id' | 'target'>,
  place: Place,
  target: TargetFields,
  type: string | undefined = identityOfTarget(module.target, module.id).type,
): StackIdentity | undefined {
  const arn = targetArn(module, place, target);
  if ((type !== undefined && WITHOUT_STACK.has(type)) || arn.endsWith(':root')) return undefined;
  const known = type === undefined ? undefined : TYPES[type];
  if (!known) return { ids: [lastPart(arn), arn] };
  const { types, by, idForm } = known;
  const id = { name: lastPart(arn), arn, url: queueUrl(arn) }[by];
  return { types, ids: [id], ...(idForm && { idForm }) };
}

/** Returns the types of CloudFormation that the remediation's resource has in a stack, as far as its type says. */
export function stackTypes({ target, id }: Pick<Remediation, 'id' | 'target'>): readonly string[] {
  const { type } = identityOfTarget(target, id);
  return type === undefined ? [] : (TYPES[type]?.types ?? []);
}

/** Names of log groups and documents have slashes, so that only what AWS puts before a name is dropped. */
export function lastPart(arn: string): string {
  const resource = arn.split(':').slice(5).join(':');
  const logGroup = /^log-group:(.+?)(?::\*)?$/.exec(resource)?.[1];
  if (logGroup !== undefined) return logGroup;
  const repository = /^repository\/(.+)$/.exec(resource)?.[1];
  return repository ?? resource.slice(Math.max(resource.lastIndexOf('/'), resource.lastIndexOf(':')) + 1);
}

function queueUrl(arn: string): string {
  const [, partition, , region, account, queue] = arn.split(':');
  return `https://sqs.${region}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}/${account}/${queue}`;
}
