/** One change in the journal: the state before the first write, from which a rerun continues and a rollback restores. */
import * as z from 'zod';
import { versioned } from './version.ts';

/**
 * `open`: a write may have happened. `written`: all writes were made, verification is due. `done`: verified.
 * `rollingBack`: `execution` restores the state before, and may have written.
 */
export const JournalEntry = versioned(
  'journal entry',
  2,
  z.object({
    v: z.literal(2),
    key: z.string(),
    at: z.string(),
    status: z.enum(['open', 'written', 'done', 'rollingBack', 'rolledBack']),
    /** ARN of the execution that worked on it last. */
    execution: z.string(),
    targets: z.array(z.record(z.string(), z.string())),
    before: z.unknown(),
    after: z.unknown(),
    /** A warning about the resource's owner; part of the summary. */
    note: z.string().default(''),
    /** Milliseconds since 1970. */
    writtenAt: z.number().optional(),
  }),
);
export type JournalEntry = z.infer<typeof JournalEntry>;

/** The partition key starts with the remediation: its role may touch no other remediation's entries. */
export const journalKey = (remediation: string, findingId: string): string => `${remediation}#${findingId}`;
