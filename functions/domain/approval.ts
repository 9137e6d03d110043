/** What people see of a change that waits for their answer, and what they may answer. */
import * as z from 'zod';
import { Risk } from '../contract/remediation.ts';

/** Digits of an approval's name: those of the execution's source identity. */
export const ApprovalId = z.string().regex(/^[0-9a-f]{32}$/);

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
  /** What the change loses for good. */
  loses: z.string().optional(),
  /** ARN of the person who asked for the run; that person may not approve it. */
  askedBy: z.string().optional(),
  askedAt: z.iso.datetime(),
  /** When it is denied because nobody answered. */
  until: z.iso.datetime(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

/** One of them, also when it is over. */
export const ApprovalDetail = ApprovalView.extend({
  status: z.enum(['waiting', 'answering', 'answered', 'timedOut']),
  answer: z.object({ approved: z.boolean(), by: z.string(), at: z.string() }).optional(),
});
export type ApprovalDetail = z.infer<typeof ApprovalDetail>;

/** One page of those that wait; `next` asks for the following one. */
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
