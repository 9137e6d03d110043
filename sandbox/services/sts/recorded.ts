/** https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html#stscloudtrailexample-assumerole */
import type * as sdk from '@aws-sdk/client-sts';
import { recordApiCall } from '../cloudtrail/api-events.ts';
import type { StsAt } from './state.ts';

type Answer = Omit<sdk.AssumeRoleCommandOutput, '$metadata'>;

/** Records the call in CloudTrail, with the names of members that its events have. No event has a secret. */
export function recordAssumeRole(input: sdk.AssumeRoleCommandInput, answer: Answer, at: StsAt): void {
  const { kernel, principal, requestId, partition, account, region } = at;
  const { Credentials, AssumedRoleUser, PackedPolicySize, SourceIdentity } = answer;
  recordApiCall(kernel, {
    service: 'sts',
    operation: 'AssumeRole',
    principal,
    place: { partition, account, region },
    requestId,
    readOnly: true,
    requestParameters: present({
      roleArn: input.RoleArn,
      roleSessionName: input.RoleSessionName,
      externalId: input.ExternalId,
      sourceIdentity: input.SourceIdentity,
      policy: input.Policy,
      durationSeconds: input.DurationSeconds,
      tags: input.Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })),
      transitiveTagKeys: input.TransitiveTagKeys,
    }),
    responseElements: present({
      credentials: {
        accessKeyId: Credentials!.AccessKeyId,
        expiration: Credentials!.Expiration!.toUTCString(),
        sessionToken: Credentials!.SessionToken,
      },
      assumedRoleUser: { assumedRoleId: AssumedRoleUser!.AssumedRoleId, arn: AssumedRoleUser!.Arn },
      packedPolicySize: PackedPolicySize,
      sourceIdentity: SourceIdentity,
    }),
    resources: [{ accountId: input.RoleArn!.split(':')[4]!, type: 'AWS::IAM::Role', ARN: input.RoleArn! }],
  });
}

const present = (members: object): object =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
