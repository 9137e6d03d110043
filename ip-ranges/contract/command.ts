/** What `suture ip-ranges` asks the function, and what it answers: plain data that both sides know. */
import * as z from 'zod';

export const IpRangesCommand = z.strictObject({
  command: z.enum(['plan', 'apply', 'status']),
  /** Instead of the published one; the ledger keeps no syncToken of it. */
  document: z.unknown().optional(),
  compact: z.boolean().optional(),
  allowShrink: z.boolean().optional(),
  /** Keys or names; absent: all. */
  targets: z.array(z.string()).optional(),
});
export type IpRangesCommand = z.infer<typeof IpRangesCommand>;

const figures = z.object({
  ranges: z.number(),
  rules: z.number(),
  added: z.number(),
  removed: z.number(),
  groups: z.number(),
});

/** A call, as people read it: `group` also for lists; `add` and `remove` are rules or entries. */
const call = z.object({
  call: z.string(),
  on: z.string(),
  add: z.array(z.string()).optional(),
  remove: z.array(z.string()).optional(),
  detail: z.string().optional(),
});
export type PlannedCall = z.infer<typeof call>;

const holder = z.object({
  id: z.string(),
  name: z.string(),
  /** Of ours and of people, in each family, and how much it takes. */
  own: z.object({ IPv4: z.number(), IPv6: z.number() }),
  others: z.object({ IPv4: z.number(), IPv6: z.number() }),
  limit: z.number(),
});
export type Holder = z.infer<typeof holder>;

export const TargetAnswer = z.object({
  target: z.string(),
  mode: z.string(),
  services: z.array(z.string()),
  /** Of the document that this answer is about; absent for status. */
  syncToken: z.string().optional(),
  createDate: z.string().optional(),
  /** Where the ledger says that the target stands. */
  applied: z.object({ syncToken: z.number(), at: z.string(), ranges: z.number(), groups: z.number() }).optional(),
  holders: z.array(holder).optional(),
  /** Network interfaces and load balancers that have one of the groups. */
  attachedTo: z.number().optional(),
  calls: z.array(call).optional(),
  figures: figures.optional(),
  notes: z.array(z.string()).optional(),
  /** The document was not taken, something is in the way, or a call failed: name and message of the error. */
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});
export type TargetAnswer = z.infer<typeof TargetAnswer>;

export const IpRangesAnswer = z.object({ targets: z.array(TargetAnswer) });
export type IpRangesAnswer = z.infer<typeof IpRangesAnswer>;
