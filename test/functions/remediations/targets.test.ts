/**
 * A target accepts only ids that AWS could have created. AWS would refuse any other as malformed, or it would look like a
 * deleted resource. Triage rejects such a finding with the reason.
 */
import { describe, expect, it } from 'vitest';
import { arnForms, identityOfTarget, type Remediation } from '../../../functions/contract/remediation.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { triage } from '../../../functions/triage/decide.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { ACCOUNT, eventOf, SECURITY } from '../finding.ts';

const regional = (service: string) => (resource: string) => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const [ec2, rds, kms, logs] = [regional('ec2'), regional('rds'), regional('kms'), regional('logs')];
const trail = (name: string, home = 'us-east-1', owner = ACCOUNT) =>
  `arn:aws:cloudtrail:${home}:${owner}:trail/${name}`;
const iam = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const UUID = '0a1b2c3d-0000-4000-8000-0123456789ab';

/** Ids of EC2 have 8 hex digits, or 17 since 2016. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html */
const ec2Ids = (type: string, prefix: string) => ({
  taken: ['0a1b2c3d', '0123456789abcdef0'].map((id) => ec2(`${type}/${prefix}-${id}`)),
  refused: [
    ...['1', '0123456789abcdef', '0123456789abcdefg', '0123456789ABCDEF0'].map((id) => `${prefix}-${id}`),
    'default',
    `${prefix}r-0a1b2c3d`,
  ].map((id) => ec2(`${type}/${id}`)),
});
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html, and alike for clusters */
const rdsNames = (type: string, max: number) => ({
  taken: [rds(`${type}:orders-2`), rds(`${type}:${'o'.repeat(max)}`)],
  refused: ['2-orders', 'orders-', 'or--ders', 'or_ders', '', 'o'.repeat(max + 1)].map((name) =>
    rds(`${type}:${name}`),
  ),
});

type Forms = {
  readonly taken: readonly string[];
  readonly refused: readonly string[];
  readonly details?: Readonly<Record<string, unknown>>;
};
/** By type of the finding's resource. */
const FORMS: Readonly<Record<string, Forms>> = {
  AwsAccount: { taken: [`AWS::::Account:${ACCOUNT}`], refused: ['AWS::::Account:3333', 'AWS::::Account:'] },
  AwsCloudFormationStack: {
    taken: [`stack/web-2/${UUID}`].map(regional('cloudformation')),
    refused: [`stack/2-web/${UUID}`, 'stack/web/latest', 'stack/web', `stack/w_eb/${UUID}`].map(
      regional('cloudformation'),
    ),
  },
  AwsCloudTrailTrail: {
    taken: [trail('management-events'), trail('a.b_c-2'), trail('t'.repeat(128)), trail('192.168.5.4a')],
    refused: [
      ...['ab', '-trail', 'trail-', 'my--trail', 'my-_trail', '192.168.5.4', 't'.repeat(129)].map((name) =>
        trail(name),
      ),
      trail('trail', 'somewhere'),
      trail('trail', 'us-east-1', 'nobody'),
    ],
  },
  AwsDynamoDbTable: {
    taken: [`table/orders_2.v3-x`, `table/${'t'.repeat(255)}`].map(regional('dynamodb')),
    refused: ['table/ab', 'table/a b c', 'table/orders/index/by-owner', `table/${'t'.repeat(256)}`].map(
      regional('dynamodb'),
    ),
  },
  AwsEc2Instance: ec2Ids('instance', 'i'),
  AwsEc2NetworkAcl: ec2Ids('network-acl', 'acl'),
  AwsEc2SecurityGroup: ec2Ids('security-group', 'sg'),
  AwsEc2SnapshotBlockPublicAccess: {
    taken: [ec2(`snapshotblockpublicaccess/${ACCOUNT}`)],
    refused: [ec2('snapshotblockpublicaccess/222222222222'), ec2('snapshotblockpublicaccess')],
  },
  AwsEc2Subnet: ec2Ids('subnet', 'subnet'),
  // Transit gateways are younger than the short ids.
  AwsEc2TransitGateway: {
    taken: [ec2('transit-gateway/tgw-0123456789abcdef0')],
    refused: [ec2('transit-gateway/tgw-0a1b2c3d'), ec2('transit-gateway/tgw-attach-0123456789abcdef0')],
  },
  AwsEc2Vpc: ec2Ids('vpc', 'vpc'),
  AwsEcrRepository: {
    taken: ['repository/team/web_shop.v2', `repository/${'r'.repeat(256)}`].map(regional('ecr')),
    refused: ['team//web', 'a', 'web-', '-web', 'Web', 'r'.repeat(257)].map((name) =>
      regional('ecr')(`repository/${name}`),
    ),
  },
  AwsEfsFileSystem: {
    taken: ['fs-0123abcd', 'fs-0123456789abcdef0'].map((id) => regional('elasticfilesystem')(`file-system/${id}`)),
    refused: ['fs-1', 'fs-0123ABCD', 'fsap-0123456789abcdef0'].map((id) =>
      regional('elasticfilesystem')(`file-system/${id}`),
    ),
  },
  AwsElastiCacheCacheCluster: {
    taken: ['shop-001', 'a'.repeat(50)].map((name) => regional('elasticache')(`cluster:${name}`)),
    refused: ['a'.repeat(51), '1-shop', 'shop-', 'sh--op', 'Shop'].map((name) =>
      regional('elasticache')(`cluster:${name}`),
    ),
  },
  AwsElbv2LoadBalancer: {
    taken: ['app/shop/0a1b2c3d4e5f6789', 'net/shop-2/0a1b2c3d4e5f6789', `gwy/${'s'.repeat(32)}/0a1b2c3d4e5f6789`].map(
      (rest) => regional('elasticloadbalancing')(`loadbalancer/${rest}`),
    ),
    refused: [
      ...['app/shop/1', 'app/-shop/0a1b2c3d4e5f6789', 'classic/shop/0a1b2c3d4e5f6789', 'shop'],
      `app/${'s'.repeat(33)}/0a1b2c3d4e5f6789`,
    ].map((rest) => regional('elasticloadbalancing')(`loadbalancer/${rest}`)),
  },
  AwsIamGroup: { taken: [iam('group/division/team')], refused: [iam('group/'), iam('group/a b'), iam('user/team')] },
  AwsIamRole: { taken: [iam('role/service/worker')], refused: [iam('role/'), iam('role/a*'), iam('group/worker')] },
  AwsIamServerCertificate: {
    taken: [iam('server-certificate/web/shop_2026')],
    refused: [iam('server-certificate/'), iam('server-certificate/a b'), iam(`server-certificate/${'c'.repeat(129)}`)],
  },
  AwsIamUser: {
    taken: [iam('user/division/jo'), iam('user/AIDA0123456789ABCDEF')],
    refused: [iam('user/'), iam('user/AIDA0123456789ABCDEG'), iam('role/division/jo')],
    details: { AwsIamUser: { UserId: 'AIDA0123456789ABCDEF', UserName: 'jo', Path: '/division/' } },
  },
  AwsKmsKey: {
    taken: [kms(`key/${UUID}`), kms('key/mrk-0123456789abcdef0123456789abcdef')],
    refused: [kms('key/1234'), kms('key/mrk-0123'), kms('alias/shop'), kms(`key/${UUID.toUpperCase()}`)],
  },
  AwsLambdaFunction: {
    taken: ['orders_2-x', 'f'.repeat(64)].map((name) => regional('lambda')(`function:${name}`)),
    refused: ['or ders', 'f'.repeat(65), 'orders:live', ''].map((name) => regional('lambda')(`function:${name}`)),
  },
  AwsLogsLogGroup: {
    taken: [logs('log-group:/aws/lambda/orders'), logs('log-group:/aws/lambda/orders:*')],
    refused: [logs('log-group:a b'), logs('log-group:orders:log-stream:1'), logs(`log-group:${'g'.repeat(513)}`)],
  },
  AwsRdsDbCluster: rdsNames('cluster', 63),
  AwsRdsDbClusterSnapshot: rdsNames('cluster-snapshot', 255),
  AwsRdsDbInstance: rdsNames('db', 63),
  AwsRdsDbSnapshot: rdsNames('snapshot', 255),
  AwsRedshiftCluster: {
    taken: ['orders-2', 'c'.repeat(63)].map((name) => regional('redshift')(`cluster:${name}`)),
    refused: ['Orders', '2-orders', 'orders-', 'or--ders', 'c'.repeat(64)].map((name) =>
      regional('redshift')(`cluster:${name}`),
    ),
  },
  // Buckets of us-east-1 from before March 2018 have up to 255 characters, capitals and underscores.
  AwsS3Bucket: {
    taken: ['www.made-up-shop.example', 'Reports_2015', 'b'.repeat(255)].map((name) => `arn:aws:s3:::${name}`),
    refused: ['ab', 'made up', 'a-bucket/key', 'b'.repeat(256)].map((name) => `arn:aws:s3:::${name}`),
  },
  AwsSnsTopic: {
    taken: ['news_2-x', `${'t'.repeat(251)}.fifo`].map(regional('sns')),
    refused: ['ne ws', 't'.repeat(257), `${'t'.repeat(252)}.fifo`, 'news.other', `news:${UUID}`].map(regional('sns')),
  },
  AwsSqsQueue: {
    taken: ['jobs_2-x', `${'q'.repeat(75)}.fifo`].map(regional('sqs')),
    refused: [`${'q'.repeat(76)}.fifo`, 'q'.repeat(81), 'jo bs', 'jobs.other'].map(regional('sqs')),
  },
  AwsSsmDocument: {
    taken: ['document/Patch_2.v3-x', `document/${'d'.repeat(128)}`].map(regional('ssm')),
    refused: ['document/ab', 'document/a b c', `document/${'d'.repeat(129)}`].map(regional('ssm')),
  },
};

const takes = ({ target }: Pick<Remediation, 'target'>, Type: string, Id: string): boolean =>
  target.safeParse({ Type, Id, Details: FORMS[Type]?.details }).success;
const handling = (type: string) => REMEDIATIONS.filter((each) => takes(each, type, FORMS[type]!.taken[0]!));

function verdictOn({ handles }: Remediation, Type: string, Id: string) {
  const control = handles.controls[0]!;
  const finding = controlFinding({
    ...{ control, account: ACCOUNT, region: 'us-east-1', name: UUID, title: 'made up', at: new Date(0) },
    resource: { Type, Id, Partition: 'aws', Region: 'us-east-1', Details: FORMS[Type]?.details },
  });
  const policy = SuturePolicy.parse({ version: 1, controls: { [control]: 'observe' } });
  const organization = { securityAccount: SECURITY, homeRegion: 'us-east-1', excluded: [], status: 'ACTIVE' };
  return triage(eventOf(finding) as never, finding, {
    ...{ remediations: REMEDIATIONS, policy, organization },
    today: '2026-11-22',
  });
}

describe.each(Object.entries(FORMS))('%s', (type, { taken, refused }) => {
  const remediations = handling(type);

  it('is the target of a remediation', () => expect(remediations).not.toEqual([]));

  it.each(taken)('is accepted: %s', (id) => {
    for (const each of remediations) expect([each.id, verdictOn(each, type, id).route]).toEqual([each.id, 'remediate']);
  });

  it.each(refused)('is rejected by triage, with a reason: %s', (id) => {
    for (const each of remediations)
      expect([each.id, verdictOn(each, type, id)]).toMatchObject([
        each.id,
        { route: 'reject', reason: expect.stringMatching(/\S/) },
      ]);
  });
});

it('covers each remediation', () => {
  const tested = new Set(Object.keys(FORMS).flatMap(handling));
  expect(REMEDIATIONS.filter((each) => !tested.has(each)).map(({ id }) => id)).toEqual([]);
});

const OF_PLACE = new Set(['partition', 'account', 'region']);
const ARN_TARGETS = REMEDIATIONS.filter(({ target }) => arnForms(target));

it.each(ARN_TARGETS.map(({ id, target }) => [id, target] as const))(
  'the target of %s has a pattern for each id',
  (id, target) => {
    const { shape } = identityOfTarget(target, id);
    const names = [...shape.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!).filter((name) => !OF_PLACE.has(name));
    expect(names).toEqual(Object.keys(arnForms(target)!.ids));
    for (const form of Object.values(arnForms(target)!.ids))
      expect('!').not.toMatch(new RegExp(`^(?:${form!.source})$`));
  },
);
