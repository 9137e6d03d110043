/** Names by which an API call in CloudTrail leads back to its execution and finding. */
import { createHash } from 'node:crypto';

/** Returns `suture-` and 32 hex digits of the ARN's hash. */
export const sourceIdentity = (execution: string): string => `suture-${hash(execution)}`;

/** Returns the text as the value of a session tag: its last 256 characters, without those that tags do not allow. */
export const tagValue = (text: string): string => text.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(-256);

/**
 * Returns an execution's name and the last part of a finding's id, as values of session tags. STS packs tags into little
 * space: six tags of 270 characters took 74 % of it, https://github.com/aws/containers-roadmap/issues/2413
 */
export const executionTag = (execution: string): string => execution.slice(execution.lastIndexOf(':') + 1);
export const findingTag = (findingId: string): string =>
  tagValue(findingId.slice(findingId.lastIndexOf('/') + 1)).slice(-36);

/** Returns the first 32 hex digits of the text's SHA-256. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

export const shardOf = (name: string, shards: number): number => Number.parseInt(hash(name).slice(0, 8), 16) % shards;

/**
 * Returns `ec2-close-admin-ports` for `ec2/close-admin-ports`: the name of its function, and the end of its role's
 * name.
 */
export const hyphenated = (remediation: string): string => remediation.replace('/', '-');

/**
 * Returns the name of the execution for one finding of an event: at most 80 characters, the limit of Step Functions.
 */
export const childName = (eventId: string, index: number): string =>
  `${eventId.replace(/[^\w-]/g, '_').slice(0, 70)}-${index}`;
