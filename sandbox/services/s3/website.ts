/** The sandbox has no website endpoints. */
import { AwsError } from '../../kernel/kernel.ts';
import { bucketOperation, type S3Operations } from './access.ts';

export const websiteOperations: S3Operations = {
  GetBucketWebsite: bucketOperation('GetBucketWebsite', 'GetBucketWebsite', [], (_, bucket) => {
    if (!bucket.website) {
      const message = 'The specified bucket does not have a website configuration';
      throw new AwsError('NoSuchWebsiteConfiguration', message, 404, { BucketName: bucket.name });
    }
    return bucket.website;
  }),
  PutBucketWebsite: bucketOperation(
    'PutBucketWebsite',
    'PutBucketWebsite',
    ['WebsiteConfiguration'],
    (input, bucket) => {
      const { IndexDocument, RedirectAllRequestsTo } = input.WebsiteConfiguration ?? {};
      if (!IndexDocument?.Suffix && !RedirectAllRequestsTo) {
        const message = 'A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty';
        throw new AwsError('InvalidArgument', message);
      }
      bucket.website = input.WebsiteConfiguration;
      return {};
    },
  ),
  DeleteBucketWebsite: bucketOperation('DeleteBucketWebsite', 'DeleteBucketWebsite', [], (_, bucket) => {
    delete bucket.website;
    return {};
  }),
};
