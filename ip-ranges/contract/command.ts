/** The question of `suture ip-ranges` to the function, and the answer: plain data that both sides know. */
import * as z from 'zod';

export const IpRangesCommand = z.strictObject({
  /** `plan-removal` and `remove` are about targets that are not configured any more. */
  command: z.enum(['plan', 'apply', 'status', 'plan-removal', 'remove']),
  /** Instead of the published one; the ledger keeps no syncToken of it. */
  document: z.unknown().optional(),
  allowShrink: z.boolean().optional(),
  adopt: z.boolean().optional(),
  /** Keys or names; absent: all. */
  targets: z.array(z.string()).optional(),
});
export type IpRangesCommand = z.infer<typeof IpRangesCommand>;

/** A call, as people read it; `add` and `remove` are rules or entries. */
const plannedCall = z.object({
  call: z.string(),
  on: z.string(),
  add: z.array(z.string()).optional(),
  remove: z.array(z.string()).optional(),
  detail: z.string().optional(),
});
export type PlannedCall = z.infer<typeof plannedCall>;

const inFamilies = z.object({ IPv4: z.number(), IPv6: z.number() });
const holder = z.object({
  id: z.string(),
  name: z.string(),
  own: inFamilies,
  /** Other people's rules or entries. */
  others: inFamilies,
  limit: z.number(),
});
export type Holder = z.infer<typeof holder>;

const counts = { ranges: z.number(), rules: z.number(), added: z.number(), removed: z.number(), groups: z.number() };
export const TargetAnswer = z.object({
  target: z.string(),
  mode: z.string(),
  services: z.array(z.string()),
  /** The target is not configured any more, and nobody updates what it left. */
  orphan: z.boolean().optional(),
  /** Of the document that this answer is about; absent for status. */
  syncToken: z.string().optional(),
  createDate: z.string().optional(),
  /** The document that the target was brought to, as the ledger says. */
  applied: z
    .object({
      syncToken: z.number(),
      createDate: z.string(),
      services: z.array(z.string()),
      at: z.string(),
      ranges: z.number(),
      groups: z.number(),
    })
    .optional(),
  holders: z.array(holder).optional(),
  /** Network interfaces and load balancers that have one of the groups. */
  attachedTo: z.number().optional(),
  calls: z.array(plannedCall).optional(),
  figures: z.object(counts).optional(),
  notes: z.array(z.string()).optional(),
  /** The document was not taken in full, something is in the way, or a call failed: name and message of the error. */
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});
export type TargetAnswer = z.infer<typeof TargetAnswer>;

export const IpRangesAnswer = z.object({ targets: z.array(TargetAnswer) });
export type IpRangesAnswer = z.infer<typeof IpRangesAnswer>;
