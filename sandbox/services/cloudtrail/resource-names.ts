/** Types and names by which the event history shows resources. */
import { parseArn } from '../arn.ts';

type Naming = Readonly<Record<string, string>>;

/** By the ARN's service, then by the beginning of its resource; '' is a resource without one. */
const TYPES: Readonly<Record<string, Naming>> = {
  cloudformation: { stack: 'Stack' },
  cloudtrail: { trail: 'Trail' },
  cloudwatch: { alarm: 'Alarm' },
  dynamodb: { table: 'Table' },
  ec2: {
    image: 'Image',
    instance: 'Instance',
    'network-acl': 'NetworkAcl',
    'network-interface': 'NetworkInterface',
    'prefix-list': 'PrefixList',
    'route-table': 'RouteTable',
    'security-group': 'SecurityGroup',
    snapshot: 'Snapshot',
    subnet: 'Subnet',
    'transit-gateway': 'TransitGateway',
    volume: 'Volume',
    vpc: 'VPC',
    'vpc-flow-log': 'FlowLog',
  },
  ecr: { repository: 'Repository' },
  elasticfilesystem: { 'file-system': 'FileSystem' },
  elasticloadbalancing: { loadbalancer: 'LoadBalancer', listener: 'Listener' },
  events: { rule: 'Rule' },
  iam: { group: 'Group', 'instance-profile': 'InstanceProfile', policy: 'Policy', role: 'Role', user: 'User' },
  kms: { alias: 'Alias', key: 'Key' },
  lambda: { function: 'Function' },
  logs: { 'log-group': 'LogGroup' },
  rds: { cluster: 'DBCluster', 'cluster-snapshot': 'DBClusterSnapshot', db: 'DBInstance', snapshot: 'DBSnapshot' },
  redshift: { cluster: 'Cluster' },
  s3: { '': 'Bucket' },
  sns: { '': 'Topic' },
  sqs: { '': 'Queue' },
  ssm: { document: 'Document' },
  states: { stateMachine: 'StateMachine' },
};

const NAMESPACES: Readonly<Record<string, string>> = {
  cloudformation: 'CloudFormation',
  cloudtrail: 'CloudTrail',
  cloudwatch: 'CloudWatch',
  dynamodb: 'DynamoDB',
  elasticfilesystem: 'EFS',
  elasticloadbalancing: 'ElasticLoadBalancingV2',
  events: 'Events',
  lambda: 'Lambda',
  logs: 'Logs',
  redshift: 'Redshift',
  states: 'StepFunctions',
};

/** Their events name resources by the whole ARN. */
const BY_ARN: ReadonlySet<string> = new Set(['cloudformation', 'elasticloadbalancing', 'kms', 'sns', 'states']);

export type NamedResource = { readonly ResourceType: string; readonly ResourceName: string };

/** Returns undefined for an ARN that the table lacks, such as one of an object in a bucket. */
export function resourceNamed(arn: string): NamedResource | undefined {
  const { service, resource } = parseArn(arn);
  const types = TYPES[service];
  if (!types) return undefined;
  const [kind, ...rest] = resource.split(/[:/]/);
  const type = types[''] !== undefined ? (rest.length === 0 ? types[''] : undefined) : types[kind!];
  if (type === undefined) return undefined;
  return {
    ResourceType: `AWS::${NAMESPACES[service] ?? service.toUpperCase()}::${type}`,
    ResourceName: BY_ARN.has(service) ? arn : nameIn(service, resource),
  };
}

/** Neither the path of an IAM entity nor the bus of a rule is part of the name; a log group's name has slashes. */
function nameIn(service: string, resource: string): string {
  if (service === 'logs') return resource.replace(/^log-group:/, '').replace(/:\*$/, '');
  if (service === 'iam' || service === 'events') return resource.slice(resource.lastIndexOf('/') + 1);
  const [first, second] = resource.split(/[:/]/);
  return second ?? first!;
}
