import type * as sdk from '@aws-sdk/client-s3';
import { asList, type IamPolicy, parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError } from '../../kernel/kernel.ts';
import { bindPolicyText, unbindPolicyText } from '../iam/bound-policy.ts';
import { notModelled } from '../requests.ts';
import { bucketArn, bucketOperation, publicAccessBlocked, type S3Operations } from './access.ts';
import { isOwnersAlone } from './acl.ts';
import { isPublicPolicy } from './public-policy.ts';
import { type BucketRecord, isBlocked, publicAccessBlockOf, type S3At } from './state.ts';

export const settingOperations: S3Operations = {
  GetPublicAccessBlock: bucketOperation('GetPublicAccessBlock', 'GetBucketPublicAccessBlock', [], (_, bucket) => {
    if (!bucket.publicAccessBlock) throw noPublicAccessBlock();
    return { PublicAccessBlockConfiguration: bucket.publicAccessBlock };
  }),
  PutPublicAccessBlock: bucketOperation(
    'PutPublicAccessBlock',
    'PutBucketPublicAccessBlock',
    ['PublicAccessBlockConfiguration'],
    (input, bucket) => {
      bucket.publicAccessBlock = publicAccessBlockOf(input.PublicAccessBlockConfiguration);
      return {};
    },
  ),
  DeletePublicAccessBlock: bucketOperation('DeletePublicAccessBlock', 'PutBucketPublicAccessBlock', [], (_, bucket) => {
    delete bucket.publicAccessBlock;
    return {};
  }),

  GetBucketPolicy: bucketOperation('GetBucketPolicy', 'GetBucketPolicy', [], (_, bucket, at) => {
    if (bucket.policy === undefined) throw noBucketPolicy(bucket);
    return { Policy: unbindPolicyText(at.kernel, bucket.policy, bucket.policyPrincipals) };
  }),
  GetBucketPolicyStatus: bucketOperation('GetBucketPolicyStatus', 'GetBucketPolicyStatus', [], (_, bucket) => {
    if (bucket.policy === undefined) throw noBucketPolicy(bucket);
    return { PolicyStatus: { IsPublic: isPublicPolicy(parseIamPolicy(bucket.policy, 'resource')) } };
  }),
  PutBucketPolicy: bucketOperation(
    'PutBucketPolicy',
    'PutBucketPolicy',
    ['Policy', 'ConfirmRemoveSelfBucketAccess'],
    (input, bucket, at) => {
      const policy = parseIamPolicy(input.Policy ?? '', 'resource', 'MalformedPolicy');
      checkResources(policy, bucket, at);
      if (isPublicPolicy(policy) && isBlocked(at.state, bucket, 'BlockPublicPolicy'))
        throw publicAccessBlocked('BlockPublicPolicy', bucket, at);
      const invalidPrincipal = () => new AwsError('MalformedPolicy', 'Invalid principal in policy');
      const { text, names } = bindPolicyText(at.kernel, input.Policy ?? '', 'MalformedPolicy', invalidPrincipal);
      bucket.policy = text;
      bucket.policyPrincipals = names;
      return {};
    },
  ),
  DeleteBucketPolicy: bucketOperation('DeleteBucketPolicy', 'DeleteBucketPolicy', [], (_, bucket) => {
    delete bucket.policy;
    delete bucket.policyPrincipals;
    return {};
  }),

  GetBucketEncryption: bucketOperation('GetBucketEncryption', 'GetEncryptionConfiguration', [], (_, bucket) => ({
    ServerSideEncryptionConfiguration: { Rules: [bucket.encryption] },
  })),
  PutBucketEncryption: bucketOperation(
    'PutBucketEncryption',
    'PutEncryptionConfiguration',
    ['ServerSideEncryptionConfiguration'],
    (input, bucket) => {
      const [rule, ...others] = input.ServerSideEncryptionConfiguration?.Rules ?? [];
      if (!rule?.ApplyServerSideEncryptionByDefault || others.length > 0) throw malformedXml();
      bucket.encryption = { ...rule, BucketKeyEnabled: rule.BucketKeyEnabled ?? false };
      return {};
    },
  ),

  GetBucketVersioning: bucketOperation('GetBucketVersioning', 'GetBucketVersioning', [], (_, bucket) => ({
    Status: bucket.versioning,
  })),
  PutBucketVersioning: bucketOperation(
    'PutBucketVersioning',
    'PutBucketVersioning',
    ['VersioningConfiguration'],
    (input, bucket) => {
      const { Status, MFADelete } = input.VersioningConfiguration ?? {};
      if (MFADelete !== undefined) throw notModelled('MFA delete');
      if (Status !== 'Enabled' && Status !== 'Suspended')
        throw new AwsError('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
      bucket.versioning = Status;
      return {};
    },
  ),

  GetBucketLogging: bucketOperation('GetBucketLogging', 'GetBucketLogging', [], (_, bucket) => ({
    LoggingEnabled: bucket.logging,
  })),
  PutBucketLogging: bucketOperation(
    'PutBucketLogging',
    'PutBucketLogging',
    ['BucketLoggingStatus'],
    (input, bucket, at) => {
      const logging = input.BucketLoggingStatus?.LoggingEnabled;
      if (logging) checkLogTarget(logging, bucket, at);
      bucket.logging = logging;
      return {};
    },
  ),

  GetBucketTagging: bucketOperation('GetBucketTagging', 'GetBucketTagging', [], (_, bucket) => {
    if (!bucket.tags) throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', 404, { BucketName: bucket.name });
    return { TagSet: Object.entries(bucket.tags).map(([Key, Value]) => ({ Key, Value })) };
  }),
  PutBucketTagging: bucketOperation('PutBucketTagging', 'PutBucketTagging', ['Tagging'], (input, bucket) => {
    const tags = input.Tagging?.TagSet ?? [];
    if (new Set(tags.map((tag) => tag.Key)).size < tags.length)
      throw new AwsError('InvalidTag', 'Cannot provide multiple Tags with the same key');
    bucket.tags = Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? '', Value ?? '']));
    return {};
  }),
  DeleteBucketTagging: bucketOperation('DeleteBucketTagging', 'PutBucketTagging', [], (_, bucket) => {
    delete bucket.tags;
    return {};
  }),

  GetBucketOwnershipControls: bucketOperation(
    'GetBucketOwnershipControls',
    'GetBucketOwnershipControls',
    [],
    (_, bucket) => {
      if (!bucket.ownership)
        throw new AwsError('OwnershipControlsNotFoundError', 'The bucket ownership controls were not found', 404, {
          BucketName: bucket.name,
        });
      return { OwnershipControls: { Rules: [{ ObjectOwnership: bucket.ownership }] } };
    },
  ),
  PutBucketOwnershipControls: bucketOperation(
    'PutBucketOwnershipControls',
    'PutBucketOwnershipControls',
    ['OwnershipControls'],
    (input, bucket) => {
      const ownership = input.OwnershipControls?.Rules?.[0]?.ObjectOwnership;
      if (!ownership) throw malformedXml();
      if (ownership === 'BucketOwnerEnforced' && !isOwnersAlone(bucket))
        throw new AwsError(
          'InvalidBucketAclWithObjectOwnership',
          "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
        );
      bucket.ownership = ownership;
      return {};
    },
  ),
  DeleteBucketOwnershipControls: bucketOperation(
    'DeleteBucketOwnershipControls',
    'PutBucketOwnershipControls',
    [],
    (_, bucket) => {
      delete bucket.ownership;
      return {};
    },
  ),
};

export const noPublicAccessBlock = (): AwsError =>
  new AwsError('NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found', 404);

const noBucketPolicy = (bucket: BucketRecord): AwsError =>
  new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', 404, { BucketName: bucket.name });

export const malformedXml = (): AwsError =>
  new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

function checkResources(policy: IamPolicy, bucket: BucketRecord, at: S3At): void {
  const arn = bucketArn(bucket.name, at);
  const isInBucket = (resource: string) => resource === arn || resource.startsWith(`${arn}/`) || resource === `${arn}*`;
  for (const statement of asList(policy.Statement)) {
    const resources = asList(statement.Resource ?? statement.NotResource);
    if (!resources.every(isInBucket)) throw new AwsError('MalformedPolicy', 'Policy has invalid resource');
  }
}

/** The target must be a bucket in the same account and Region. */
function checkLogTarget({ TargetBucket }: sdk.LoggingEnabled, bucket: BucketRecord, at: S3At): void {
  const target = at.state.buckets.get(TargetBucket ?? '');
  if (!target)
    throw new AwsError('InvalidTargetBucketForLogging', 'The target bucket for logging does not exist', 400, {
      TargetBucket,
    });
  if (target.account !== bucket.account)
    throw new AwsError(
      'InvalidTargetBucketForLogging',
      'The owner for the bucket to be logged and the target bucket must be the same.',
      400,
      { TargetBucket },
    );
  if (target.region !== bucket.region)
    throw new AwsError('CrossLocationLoggingProhibitted', 'Cross S3 location logging not allowed. ', 403, {
      TargetBucket,
    });
}
