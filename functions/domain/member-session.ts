/**
 * A session of the member role, as CloudTrail reports its AssumeRole in the account of the caller.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
import * as z from 'zod';

const SessionTag = z.object({ key: z.string(), value: z.string() });

export const OpenedSession = z.object({
  eventID: z.string(),
  eventTime: z.iso.datetime(),
  sourceIPAddress: z.string().optional(),
  userIdentity: z.object({ arn: z.string().optional() }),
  requestParameters: z.object({
    roleArn: z.string(),
    roleSessionName: z.string().optional(),
    sourceIdentity: z.string().optional(),
    tags: z.array(SessionTag).default([]),
  }),
});
export type OpenedSession = z.infer<typeof OpenedSession>;
