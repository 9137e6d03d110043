/** Lifecycle rules. They have no effect on objects. */
import type * as sdk from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/kernel.ts';
import { bucketOperation, type S3Operations } from './access.ts';
import { malformedXml } from './settings.ts';

const MAX_RULES = 1000;
const ACTIONS = [
  'AbortIncompleteMultipartUpload',
  'Expiration',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionTransitions',
  'Transitions',
] as const;

export const lifecycleOperations: S3Operations = {
  GetBucketLifecycleConfiguration: bucketOperation(
    'GetBucketLifecycleConfiguration',
    'GetLifecycleConfiguration',
    [],
    (_, { name, lifecycle }) => {
      if (lifecycle) return { Rules: lifecycle };
      const message = 'The lifecycle configuration does not exist';
      throw new AwsError('NoSuchLifecycleConfiguration', message, 404, { BucketName: name });
    },
  ),
  PutBucketLifecycleConfiguration: bucketOperation(
    'PutBucketLifecycleConfiguration',
    'PutLifecycleConfiguration',
    ['LifecycleConfiguration'],
    (input, bucket, at) => {
      const rules = input.LifecycleConfiguration?.Rules ?? [];
      if (rules.length === 0 || rules.length > MAX_RULES) throw malformedXml();
      const checked = rules.map((rule) => ({ ...checkedRule(rule), ID: rule.ID ?? at.kernel.uuid() }));
      if (new Set(checked.map(({ ID }) => ID)).size < checked.length)
        throw invalid('Rule ID must be unique. Found same ID for more than one rule');
      bucket.lifecycle = checked;
      return {};
    },
  ),
  DeleteBucketLifecycle: bucketOperation('DeleteBucketLifecycle', 'PutLifecycleConfiguration', [], (_, bucket) => {
    delete bucket.lifecycle;
    return {};
  }),
};

function checkedRule(rule: sdk.LifecycleRule): sdk.LifecycleRule {
  if (rule.Status !== 'Enabled' && rule.Status !== 'Disabled') throw malformedXml();
  if (rule.Filter === undefined && rule.Prefix === undefined) throw malformedXml();
  if (ACTIONS.every((action) => rule[action] === undefined))
    throw invalid('At least one action needs to be specified in a rule');
  return rule;
}

const invalid = (message: string) => new AwsError('InvalidArgument', message);
