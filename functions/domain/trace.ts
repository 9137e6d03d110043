/** Names that lead from an API call in CloudTrail back to the execution and the finding. */
import { createHash } from 'node:crypto';

/** `suture-` and 32 hex digits of the execution's ARN: the SourceIdentity of every member session. */
export const sourceIdentity = (execution: string): string => `suture-${hash(execution)}`;

/** 32 hex digits that stand for a longer name. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Which of so many shares a name falls to, evenly: 0 to `shares` - 1. */
export const shareOf = (name: string, shares: number): number => Number.parseInt(hash(name).slice(0, 8), 16) % shares;

/** The name of a remediation's function and of its execution role's end: `ec2/close-admin-ports` → `ec2-close-admin-ports`. */
export const hyphenated = (remediation: string): string => remediation.replace('/', '-');

/** The name of the execution that handles one finding of an event that holds several; 80 characters at most. */
export const childName = (eventId: string, index: number): string =>
  `${eventId.replace(/[^\w-]/g, '_').slice(0, 70)}-${index}`;
