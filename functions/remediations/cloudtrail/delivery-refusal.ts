/** CloudTrail rejects settings with which it could not deliver, and changes nothing then. */
import { errorClause, isNamed } from '../../contract/errors.ts';
import { type Refusal, refused } from '../../contract/remediation.ts';

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_UpdateTrail.html#API_UpdateTrail_Errors */
const REMEDIES: Readonly<Record<string, string>> = {
  InsufficientS3BucketPolicyException: 'let cloudtrail.amazonaws.com write to the bucket in its policy',
  S3BucketDoesNotExistException: 'create the bucket, or name another',
  InsufficientEncryptionPolicyException: 'let cloudtrail.amazonaws.com use the key in its policy',
  KmsKeyNotFoundException: 'name a key of the Region of the bucket',
  InvalidKmsKeyIdException: 'name the key by its ARN',
  KmsKeyDisabledException: 'enable the key',
  KmsException: 'look at the state of the key',
  InvalidCloudWatchLogsLogGroupArnException: 'let the role write to the log group, which must exist',
  InvalidCloudWatchLogsRoleArnException: 'let cloudtrail.amazonaws.com assume the role',
  MaximumNumberOfTrailsExceededException: 'delete a trail: each Region takes five, those of all Regions among them',
};

/** Returns a refusal with what to do, or undefined if CloudTrail has made the change. */
export async function deliveryRefusal(change: Promise<unknown>): Promise<Refusal | undefined> {
  try {
    await change;
    return undefined;
  } catch (error) {
    if (!isNamed(error, ...Object.keys(REMEDIES))) throw error;
    return refused(`CloudTrail takes no such trail: ${REMEDIES[(error as Error).name]} (${errorClause(error)})`);
  }
}
