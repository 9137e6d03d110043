/**
 * Options of an execution that a person starts by hand. They stand beside the event in the input, where no event from
 * the bus can have them: a sender controls `detail` alone.
 */
import * as z from 'zod';

const text = (maxLength: number) => z.string().min(1).max(maxLength);

export const StartOptions = z.strictObject({
  mode: z.literal('plan').optional(),
  /** Accepts a finding that was handled within the hour, on which five executions failed, or that was rolled back. */
  again: z.boolean().optional(),
  /** Ends the time that the owner has. Includes `again`, because the execution that waits has the finding. */
  early: z.boolean().optional(),
  /** Ignored. Executions that an earlier version started may have it. */
  overCaps: z.boolean().optional(),
});
export type StartOptions = z.infer<typeof StartOptions>;

/**
 * The input of an execution that undoes a change. It names the change and nothing else: the ledger has what was
 * changed, where and by which remediation, and the journal the state before.
 */
export const RollbackOrder = z.strictObject({
  askedBy: text(2048),
  rollback: z.strictObject({
    finding: text(512),
    /** The execution that made the change, and its start according to the ledger's history. */
    execution: text(2048),
    started: z.iso.datetime(),
    /** Restores the resource even if it has changed since; that later change is lost. */
    force: z.boolean().optional(),
  }),
});
export type RollbackOrder = z.infer<typeof RollbackOrder>;
