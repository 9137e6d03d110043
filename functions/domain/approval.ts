import * as z from 'zod';
import { Risk } from '../contract/remediation.ts';
import { hash } from './trace.ts';

/** The 32 digits of the execution's source identity. */
export const ApprovalId = z.string().regex(/^[0-9a-f]{32}$/);

export const approvalId = (execution: string): string => hash(execution);

export const ApprovalView = z.object({
  id: ApprovalId,
  control: z.string(),
  title: z.string(),
  account: z.string(),
  region: z.string(),
  resource: z.string(),
  remediation: z.string(),
  risk: Risk,
  summary: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  loses: z.string().optional(),
  /** The person who started the execution may not approve its change. */
  askedBy: z.string().optional(),
  askedAt: z.iso.datetime(),
  until: z.iso.datetime(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

export const ApprovalDetail = ApprovalView.extend({
  status: z.enum(['waiting', 'answering', 'answered', 'timedOut']),
  answer: z.object({ approved: z.boolean(), by: z.string(), at: z.string() }).optional(),
});
export type ApprovalDetail = z.infer<typeof ApprovalDetail>;

/** `next` is the id after which the following page begins. */
export const ApprovalList = z.object({ approvals: z.array(ApprovalView), next: ApprovalId.optional() });

export const AnswerRequest = z.strictObject({
  answer: z.enum(['approve', 'deny']),
  reason: z.string().trim().min(1).max(300).optional(),
});
export type AnswerRequest = z.infer<typeof AnswerRequest>;

export const AnswerReply = z.object({
  id: ApprovalId,
  answer: z.enum(['approve', 'deny']),
  by: z.string(),
  at: z.string(),
});
export type AnswerReply = z.infer<typeof AnswerReply>;
