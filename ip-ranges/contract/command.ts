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

const texts = z.array(z.string());
/** A call, as people read it; `add` and `remove` are rules or entries. */
const plannedCall = z.object({
  call: z.string(),
  on: z.string(),
  add: texts.optional(),
  remove: texts.optional(),
  detail: z.string().optional(),
});
export type PlannedCall = z.infer<typeof plannedCall>;

const inFamilies = z.object({ IPv4: z.number(), IPv6: z.number() });
/** A group or list, with how many rules or entries it has and takes. `others` are other people's. */
const holder = z.object({ id: z.string(), name: z.string(), own: inFamilies, others: inFamilies, limit: z.number() });
export type Holder = z.infer<typeof holder>;

/** Ranges that are wanted, and groups or lists that hold them. */
const figures = z.object({ ranges: z.number(), groups: z.number() });
const applied = figures.extend({ syncToken: z.number(), createDate: z.string(), services: texts, at: z.string() });
const TargetAnswer = z.object({
  target: z.string(),
  mode: z.string(),
  services: texts,
  /** The target is not configured any more, and nobody updates what it left. */
  orphan: z.boolean().optional(),
  /** Of the document that this answer is about; absent for status. */
  syncToken: z.string().optional(),
  createDate: z.string().optional(),
  /** The document that the target was brought to, as the ledger says. */
  applied: applied.optional(),
  holders: z.array(holder).optional(),
  /** Network interfaces and load balancers that have one of the groups. */
  attachedTo: z.number().optional(),
  calls: z.array(plannedCall).optional(),
  figures: figures.optional(),
  notes: texts.optional(),
  /** The document was not taken in full, something is in the way, or a call failed. */
  error: z.object({ name: z.string(), message: z.string() }).optional(),
});
export type TargetAnswer = z.infer<typeof TargetAnswer>;

export const IpRangesAnswer = z.object({ targets: z.array(TargetAnswer) });
export type IpRangesAnswer = z.infer<typeof IpRangesAnswer>;
