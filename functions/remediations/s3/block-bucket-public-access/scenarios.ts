import { PutBucketAclCommand, PutBucketTaggingCommand, PutBucketWebsiteCommand } from '@aws-sdk/client-s3';
import { defineScenarios } from '../../../contract/scenario.ts';
import { EVERYTHING } from '../block.ts';
import { setBucketBlock } from '../bucket-block.ts';
import { bucket, bucketName, bucketResource, publicBucket } from '../fixtures.ts';
import blockBucketPublicAccess from './index.ts';

const ONLY_NEW_ONES = { ...EVERYTHING, IgnorePublicAcls: false, RestrictPublicBuckets: false };
const EXCEPT_POLICIES = { ...EVERYTHING, BlockPublicPolicy: false };

export default defineScenarios(blockBucketPublicAccess, {
  faulty: ({ s3 }, where) => bucket(s3, where),
  scenarios: {
    'the bucket is older than the settings': { expected: 'FIXED' },
    'Terraform manages the bucket, and blocks only what is new': {
      async arrange({ s3 }, where) {
        const resource = await bucket(s3, where, ONLY_NEW_ONES);
        const Tagging = { TagSet: [{ Key: 'ManagedBy', Value: 'Terraform' }] };
        await s3.send(new PutBucketTaggingCommand({ Bucket: bucketName(where), Tagging }));
        return resource;
      },
      expected: 'FIXED',
    },
    'its policy lets everybody in from one network': {
      arrange: ({ s3 }, where) => publicBucket(s3, where, { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }),
      expected: 'FIXED',
    },
    'its policy lets everybody read': {
      arrange: ({ s3 }, where) => publicBucket(s3, where),
      expected: 'REFUSED',
    },
    'its policy lets everybody read, which policy says to end': {
      params: { whenPublic: 'block' },
      arrange: ({ s3 }, where) => publicBucket(s3, where),
      expected: 'FIXED',
    },
    'its policy is public, and has no effect any more': {
      async arrange({ s3 }, where) {
        const resource = await publicBucket(s3, where);
        await setBucketBlock(s3, { Bucket: bucketName(where), ExpectedBucketOwner: where.account }, EXCEPT_POLICIES);
        return resource;
      },
      expected: 'FIXED',
    },
    'its ACL lets everybody list': {
      async arrange({ s3 }, where) {
        const resource = await bucket(s3, where);
        await s3.send(new PutBucketAclCommand({ Bucket: bucketName(where), ACL: 'public-read' }));
        return resource;
      },
      expected: 'REFUSED',
    },
    'it hosts a website': {
      async arrange({ s3 }, where) {
        const resource = await bucket(s3, where);
        const WebsiteConfiguration = { IndexDocument: { Suffix: 'index.html' } };
        await s3.send(new PutBucketWebsiteCommand({ Bucket: bucketName(where), WebsiteConfiguration }));
        return resource;
      },
      expected: 'REFUSED',
    },
    'everything is blocked already': {
      arrange: ({ s3 }, where) => bucket(s3, where, EVERYTHING),
      expected: 'COMPLIANT',
    },
    'the bucket is gone': {
      arrange: async (_, where) => bucketResource(where, bucketName(where)),
      expected: 'COMPLIANT',
    },
  },
});
