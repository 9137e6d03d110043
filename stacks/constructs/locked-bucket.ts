/**
 * A bucket that takes each object once and keeps it: versioned, Object Lock in compliance mode, no deletion.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html
 */
import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement, type PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ROLLBACK_DAYS } from '../../functions/domain/ledger.ts';

export type LockedBucketOptions = {
  readonly name: string;
  readonly key: IKey;
  /** ARN patterns of the roles that may write. */
  readonly writers: readonly string[];
  /** How long nobody can delete an object; default: as long as a change can be rolled back. */
  readonly days?: number;
};

export function lockedBucket(
  scope: Construct,
  id: string,
  { name, key, writers, days = ROLLBACK_DAYS }: LockedBucketOptions,
): Bucket {
  const retention = Duration.days(days);
  const bucket = new Bucket(scope, id, {
    bucketName: name,
    versioned: true,
    objectLockEnabled: true,
    // Under governance mode, an administrator of the account could delete.
    objectLockDefaultRetention: ObjectLockRetention.compliance(retention),
    encryption: BucketEncryption.KMS,
    encryptionKey: key,
    bucketKeyEnabled: true,
    enforceSSL: true,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    lifecycleRules: [{ expiration: retention.plus(Duration.days(1)), noncurrentVersionExpiration: Duration.days(1) }],
  });
  const deny = (statement: PolicyStatementProps) =>
    bucket.addToResourcePolicy(
      new PolicyStatement({ effect: Effect.DENY, principals: [new AnyPrincipal()], ...statement }),
    );
  const put = { actions: ['s3:PutObject'], resources: [bucket.arnForObjects('*')] };
  deny({ sid: 'EachObjectOnce', ...put, conditions: { Null: { 's3:if-none-match': 'true' } } });
  deny({ sid: 'OnlyItsWriters', ...put, conditions: { ArnNotLike: { 'aws:PrincipalArn': writers } } });
  deny({
    sid: 'NobodyDeletes',
    actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
    resources: [bucket.arnForObjects('*')],
  });
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason: 'Nobody can change or delete its objects; a log of accesses would need another bucket of this kind',
  });
  return bucket;
}
