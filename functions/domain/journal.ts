/**
 * One change in the journal: the state before the first write, from which a rerun continues and a rollback restores.
 */
import * as z from 'zod';
import { type Place, type Remediation, type TargetFields, targetArn } from '../contract/remediation.ts';
import { Management } from './managed.ts';
import { OwnerPatch } from './owner-patch.ts';
import { PlanApproval } from './plan.ts';
import { Reverted } from './reverted.ts';
import { versioned } from './version.ts';

/**
 * `open`: a write may have happened. `written`: all writes were made, verification is due. `done`: verified.
 * `rollingBack`: `undoneBy` restores the state before, and may have written.
 */
export const JournalEntry = versioned(
  'journal entry',
  3,
  z.object({
    v: z.literal(3),
    key: z.string(),
    at: z.string(),
    status: z.enum(['open', 'written', 'done', 'rollingBack', 'rolledBack']),
    partition: z.string(),
    account: z.string(),
    region: z.string(),
    /** ARN of the target. */
    target: z.string(),
    params: z.unknown(),
    /** Version of the remediation's module. */
    version: z.int().positive(),
    /** ARN of the execution that makes the change. Only it continues an unfinished one. */
    execution: z.string(),
    /** The approval of the change, if policy required one. */
    approval: PlanApproval.optional(),
    /** ARN of the execution that rolls it back. */
    undoneBy: z.string().optional(),
    targets: z.array(z.record(z.string(), z.string())),
    before: z.unknown(),
    after: z.unknown(),
    /** A warning about the resource's owner; part of the summary. */
    note: z.string().default(''),
    /** The code that managed the resource when it was changed. */
    managedBy: Management.optional(),
    patch: OwnerPatch.optional(),
    /** The deployment that had undone the fix before. */
    reverted: Reverted.optional(),
    writtenAt: z.number().optional(),
  }),
);
export type JournalEntry = z.infer<typeof JournalEntry>;

/** The change that a rollback undoes, as the ledger's line of its execution has it. */
export const UndoneChange = z.object({
  execution: z.string(),
  version: z.int().positive(),
  approval: PlanApproval.optional(),
});
export type UndoneChange = z.infer<typeof UndoneChange>;

/**
 * Returns the key of a target's changes, the same for all findings about it. Findings that name it by an alias have a
 * key of their own, as they have a lease of their own. The key begins with the remediation, because its role may touch
 * only entries of that beginning. A global resource has one key for all Regions.
 */
export function journalKey(
  module: Pick<Remediation, 'id' | 'target' | 'alias' | 'global'>,
  place: Place,
  target: TargetFields,
): string {
  const region = module.global ? 'global' : place.region;
  return [module.id, place.account, region, targetArn(module, place, target)].join('#');
}
