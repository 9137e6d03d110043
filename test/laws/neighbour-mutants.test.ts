/** Mutants that change what is not the target: a neighbour, a setting, another Region, account or service. */
import { CreateTrailCommand, UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import {
  AuthorizeSecurityGroupIngressCommand,
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  EnableEbsEncryptionByDefaultCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { CreatePolicyVersionCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe } from 'vitest';
import type { Scenarios } from '../../functions/contract/scenario.ts';
import deliveries from '../../functions/remediations/cloudtrail/deliver-to-log-groups/scenarios.ts';
import trails from '../../functions/remediations/cloudtrail/validate-log-files/scenarios.ts';
import groups from '../../functions/remediations/ec2/close-admin-ports/scenarios.ts';
import ebs from '../../functions/remediations/ec2/encrypt-ebs-by-default/scenarios.ts';
import accessKeys from '../../functions/remediations/iam/deactivate-old-access-keys/scenarios.ts';
import { createLogDestination } from '../../functions/remediations/kit/log-destination-fixture.ts';
import keys from '../../functions/remediations/kms/rotate-keys/scenarios.ts';
import buckets from '../../functions/remediations/s3/block-bucket-public-access/scenarios.ts';
import { alsoWrites, expectFound, type Mutant, mutantPermission } from './mutation.ts';

const ANY_GROUP = 'arn:{partition}:ec2:{region}:{account}:security-group/*';
const BUCKET = 'arn:{partition}:s3:::{bucket}';
/** The town's bucket in another account. */
const FOREIGN_BUCKET = 'town-444444444444-us-east-1';
const RULE_443 = { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const ROTATION_IS_OFF = [keys, 'rotation is off'] as const;
const SSH_IS_OPEN = [groups, 'SSH is open to the internet'] as const;
const OLD_BUCKET = [buckets, 'the bucket is older than the settings'] as const;
const OLD_KEY = [accessKeys, 'a key was never rotated'] as const;

const ANOTHER_ROLE = { logGroupName: 'other', roleName: 'other-logs' };
/** CloudTrail may assume both roles. */
const WITH_ANOTHER_ROLE: Scenarios = {
  ...deliveries,
  async faulty(clients: any, context) {
    await createLogDestination(clients, context, ANOTHER_ROLE, 'cloudtrail.amazonaws.com');
    return deliveries.faulty(clients, context);
  },
};

const MUTANTS: readonly Mutant[] = [
  {
    how: 'switches a setting of the account on',
    of: SSH_IS_OPEN,
    mutation: {
      writes: [mutantPermission('*', 'ec2:EnableEbsEncryptionByDefault')],
      steps: alsoWrites(({ ec2 }) => ec2.send(new EnableEbsEncryptionByDefaultCommand({}))),
    },
    law: 'neighbours',
    finds: /ec2 333333333333 us-east-1: settings\.ebsEncryptionByDefault: false → true/,
  },
  {
    how: 'switches the setting on in another Region too, which the member role denies',
    of: [ebs, 'encryption by default is off'],
    mutation: {
      steps: alsoWrites(async ({ ec2 }) => {
        const { endpoint, credentials, requestHandler } = ec2.config;
        const other = new EC2Client({ endpoint, credentials, requestHandler, region: 'ap-southeast-2' });
        await other.send(new EnableEbsEncryptionByDefaultCommand({}));
      }),
    },
    law: 'neighbours',
    finds: /EnableEbsEncryptionByDefault with an explicit deny in an identity-based policy/,
  },
  {
    how: 'closes a port of every other group, which a wildcard permits',
    of: SSH_IS_OPEN,
    mutation: {
      reads: [mutantPermission('*', 'ec2:DescribeSecurityGroupRules')],
      writes: [mutantPermission(ANY_GROUP, 'ec2:RevokeSecurityGroupIngress')],
      steps: (sound) => {
        let seen: any[] = [];
        return {
          async read(context) {
            seen = (await context.ec2.send(new DescribeSecurityGroupRulesCommand({}))).SecurityGroupRules;
            return sound.read(context);
          },
          async write(context, from, to) {
            await sound.write(context, from, to);
            const others = seen.filter(
              (rule) => !rule.IsEgress && rule.FromPort === 443 && rule.CidrIpv4 === '0.0.0.0/0',
            );
            for (const { GroupId } of others.filter((rule) => rule.GroupId !== context.target.groupId))
              await context.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [RULE_443] }));
          },
        };
      },
    },
    law: 'neighbours',
    finds: /ec2 333333333333 us-east-1: groups\.sg-\w+\.rules\.ingress [^:]+: .* → absent/,
  },
  {
    how: 'opens a port of another group, and closes it again',
    of: SSH_IS_OPEN,
    mutation: {
      writes: [mutantPermission(ANY_GROUP, 'ec2:RevokeSecurityGroupIngress', 'ec2:AuthorizeSecurityGroupIngress')],
      steps: (sound) => {
        let other: string | undefined;
        return {
          async read(context) {
            const { SecurityGroupRules = [] } = await context.ec2.send(new DescribeSecurityGroupRulesCommand({}));
            other = SecurityGroupRules.map(({ GroupId }: any) => GroupId).find(
              (id: string) => id !== context.target.groupId,
            );
            return sound.read(context);
          },
          async write(context, from, to) {
            const IpPermissions = [{ ...RULE_443, FromPort: 9, ToPort: 9 }];
            await context.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: other, IpPermissions }));
            await sound.write(context, from, to);
            await context.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId: other, IpPermissions }));
          },
        };
      },
    },
    law: 'neighbours',
    finds: /AuthorizeSecurityGroupIngress on arn:aws:ec2:us-east-1:333333333333:security-group\/sg-\w+/,
  },
  {
    how: 'creates a rule of another group again',
    of: SSH_IS_OPEN,
    mutation: {
      writes: [mutantPermission(ANY_GROUP, 'ec2:RevokeSecurityGroupIngress', 'ec2:AuthorizeSecurityGroupIngress')],
      steps: (sound) => {
        let other: string | undefined;
        return {
          async read(context) {
            const { SecurityGroupRules = [] } = await context.ec2.send(new DescribeSecurityGroupRulesCommand({}));
            const opened = SecurityGroupRules.filter((rule: any) => !rule.IsEgress && rule.FromPort === 443);
            other = opened.map(({ GroupId }: any) => GroupId).findLast((id: string) => id !== context.target.groupId);
            return sound.read(context);
          },
          async write(context, from, to) {
            await sound.write(context, from, to);
            const rule = { GroupId: other, IpPermissions: [RULE_443] };
            await context.ec2.send(new RevokeSecurityGroupIngressCommand(rule));
            await context.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
          },
        };
      },
    },
    law: 'neighbours',
    finds: /ec2 333333333333 us-east-1: groups\.sg-\w+\.rules\.ingress .*\.id: "sgr-\w+" → "sgr-\w+"/,
  },
  {
    how: 'names a neighbour as another target',
    of: SSH_IS_OPEN,
    mutation: {
      steps: (sound) => {
        let other = '';
        return {
          async read(context) {
            const { SecurityGroupRules = [] } = await context.ec2.send(new DescribeSecurityGroupRulesCommand({}));
            const opened = SecurityGroupRules.filter((rule: any) => !rule.IsEgress && rule.FromPort === 443);
            other = opened.map(({ GroupId }: any) => GroupId).find((id: string) => id !== context.target.groupId);
            return sound.read(context);
          },
          targets: (_, { target }) => [target, { groupId: other }],
          async write(context, from, to) {
            await sound.write(context, from, to);
            const IpPermissions = [RULE_443];
            await context.ec2
              .send(new RevokeSecurityGroupIngressCommand({ GroupId: other, IpPermissions }))
              .catch(() => {});
          },
        };
      },
    },
    law: 'neighbours',
    finds: /ec2 333333333333 us-east-1: groups\.sg-\w+\.rules\.ingress [^:]+: .* → absent/,
  },
  {
    how: 'adds a version of a policy of the account',
    of: OLD_KEY,
    mutation: {
      writes: [mutantPermission('arn:{partition}:iam::{account}:policy/town', 'iam:CreatePolicyVersion')],
      steps: alsoWrites(({ iam, account }) => {
        const PolicyArn = `arn:aws:iam::${account}:policy/town`;
        const Statement = [{ Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' }];
        const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
        return iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument }));
      }),
    },
    law: 'neighbours',
    finds: /iam 333333333333: policies\.arn:aws:iam::333333333333:policy\/town\.versions/,
  },
  {
    how: 'leaves a bucket behind',
    of: OLD_BUCKET,
    mutation: {
      writes: [mutantPermission(`${BUCKET}-archive`, 's3:CreateBucket')],
      steps: alsoWrites(({ s3, target }, _, to) =>
        to.block ? s3.send(new CreateBucketCommand({ Bucket: `${target.bucket}-archive` })) : Promise.resolve(),
      ),
    },
    law: 'neighbours',
    finds: /s3 333333333333 us-east-1: buckets\.the-one[\w-]+-archive: absent → /,
  },
  {
    how: "writes into another account's bucket, which lets everybody in",
    of: OLD_BUCKET,
    mutation: {
      writes: [mutantPermission(`arn:{partition}:s3:::${FOREIGN_BUCKET}/{account}`, 's3:PutObject')],
      steps: alsoWrites(({ s3, account }) =>
        s3.send(new PutObjectCommand({ Bucket: FOREIGN_BUCKET, Key: account, Body: '{}' })),
      ),
    },
    law: 'neighbours',
    finds: /s3 444444444444 us-east-1: buckets\.town-444444444444-us-east-1\.objects\.333333333333: absent → /,
  },
  {
    how: 'writes to a service that was not used before',
    of: ROTATION_IS_OFF,
    mutation: {
      clients: { sqs: SQSClient },
      writes: [mutantPermission('arn:{partition}:sqs:{region}:{account}:audit', 'sqs:CreateQueue')],
      steps: alsoWrites(({ sqs }) => sqs.send(new CreateQueueCommand({ QueueName: 'audit' }))),
    },
    law: 'neighbours',
    finds: /sqs 333333333333 us-east-1: queues\.audit: absent → /,
  },
  {
    how: 'writes by another service, which its scenarios do not have',
    of: ROTATION_IS_OFF,
    mutation: {
      clients: { s3: S3Client },
      writes: [mutantPermission('arn:{partition}:s3:::audit', 's3:CreateBucket')],
      steps: alsoWrites(async ({ s3 }) => {
        await s3.send(new CreateBucketCommand({ Bucket: 'audit' })).catch(() => {});
      }),
    },
    law: 'neighbours',
    finds: /s3 333333333333 us-east-1: buckets\.audit: absent → /,
  },
  {
    how: 'passes another role than the one that policy names',
    of: [WITH_ANOTHER_ROLE, 'policy names a log group and a role'],
    mutation: {
      writes: [mutantPermission('arn:{partition}:iam::{account}:role/other-logs', 'iam:PassRole')],
      steps: (sound) => ({
        async write(context, from, to) {
          const CloudWatchLogsRoleArn = `arn:aws:iam::${context.account}:role/${ANOTHER_ROLE.roleName}`;
          const CloudWatchLogsLogGroupArn = (to.delivery ?? from.delivery).group;
          const other = { Name: context.target.trail, CloudWatchLogsLogGroupArn, CloudWatchLogsRoleArn };
          await context.cloudtrail.send(new UpdateTrailCommand(other));
          await sound.write(context, from, to);
        },
      }),
    },
    law: 'neighbours',
    finds: /UpdateTrail on arn:aws:iam::333333333333:role\/other-logs/,
  },
  {
    how: 'creates another trail',
    of: [trails, 'it is set otherwise'],
    mutation: {
      writes: [mutantPermission('arn:{partition}:cloudtrail:{region}:{account}:trail/copy', 'cloudtrail:CreateTrail')],
      steps: alsoWrites(async ({ cloudtrail, account, region }) => {
        const S3BucketName = `logsthe-one-${account}-${region}`;
        await cloudtrail.send(new CreateTrailCommand({ Name: 'copy', S3BucketName })).catch(() => {});
      }),
    },
    law: 'neighbours',
    finds: /cloudtrail 333333333333 us-east-1: trails\.arn:\S+trail\/copy: absent → /,
  },
];

describe('a remediation that reaches beyond its target', () => {
  expectFound(MUTANTS);
});
