import { PutBucketPolicyCommand, PutBucketTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { listOfTags } from '../../kit/tag-list.ts';
import { bucket, bucketName, bucketResource } from '../fixtures.ts';
import requireTls from './index.ts';

type BucketClients = { readonly s3: S3Client };
type Statement = Readonly<Record<string, unknown>>;

const READERS = { Sid: 'Readers', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::444455556666:root' } };
const DENY = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

/** Creates a bucket whose policy has these statements, which get its ARN. */
const bucketWith =
  (statements: (arn: string) => readonly Statement[], tags = {}): Arrange<BucketClients, { readonly bucket: string }> =>
  async ({ s3 }, context) => {
    const resource = await bucket(s3, context);
    const Bucket = bucketName(context);
    const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'own', Statement: statements(resource.Id) });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    if (Object.keys(tags).length > 0)
      await s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: listOfTags(tags) } }));
    return resource;
  };

const reads = (arn: string) => ({ ...READERS, Action: 's3:GetObject', Resource: `${arn}/*` });
const both = (arn: string) => [arn, `${arn}/*`];

export default defineScenarios(requireTls, {
  faulty: ({ s3 }, context) => bucket(s3, context),
  // No other fault of a bucket requires TLS, and its policy may be one.
  fault: async () => {},
  tag: ({ s3 }, { target }, tags) =>
    s3.send(new PutBucketTaggingCommand({ Bucket: target.bucket, Tagging: { TagSet: listOfTags(tags) } })),
  scenarios: {
    'the bucket has no policy': { expected: 'FIXED' },
    'its policy lets somebody read, and Terraform manages it': {
      arrange: bucketWith((arn) => [reads(arn)], { ManagedBy: 'terraform' }),
      expected: 'FIXED',
    },
    'only its objects need TLS': {
      arrange: bucketWith((arn) => [{ ...DENY, Sid: 'RequireTls', Resource: `${arn}/*` }]),
      expected: 'FIXED',
    },
    'only uploads need TLS': {
      arrange: bucketWith((arn) => [{ ...DENY, Action: 's3:PutObject', Resource: both(arn) }]),
      expected: 'FIXED',
    },
    'only one network needs TLS': {
      arrange: bucketWith((arn) => {
        const Condition = { ...DENY.Condition, IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } };
        return [{ ...DENY, Resource: both(arn), Condition }];
      }),
      expected: 'FIXED',
    },
    'its policy requires TLS already': {
      arrange: bucketWith((arn) => [reads(arn), { ...DENY, Principal: { AWS: '*' }, Resource: both(arn) }]),
      expected: 'COMPLIANT',
    },
    'the bucket is gone': {
      arrange: async (_, context) => bucketResource(context, bucketName(context)),
      expected: 'COMPLIANT',
    },
  },
});
