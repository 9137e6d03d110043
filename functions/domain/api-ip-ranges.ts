/**
 * Requests about address ranges. Their function may take minutes, and API Gateway waits for 29 seconds, so the ledger
 * keeps each request, and the person asks for its result.
 */
import * as z from 'zod';
import { Reason, RunId } from './api-runs.ts';
import { Digest, Proposal } from './proposal.ts';

const targets = z.array(z.string().min(1).max(300)).min(1).max(100);
const allowShrink = z.boolean();

export const IpRangesCommand = z.strictObject({
  /** `plan-removal` and `remove` are about targets that are not configured any more. */
  command: z.enum(['plan', 'apply', 'status', 'plan-removal', 'remove']),
  allowShrink: allowShrink.optional(),
  adopt: z.boolean().optional(),
  /** Keys or names. Absent: all. */
  targets: targets.optional(),
});
export type IpRangesCommand = z.infer<typeof IpRangesCommand>;

export const ReadIpRangesRequest = IpRangesCommand.extend({ command: z.enum(['plan', 'status', 'plan-removal']) });
export const ChangeIpRangesRequest = IpRangesCommand.extend({
  command: z.enum(['apply', 'remove']),
  reason: Reason.optional(),
});
/** A document that the function does not fetch itself, whose ranges AWS may not publish. Its function checks the format. */
export const PlanDocumentRequest = z.strictObject({
  document: z.looseObject({}),
  allowShrink: allowShrink.optional(),
  targets: targets.optional(),
});
/** `request`: the one that planned the document. */
export const ProposeIpRangesRequest = z.strictObject({ request: RunId, reason: Reason });
/** `request` is absent unless the organization has one person: then the document is applied. */
export const ProposeIpRangesReply = z.object({ proposal: Proposal.optional(), request: RunId.optional() });

const texts = z.array(z.string());
/** The parts of the function's plan that a person approves. */
export const PlannedDocument = z.object({
  digest: Digest,
  targets: z.array(
    z.object({
      target: z.string(),
      calls: z
        .array(z.object({ call: z.string(), on: z.string(), add: texts.optional(), remove: texts.optional() }))
        .default([]),
      /** Suture was stopped, so the calls lack what would be revoked. */
      halted: z.boolean().optional(),
      error: z.object({ name: z.string(), message: z.string() }).optional(),
    }),
  ),
});
export type PlannedDocument = z.infer<typeof PlannedDocument>;

export const IpRangesRequestReply = z.object({ id: RunId });
/** `result` is absent until the function has answered. */
export const IpRangesResultReply = z.object({ result: z.unknown().optional() });

/** Lines of the audit trail. */
export type IpRangesAction = 'ip-ranges apply' | 'ip-ranges remove';

/** Partition of the ledger. */
export const IP_RANGES_REQUESTS = 'ip-ranges-requests';
/** The function drops a request that it has not begun within this time. */
export const BEGIN_WITHIN_MINUTES = 15;
