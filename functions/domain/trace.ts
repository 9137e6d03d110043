/** Names by which an API call in CloudTrail leads back to its execution and finding. */
import { createHash } from 'node:crypto';

/** Returns the SourceIdentity of an execution's member sessions: `suture-` and 32 hex digits of its ARN. */
export const sourceIdentity = (execution: string): string => `suture-${hash(execution)}`;

/** Returns 32 hex digits that stand for a longer name. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Returns the shard of a name, from 0 to `shards` - 1, evenly distributed. */
export const shardOf = (name: string, shards: number): number => Number.parseInt(hash(name).slice(0, 8), 16) % shards;

/** Returns the name of a remediation's function, which its execution role ends in: `ec2/close-admin-ports` → `ec2-close-admin-ports`. */
export const hyphenated = (remediation: string): string => remediation.replace('/', '-');

/** Returns the name, of at most 80 characters, of the execution that handles one of an event's findings. */
export const childName = (eventId: string, index: number): string =>
  `${eventId.replace(/[^\w-]/g, '_').slice(0, 70)}-${index}`;
