/** Mutants that change what their `read` does not show, while they plan, fix or roll back. */
import { UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { DisableSnapshotBlockPublicAccessCommand, EnableSnapshotBlockPublicAccessCommand } from '@aws-sdk/client-ec2';
import {
  DeleteUserPolicyCommand,
  GenerateCredentialReportCommand,
  ListUserPoliciesCommand,
  PutUserPolicyCommand,
  TagUserCommand,
} from '@aws-sdk/client-iam';
import { DescribeKeyCommand, TagResourceCommand, UntagResourceCommand } from '@aws-sdk/client-kms';
import { PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import trails from '../../functions/remediations/cloudtrail/validate-log-files/scenarios.ts';
import ebs from '../../functions/remediations/ec2/encrypt-ebs-by-default/scenarios.ts';
import accessKeys from '../../functions/remediations/iam/deactivate-old-access-keys/scenarios.ts';
import keys from '../../functions/remediations/kms/rotate-keys/scenarios.ts';
import buckets from '../../functions/remediations/s3/block-bucket-public-access/scenarios.ts';
import { alsoWrites, brokenLaws, expectFound, type Mutant, mutantOf, mutantPermission } from './mutation.ts';

const KEY = 'arn:{partition}:kms:{region}:{account}:key/{keyId}';
const USER = 'arn:{partition}:iam::{account}:user/{user}';
const BUCKET = 'arn:{partition}:s3:::{bucket}';
const ROTATION_IS_OFF = [keys, 'rotation is off'] as const;
const OLD_BUCKET = [buckets, 'the bucket is older than the settings'] as const;
const OLD_KEY = [accessKeys, 'a key was never rotated'] as const;
const tagKey = (KeyId: string) => new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'fixed-by', TagValue: 'suture' }] });

const MUTANTS: readonly Mutant[] = [
  {
    how: 'tags the target',
    of: ROTATION_IS_OFF,
    mutation: {
      writes: [mutantPermission(KEY, 'kms:TagResource')],
      steps: alsoWrites(({ kms, target }) => kms.send(tagKey(target.keyId))),
    },
    law: 'rollback',
    finds: /kms 333333333333 us-east-1: keys\.[\w-]+\.tags\.fixed-by: absent → "suture"/,
  },
  {
    how: 'resets a setting of the target to its default',
    of: [trails, 'it is set otherwise'],
    mutation: {
      steps: alsoWrites(({ cloudtrail, target: { home, owner, trail } }) => {
        const Name = `arn:aws:cloudtrail:${home}:${owner}:trail/${trail}`;
        return cloudtrail.send(new UpdateTrailCommand({ Name, IncludeGlobalServiceEvents: true }));
      }),
    },
    law: 'rollback',
    finds: /cloudtrail 333333333333 us-east-1: trails\.arn:\S+\.globalEvents: false → true/,
  },
  {
    how: 'deletes a policy of the user that it does not read',
    of: OLD_KEY,
    mutation: {
      writes: [mutantPermission(USER, 'iam:ListUserPolicies', 'iam:DeleteUserPolicy')],
      steps: alsoWrites(async ({ iam, target: { user: UserName } }) => {
        const { PolicyNames = [] } = await iam.send(new ListUserPoliciesCommand({ UserName }));
        for (const PolicyName of PolicyNames) await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
      }),
    },
    law: 'rollback',
    finds: /iam 333333333333: users\.the-one\.inline\.dressed: .* → absent/,
  },
  {
    how: 'switches another setting of the target on, under a condition',
    of: OLD_BUCKET,
    mutation: {
      writes: [mutantPermission(BUCKET, 's3:PutBucketVersioning')],
      steps: alsoWrites(async ({ s3, target }, from) => {
        const VersioningConfiguration = { Status: 'Enabled' as const };
        if (!from.block)
          await s3.send(new PutBucketVersioningCommand({ Bucket: target.bucket, VersioningConfiguration }));
      }),
    },
    law: 'rollback',
    finds: /s3 333333333333 us-east-1: buckets\.the-one[\w-]+\.versioning: "Suspended" → "Enabled"/,
  },
  {
    how: 'switches another setting of the account on, and off by a rollback',
    of: [ebs, 'encryption by default is off'],
    mutation: {
      writes: [mutantPermission('*', 'ec2:EnableSnapshotBlockPublicAccess', 'ec2:DisableSnapshotBlockPublicAccess')],
      steps: alsoWrites(({ ec2 }, _, { encrypted }) =>
        ec2.send(
          encrypted
            ? new EnableSnapshotBlockPublicAccessCommand({ State: 'block-all-sharing' })
            : new DisableSnapshotBlockPublicAccessCommand({}),
        ),
      ),
    },
    law: 'shown',
    finds: /ec2 333333333333 us-east-1: settings\.snapshotBlockPublicAccess: "block-new-sharing" → "block-all-sharing"/,
  },
  {
    how: 'makes AWS generate a report while it reads',
    of: OLD_KEY,
    mutation: {
      reads: [mutantPermission('*', 'iam:GenerateCredentialReport')],
      steps: (sound) => ({
        async read(context) {
          await context.iam.send(new GenerateCredentialReportCommand({}));
          return sound.read(context);
        },
      }),
    },
    law: 'plan-reads',
    finds: /iam 333333333333: credentialReport: absent → /,
  },
  {
    how: 'reads a key that AWS then creates',
    of: ROTATION_IS_OFF,
    mutation: {
      steps: (sound) => ({
        async objection(context) {
          await context.kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/sqs' })).catch(() => {});
          return sound.objection?.(context);
        },
      }),
    },
    law: 'plan-reads',
    finds: /kms 333333333333 us-east-1: keys\.[\w-]+: absent → /,
  },
  {
    how: 'tags the target while it reads tags',
    of: OLD_KEY,
    mutation: {
      reads: [mutantPermission(USER, 'iam:TagUser')],
      steps: (sound) => ({
        async tags(context) {
          const tags = await sound.tags!(context);
          const Tags = [{ Key: 'seen', Value: 'yes' }];
          await context.iam.send(new TagUserCommand({ UserName: context.target.user, Tags }));
          return tags;
        },
      }),
    },
    law: 'plan-reads',
    finds: /iam 333333333333: users\.the-one\.tags\.seen: absent → "yes"/,
  },
  {
    how: 'does not wait for the last call of its plan, which writes',
    of: OLD_KEY,
    mutation: {
      reads: [mutantPermission(USER, 'iam:TagUser')],
      steps: (sound) => {
        let plan: any;
        return {
          read(context) {
            plan = context;
            return sound.read(context);
          },
          summary(from, to) {
            const Tags = [{ Key: 'seen', Value: 'yes' }];
            plan.iam.send(new TagUserCommand({ UserName: plan.target.user, Tags })).catch(() => {});
            return sound.summary(from, to);
          },
        };
      },
    },
    law: 'plan-reads',
    finds: /iam 333333333333: users\.the-one\.tags\.seen: absent → "yes"/,
  },
  {
    how: 'leaves a policy that says nothing behind when it rolls back',
    of: OLD_KEY,
    mutation: {
      writes: [mutantPermission(USER, 'iam:PutUserPolicy')],
      steps: alsoWrites(({ iam, target }, _, to) => {
        const isFix = to.oldKeys.some(({ status }: any) => status === 'Inactive');
        const Statement = { Effect: 'Deny', Action: isFix ? '*' : 'none:None', Resource: '*' };
        const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
        return iam.send(new PutUserPolicyCommand({ UserName: target.user, PolicyName: 'quarantine', PolicyDocument }));
      }),
    },
    law: 'rollback',
    finds: /iam 333333333333: users\.the-one\.inline\.quarantine: absent → /,
  },
  {
    how: 'leaves an object in the bucket',
    of: OLD_BUCKET,
    mutation: {
      writes: [mutantPermission(`${BUCKET}/suture.json`, 's3:PutObject')],
      steps: alsoWrites(({ s3, target }) =>
        s3.send(new PutObjectCommand({ Bucket: target.bucket, Key: 'suture.json', Body: '{}' })),
      ),
    },
    law: 'rollback',
    finds: /s3 333333333333 us-east-1: buckets\.the-one[\w-]+\.objects\.suture\.json: absent → /,
  },
];

describe('a remediation with a hidden change', () => {
  expectFound(MUTANTS);

  it('may put tags back in another order', async () => {
    const name = 'policy wants another period, and Terraform manages the key';
    const reorders = mutantOf(keys, [name], {
      writes: [mutantPermission(KEY, 'kms:TagResource', 'kms:UntagResource')],
      steps: alsoWrites(async ({ kms, target: { keyId: KeyId } }) => {
        await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['team'] }));
        await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'team', TagValue: 'shop' }] }));
      }),
    });
    const broken = await brokenLaws(reorders);
    expect(broken.filter(({ group }) => group === 'fix and undo')).toEqual([]);
  });
});
