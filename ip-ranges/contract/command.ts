/** The function's answer to `suture ip-ranges`: plain data that both sides know. */
import * as z from 'zod';

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
/** `lines`: of plain text. */
const reason = z.object({ name: z.string(), lines: texts });
/** `reasons`: of a failure with several, or with several lines; the message has them all in one text. */
const failure = z.object({ name: z.string(), message: z.string(), reasons: z.array(reason).optional() });
export type IpRangesFailure = z.infer<typeof failure>;
export type FailureReason = z.infer<typeof reason>;
const lastFailure = failure.extend({ syncToken: z.string(), createDate: z.string(), at: z.string() });
export type LastFailure = z.infer<typeof lastFailure>;
/** `late`: a run of the schedule should have applied it. */
const published = z.object({ syncToken: z.string(), createDate: z.string(), late: z.boolean() });
const TargetAnswer = z.object({
  target: z.string(),
  mode: z.string(),
  services: texts,
  /** The target is not configured any more, and nobody updates what it left. */
  orphan: z.boolean().optional(),
  /** The document's that this answer is about; absent for status. */
  syncToken: z.string().optional(),
  createDate: z.string().optional(),
  /** The document that the target was brought to, as the ledger says. */
  applied: applied.optional(),
  /** The last run for a published document, if it failed or was refused, as the ledger says. */
  lastFailure: lastFailure.optional(),
  /** For status: the published document, if the target was brought to an older one. */
  newer: published.optional(),
  holders: z.array(holder).optional(),
  /** Network interfaces and load balancers that have one of the groups. */
  attachedTo: z.number().optional(),
  calls: z.array(plannedCall).optional(),
  figures: figures.optional(),
  /** Suture is stopped, so nothing is revoked. */
  halted: z.boolean().optional(),
  notes: texts.optional(),
  /** The document was refused in part, an obstacle blocks the target, or a call failed. */
  error: failure.optional(),
});
export type TargetAnswer = z.infer<typeof TargetAnswer>;

/** `digest`: of a document that a person gave, with options and targets. An approval names it. */
export const IpRangesAnswer = z.object({ targets: z.array(TargetAnswer), digest: z.string().optional() });
export type IpRangesAnswer = z.infer<typeof IpRangesAnswer>;
/** The end of a request as the ledger stores it. */
export const IpRangesResult = z.union([z.object({ error: failure }), IpRangesAnswer]);
export type IpRangesResult = z.infer<typeof IpRangesResult>;
