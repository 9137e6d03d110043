import * as z from 'zod';
import type { CreatedResource, ResourceType } from '../../kernel/kernel.ts';
import { flag, parseProperties, physicalName, tagsSchema } from '../properties.ts';
import { bucketArn } from './access.ts';
import type { S3At, S3State } from './state.ts';

const bucketProperties = z.strictObject({
  BucketName: z.string().optional(),
  BucketEncryption: z
    .strictObject({
      ServerSideEncryptionConfiguration: z.array(
        z.strictObject({
          BucketKeyEnabled: flag.optional(),
          ServerSideEncryptionByDefault: z.strictObject({
            SSEAlgorithm: z.string(),
            KMSMasterKeyID: z.string().optional(),
          }),
        }),
      ),
    })
    .optional(),
  PublicAccessBlockConfiguration: z
    .strictObject({
      BlockPublicAcls: flag.optional(),
      BlockPublicPolicy: flag.optional(),
      IgnorePublicAcls: flag.optional(),
      RestrictPublicBuckets: flag.optional(),
    })
    .optional(),
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
  LoggingConfiguration: z
    .strictObject({ DestinationBucketName: z.string(), LogFilePrefix: z.string().optional() })
    .optional(),
  ObjectLockEnabled: flag.optional(),
  ObjectLockConfiguration: z
    .strictObject({
      ObjectLockEnabled: z.literal('Enabled'),
      Rule: z.strictObject({
        DefaultRetention: z.strictObject({ Mode: z.enum(['COMPLIANCE', 'GOVERNANCE']), Days: z.coerce.number() }),
      }),
    })
    .optional(),
  OwnershipControls: z
    .strictObject({
      Rules: z
        .array(
          z.strictObject({ ObjectOwnership: z.enum(['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter']) }),
        )
        .length(1),
    })
    .optional(),
  /** Ignored: objects do not expire in the sandbox. */
  LifecycleConfiguration: z.looseObject({}).optional(),
  Tags: tagsSchema.optional(),
});

const createdBucket = (Bucket: string, at: S3At): CreatedResource => ({
  ref: Bucket,
  attributes: { Arn: bucketArn(Bucket, at), DomainName: `${Bucket}.s3.amazonaws.com` },
});

export const bucketResourceType: ResourceType<S3State> = {
  adopt: ({ BucketName = '' }, at) =>
    at.state.buckets.get(BucketName)?.account === at.account ? createdBucket(BucketName, at) : undefined,
  async create(input, at, resource) {
    const properties = parseProperties('AWS::S3::Bucket', bucketProperties, input, resource);
    const Bucket = properties.BucketName ?? physicalName(at.kernel, resource, '', 63).toLowerCase();
    const call = callerOf(at);
    await call('CreateBucket', {
      Bucket,
      ObjectOwnership: properties.OwnershipControls?.Rules[0]?.ObjectOwnership,
      ...(properties.ObjectLockEnabled && { ObjectLockEnabledForBucket: true }),
      ...(at.region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint: at.region } }),
    });
    const { BucketEncryption, PublicAccessBlockConfiguration, VersioningConfiguration, LoggingConfiguration, Tags } =
      properties;
    if (BucketEncryption) {
      const Rules = BucketEncryption.ServerSideEncryptionConfiguration.map(
        ({ ServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
          ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault,
          BucketKeyEnabled,
        }),
      );
      await call('PutBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules } });
    }
    if (PublicAccessBlockConfiguration) await call('PutPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration });
    if (VersioningConfiguration) await call('PutBucketVersioning', { Bucket, VersioningConfiguration });
    const { ObjectLockConfiguration } = properties;
    if (ObjectLockConfiguration) await call('PutObjectLockConfiguration', { Bucket, ObjectLockConfiguration });
    if (LoggingConfiguration) {
      const LoggingEnabled = {
        TargetBucket: LoggingConfiguration.DestinationBucketName,
        TargetPrefix: LoggingConfiguration.LogFilePrefix ?? '',
      };
      await call('PutBucketLogging', { Bucket, BucketLoggingStatus: { LoggingEnabled } });
    }
    if (Tags) await call('PutBucketTagging', { Bucket, Tagging: { TagSet: Tags } });
    return createdBucket(Bucket, at);
  },
  async remove({ ref: Bucket }, at) {
    await callerOf(at)('DeleteBucket', { Bucket });
  },
};

const policyProperties = z.strictObject({ Bucket: z.string(), PolicyDocument: z.looseObject({}) });

export const bucketPolicyResourceType: ResourceType<S3State> = {
  async create(input, at, resource) {
    const { Bucket, PolicyDocument } = parseProperties('AWS::S3::BucketPolicy', policyProperties, input, resource);
    await callerOf(at)('PutBucketPolicy', { Bucket, Policy: JSON.stringify(PolicyDocument) });
    return { ref: `${resource.stack}-${resource.logicalId}` };
  },
  async remove(_existing, at, _resource, { Bucket }) {
    await callerOf(at)('DeleteBucketPolicy', { Bucket });
  },
};

const callerOf =
  (at: S3At) =>
  (operation: string, input: object): Promise<unknown> =>
    at.kernel.call(at.principal, at, 's3', operation, input);
