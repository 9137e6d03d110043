/** Ids that AWS could not have created, against the target of every remediation. */
import { expect, it } from 'vitest';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';

const long = (length: number, end = '') => `${'a'.repeat(length)}${end}`;
const at = (service: string, kind: string, names: readonly string[], region = 'us-east-1', account = '333333333333') =>
  names.map((name) => `arn:aws:${service}:${region}:${account}:${kind}${name}`);
const HEX = '0123456789abcdef';
const ec2 = (kind: string, prefix: string) =>
  at('ec2', `${kind}/`, [
    ...[`${prefix}-${HEX}g`, `${prefix}-${HEX.toUpperCase()}0`, `${prefix}-012345678`, `${prefix}-${HEX}0/x`],
    ...[`${prefix}-${HEX}0\n`, `x${prefix}-${HEX}0`, `${prefix}-`, HEX],
  ]);

const IMPOSSIBLE: Readonly<Record<string, readonly string[]>> = {
  AwsCloudTrailTrail: at('cloudtrail', 'trail/', ['ab', '-abc', 'abc-', 'a..b', 'a.-b', '192.168.5.4', long(129)]),
  AwsDynamoDbTable: at('dynamodb', 'table/', ['ab', 'a b', long(256), 'abc/index/b']),
  AwsEc2Instance: ec2('instance', 'i'),
  AwsEc2NetworkAcl: ec2('network-acl', 'acl'),
  AwsEc2SecurityGroup: ec2('security-group', 'sg'),
  AwsEc2Subnet: ec2('subnet', 'subnet'),
  AwsEc2TransitGateway: ec2('transit-gateway', 'tgw'),
  AwsEc2Vpc: ec2('vpc', 'vpc'),
  AwsEcrRepository: at('ecr', 'repository/', ['Abc', 'a', 'ab/', 'a//b', '-ab', long(257)]),
  AwsEfsFileSystem: at('elasticfilesystem', 'file-system/', ['fs-123', `fs-${HEX}g`]),
  AwsElastiCacheCacheCluster: at('elasticache', 'cluster:', ['Abc', 'abc-', 'a--b', '1abc', long(51)]),
  AwsElbv2LoadBalancer: at('elasticloadbalancing', 'loadbalancer/', [
    ...[`app/-a/${HEX}`, `app/a-/${HEX}`, `app/internal-a/${HEX}`, `app/${long(33)}/${HEX}`, 'app/a/0123', `a/${HEX}`],
  ]),
  AwsIamGroup: at('iam', 'group/', [long(129), 'a b', 'a/', '/a'], ''),
  AwsIamRole: at('iam', 'role/', [long(65), `path/${long(65)}`, 'a b', 'a/'], ''),
  AwsIamUser: at('iam', 'user/', [long(65), 'a b', 'a/', '/a'], ''),
  AwsKmsKey: at('kms', 'key/', ['12345678-1234-1234-1234-12345678901', 'mrk-123', 'alias/a', HEX]),
  AwsLambdaFunction: at('lambda', 'function:', [long(65), 'a b', 'a.b']),
  AwsRdsDbInstance: at('rds', 'db:', ['Db', 'db-', 'd--b', '1db', long(64)]),
  AwsRdsDbCluster: at('rds', 'cluster:', ['Db', 'db-', 'd--b', '1db', long(64)]),
  AwsRdsDbSnapshot: at('rds', 'snapshot:', ['Db', 'db-', 'd--b', long(256)]),
  AwsRedshiftCluster: at('redshift', 'cluster:', ['A', 'a-', 'a--b', '1a', long(64)]),
  AwsS3Bucket: at('s3', '', ['192.168.5.4', 'b-s3alias', 'b--x-s3', 'a--ol-s3', 'ab', 'b/key', long(256)], '', ''),
  AwsSnsTopic: at('sns', '', [long(257), 'a.b', '', long(252, '.fifo')]),
  AwsSqsQueue: at('sqs', '', [long(81), 'a.fifo.fifo', 'a.b', long(76, '.fifo')]),
};

it.each(Object.entries(IMPOSSIBLE))('no remediation accepts an impossible id of %s', (Type, ids) => {
  const accepted = REMEDIATIONS.flatMap(({ id, target }) =>
    ids
      .filter((Id) => target.safeParse({ Type, Id, Region: 'us-east-1', Partition: 'aws', Details: {} }).success)
      .map((Id) => `${id} takes ${JSON.stringify(Id)}`),
  );
  expect(accepted).toEqual([]);
});
