/**
 * What people ask of an execution that they start by hand. It stands beside the event in the input, where no event from the
 * bus can have it: senders choose `detail` alone.
 */
import * as z from 'zod';

const text = (most: number) => z.string().min(1).max(most);

/** How an execution is to differ from one that a rule starts. */
export const Wishes = z.strictObject({
  /** Nothing is written, whatever policy says. */
  mode: z.literal('plan').optional(),
  /** Also a finding that was dealt with within the hour, on which five executions failed, or that was rolled back. */
  again: z.boolean().optional(),
  /** Beyond the caps of this hour. */
  overCaps: z.boolean().optional(),
});
export type Wishes = z.infer<typeof Wishes>;

/**
 * The input of an execution that undoes a change. It names the change and nothing else: what was changed, where and by which
 * remediation stands in the ledger, and what was before in the journal.
 */
export const RollbackOrder = z.strictObject({
  /** ARN of who asks. */
  askedBy: text(2048),
  rollback: z.strictObject({
    finding: text(512),
    /** The execution that made the change, and when that one started, as the ledger's history has it. */
    execution: text(2048),
    started: z.iso.datetime(),
    /** Also a resource that has changed since; what came in between is lost. */
    force: z.boolean().optional(),
  }),
});
export type RollbackOrder = z.infer<typeof RollbackOrder>;
