import { PutBucketAclCommand, PutBucketTaggingCommand, PutBucketWebsiteCommand } from '@aws-sdk/client-s3';
import { defineScenarios } from '../../../contract/scenario.ts';
import { listOfTags } from '../../kit/tag-list.ts';
import { BLOCK_EVERYTHING } from '../block.ts';
import { setBucketBlock } from '../bucket-block.ts';
import { bucket, bucketName, bucketResource, letEverybodyRead, publicBucket } from '../fixtures.ts';
import blockBucketPublicAccess from './index.ts';

const ONLY_NEW_ONES = { ...BLOCK_EVERYTHING, IgnorePublicAcls: false, RestrictPublicBuckets: false };
const EXCEPT_POLICIES = { ...BLOCK_EVERYTHING, BlockPublicPolicy: false };

export default defineScenarios(blockBucketPublicAccess, {
  faulty: ({ s3 }, context) => (context.control === 'S3.8' ? bucket(s3, context) : publicBucket(s3, context)),
  fault: ({ s3 }, context) =>
    context.control === 'S3.8'
      ? setBucketBlock(s3, { Bucket: context.target.bucket, ExpectedBucketOwner: context.account }, undefined)
      : letEverybodyRead(s3, context),
  tag: ({ s3 }, { target }, tags) =>
    s3.send(new PutBucketTaggingCommand({ Bucket: target.bucket, Tagging: { TagSet: listOfTags(tags) } })),
  scenarios: {
    'the bucket is older than the settings': { expected: 'FIXED' },
    'its bucket policy lets everybody read, which S3.2 reports': { control: 'S3.2', expected: 'FIXED' },
    'its ACL lets everybody write, which S3.3 reports': {
      control: 'S3.3',
      async arrange({ s3 }, context) {
        const resource = await bucket(s3, context);
        await s3.send(new PutBucketAclCommand({ Bucket: bucketName(context), ACL: 'public-read-write' }));
        return resource;
      },
      expected: 'FIXED',
    },
    'everybody reads the logs of a trail, which CloudTrail.6 reports': { control: 'CloudTrail.6', expected: 'FIXED' },
    'CloudTrail.6 reports it, and it is open no longer': {
      control: 'CloudTrail.6',
      arrange: ({ s3 }, context) => bucket(s3, context),
      expected: 'REFUSED',
    },
    'S3.2 reports it, and it is open no longer': {
      control: 'S3.2',
      arrange: ({ s3 }, context) => bucket(s3, context),
      expected: 'REFUSED',
    },
    'Terraform manages the bucket, and blocks only what is new': {
      async arrange({ s3 }, context) {
        const resource = await bucket(s3, context, ONLY_NEW_ONES);
        const Tagging = { TagSet: [{ Key: 'ManagedBy', Value: 'Terraform' }] };
        await s3.send(new PutBucketTaggingCommand({ Bucket: bucketName(context), Tagging }));
        return resource;
      },
      expected: 'FIXED',
    },
    'its bucket policy lets one network in': {
      arrange: ({ s3 }, context) => publicBucket(s3, context, { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }),
      expected: 'FIXED',
    },
    'its bucket policy lets everybody read': {
      arrange: ({ s3 }, context) => publicBucket(s3, context),
      expected: 'REFUSED',
    },
    'its bucket policy lets everybody read, and whenPublic is block': {
      params: { whenPublic: 'block' },
      arrange: ({ s3 }, context) => publicBucket(s3, context),
      expected: 'FIXED',
    },
    'its policy is public, but blocked already': {
      async arrange({ s3 }, context) {
        const resource = await publicBucket(s3, context);
        await setBucketBlock(
          s3,
          { Bucket: bucketName(context), ExpectedBucketOwner: context.account },
          EXCEPT_POLICIES,
        );
        return resource;
      },
      expected: 'FIXED',
    },
    'its ACL lets everybody list': {
      async arrange({ s3 }, context) {
        const resource = await bucket(s3, context);
        await s3.send(new PutBucketAclCommand({ Bucket: bucketName(context), ACL: 'public-read' }));
        return resource;
      },
      expected: 'REFUSED',
    },
    'it hosts a website': {
      async arrange({ s3 }, context) {
        const resource = await bucket(s3, context);
        const WebsiteConfiguration = { IndexDocument: { Suffix: 'index.html' } };
        await s3.send(new PutBucketWebsiteCommand({ Bucket: bucketName(context), WebsiteConfiguration }));
        return resource;
      },
      expected: 'REFUSED',
    },
    'everything is blocked already': {
      arrange: ({ s3 }, context) => bucket(s3, context, BLOCK_EVERYTHING),
      expected: 'COMPLIANT',
    },
    'the bucket is gone': {
      arrange: async (_, context) => bucketResource(context, bucketName(context)),
      expected: 'COMPLIANT',
    },
  },
});
