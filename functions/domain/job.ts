/**
 * The job: what travels through the workflow instead of the finding. Triage makes it, every task takes and returns it,
 * and it stays below 32 KB whatever the finding's size.
 */
import * as z from 'zod';
import { FindingResource, Risk } from '../contract/remediation.ts';
import { Wishes } from './asked.ts';
import { Mode } from './policy.ts';

/** Names of the control, its finding and its resource; strings as the finding had them, checked by triage. */
export const JobFinding = z.object({
  id: z.string(),
  productArn: z.string(),
  control: z.string().optional(),
  title: z.string().optional(),
  severity: z.string().optional(),
  generator: z.string().optional(),
  account: z.string().optional(),
  /** Path of the account's organizational units: `/Workloads/Production`. */
  ouPath: z.string().optional(),
  region: z.string().optional(),
  partition: z.string().optional(),
  resource: FindingResource.optional(),
  updatedAt: z.string().optional(),
});
export type JobFinding = z.infer<typeof JobFinding>;

export const JobRoute = z.enum(['remediate', 'approve', 'archive', 'ignore', 'reject', 'split']);
export type JobRoute = z.infer<typeof JobRoute>;

/** One call that was made in the member account, such as `EC2 DescribeSecurityGroups`; CloudTrail has it by its request id. */
export const MemberCall = z.object({
  call: z.string(),
  requestId: z.string().optional(),
  error: z.string().optional(),
});
export type MemberCall = z.infer<typeof MemberCall>;

const Calls = { calls: z.array(MemberCall).optional() };
const Change = { before: z.unknown(), after: z.unknown(), summary: z.string(), ...Calls };

/** What became of a remediation; `duplicate` when the finding was being dealt with, or had just been. */
export const RemediationResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), ...Change }),
  z.object({ kind: z.literal('compliant'), because: z.string(), ...Calls }),
  z.object({ kind: z.literal('refused'), because: z.string(), ...Calls }),
  /** `awaits`: it is written when a person agrees. */
  z.object({
    kind: z.literal('planned'),
    ...Change,
    awaits: z.literal('approval').optional(),
    /** What the change would lose for good. */
    loses: z.string().optional(),
  }),
  z.object({ kind: z.literal('duplicate'), because: z.string() }),
  /** Waits until then (ISO 8601) for a maintenance window. */
  z.object({ kind: z.literal('deferred'), because: z.string(), until: z.iso.datetime() }),
]);
export type RemediationResult = z.infer<typeof RemediationResult>;

/** What a person answered, or that nobody did in time. It joins the case under its own key. */
export const ApprovalAnswer = z.union([
  z.object({ approved: z.boolean(), by: z.string(), at: z.string(), reason: z.string().optional() }),
  z.object({ Error: z.string(), Cause: z.string().optional() }).transform((failure) => ({
    approved: false,
    by: 'nobody',
    at: '',
    reason: failure.Error === 'States.Timeout' ? 'nobody answered in time' : failure.Error,
  })),
]);
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;

/** Which remediation will do what, where: only for findings that are to be remediated. */
export const JobWork = z.object({
  remediation: z.string(),
  risk: Risk,
  /**
   * `plan` writes nothing; `apply` writes where the policy's mode, with the live tags, is auto or a person agreed; `rollback`
   * restores what was before, because a person asked for it.
   */
  mode: z.enum(['plan', 'apply', 'rollback']),
  /** A rollback also of what has changed since. */
  force: z.boolean().optional(),
  /** What policy says before the live tags are known, and what it says by tag. */
  policy: z.object({ mode: Mode, tags: z.record(z.string(), Mode) }),
  /** Seconds for which a person may answer. */
  approvalSeconds: z.int().positive(),
  target: z.record(z.string(), z.string()),
  params: z.unknown(),
  /** One lease a resource: the remediation's place (no Region where the resource is global) and target. */
  lease: z.string(),
});
export type JobWork = z.infer<typeof JobWork>;

/** One thing that triage looked at, the value it met, and whether it went on. */
export const TriageCheck = z.object({ check: z.string(), value: z.string(), passed: z.boolean() });
export type TriageCheck = z.infer<typeof TriageCheck>;

export const Job = z.object({
  v: z.literal(1),
  /** ARN of the execution. */
  execution: z.string(),
  /** When the execution started, ISO 8601. */
  started: z.string(),
  /** When the finding's event arrived, ISO 8601. */
  receivedAt: z.string().optional(),
  route: JobRoute,
  reason: z.string(),
  /** What triage looked at, in its order; the last one is the reason where it said no. */
  checks: z.array(TriageCheck).optional(),
  finding: JobFinding,
  work: JobWork.optional(),
  /** The note under which the finding is archived: constant per suppression rule, so that updates group. */
  note: z.string().optional(),
  result: RemediationResult.optional(),
  approval: ApprovalAnswer.optional(),
  /** ARN of the person who asked for this run: that person may not approve it. */
  askedBy: z.string().optional(),
  asks: Wishes.optional(),
});
export type Job = z.infer<typeof Job>;

/** What a remediation function is asked. */
export const RemediationRequest = z.object({
  v: z.literal(1),
  mode: JobWork.shape.mode,
  force: JobWork.shape.force,
  execution: z.string(),
  started: z.iso.datetime(),
  finding: JobFinding.required({ control: true, account: true, region: true, partition: true }),
  target: z.record(z.string(), z.string()),
  params: z.unknown(),
  policy: JobWork.shape.policy,
  /** A person has agreed to this change. */
  approved: z.boolean().default(false),
});
export type RemediationRequest = z.infer<typeof RemediationRequest>;

/** Messages of the finding-update queue: all updates of findings, and records of findings that end without one. */
export const QueueMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('archive'), token: z.string(), job: Job }),
  z.object({ kind: z.literal('approval'), token: z.string(), askedAt: z.iso.datetime(), job: Job }),
  z.object({ kind: z.literal('notify'), job: Job, note: z.string() }),
  /** Back to NEW: it still fails though it was fixed. */
  z.object({ kind: z.literal('reopen'), job: Job, note: z.string() }),
  z.object({ kind: z.literal('record'), job: Job }),
]);
export type QueueMessage = z.infer<typeof QueueMessage>;

/** Longest case that triage lets through, in bytes of JSON. */
export const JOB_LIMIT_BYTES = 32 * 1024;
