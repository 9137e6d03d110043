/**
 * The job: it travels through the workflow instead of the finding. Triage creates it, every task takes and returns it, and
 * it stays below 32 KB whatever the finding's size.
 */
import * as z from 'zod';
import { FindingResource, Risk } from '../contract/remediation.ts';
import { Mode } from './policy.ts';
import { StartOptions } from './start-options.ts';
import { versioned } from './version.ts';

/** Names of the control, its finding and its resource; the finding's own strings, checked by triage. */
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

/** One call in the member account, such as `EC2 DescribeSecurityGroups`; CloudTrail finds it by its request id. */
export const MemberCall = z.object({
  call: z.string(),
  requestId: z.string().optional(),
  error: z.string().optional(),
});
export type MemberCall = z.infer<typeof MemberCall>;

const Calls = { calls: z.array(MemberCall).optional() };
const Change = { before: z.unknown(), after: z.unknown(), summary: z.string(), ...Calls };

/** How an attempt ended. `duplicate`: another execution handles the finding, or did within the hour. */
export const RemediationResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), ...Change }),
  z.object({ kind: z.literal('compliant'), because: z.string(), ...Calls }),
  z.object({ kind: z.literal('refused'), because: z.string(), ...Calls }),
  /** `awaits`: the change is made when a person approves it. */
  z.object({
    kind: z.literal('planned'),
    ...Change,
    awaits: z.literal('approval').optional(),
    /** The permanent loss of the change. */
    loses: z.string().optional(),
  }),
  z.object({ kind: z.literal('duplicate'), because: z.string() }),
  /** Waits for a maintenance window until `until`, ISO 8601. */
  z.object({ kind: z.literal('deferred'), because: z.string(), until: z.iso.datetime() }),
]);
export type RemediationResult = z.infer<typeof RemediationResult>;

/** A person's answer, or the timeout in place of one. It joins the job under its own key. */
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

/** The remediation and what it is to do; absent for findings that are not remediated. */
export const JobWork = z.object({
  remediation: z.string(),
  risk: Risk,
  /**
   * `plan` writes nothing; `apply` writes where the policy's mode, with the live tags, is auto or a person approved;
   * `rollback` restores the state before, on a person's request.
   */
  mode: z.enum(['plan', 'apply', 'rollback']),
  /** Rolls back also a resource that has changed since. */
  force: z.boolean().optional(),
  /** The mode by policy before the live tags are known, and the modes by tag. */
  policy: z.object({ mode: Mode, tags: z.record(z.string(), Mode) }),
  /** Seconds in which a person may answer. */
  approvalSeconds: z.int().positive(),
  target: z.record(z.string(), z.string()),
  params: z.unknown(),
  /** Name of the resource's lease: place (without a Region for a global resource) and target. */
  lease: z.string(),
});
export type JobWork = z.infer<typeof JobWork>;

/** One check of triage, the value that it compared, and whether the finding passed. */
export const TriageCheck = z.object({ check: z.string(), value: z.string(), passed: z.boolean() });
export type TriageCheck = z.infer<typeof TriageCheck>;

const JobFields = z.object({
  v: z.literal(2),
  /** ARN of the execution. */
  execution: z.string(),
  /** When the execution started, ISO 8601. */
  started: z.string(),
  /** When the finding's event arrived, ISO 8601. */
  receivedAt: z.string().optional(),
  route: JobRoute,
  reason: z.string(),
  /** The checks of triage, in order; one that failed is the last. */
  checks: z.array(TriageCheck).optional(),
  finding: JobFinding,
  work: JobWork.optional(),
  /** The note under which the finding is archived: constant per suppression rule, so that updates group. */
  note: z.string().optional(),
  result: RemediationResult.optional(),
  approval: ApprovalAnswer.optional(),
  /** ARN of the person who started this execution: that person may not approve its change. */
  askedBy: z.string().optional(),
  startOptions: StartOptions.optional(),
});
export const Job = versioned('job', 2, JobFields);
export type Job = z.infer<typeof Job>;

const RequestFields = z.object({
  v: z.literal(2),
  mode: JobWork.shape.mode,
  force: JobWork.shape.force,
  execution: z.string(),
  started: z.iso.datetime(),
  finding: JobFinding.required({ control: true, account: true, region: true, partition: true }),
  target: z.record(z.string(), z.string()),
  params: z.unknown(),
  policy: JobWork.shape.policy,
  /** A person has approved this change. */
  approved: z.boolean().default(false),
});
/** The input of a remediation's function. */
export const RemediationRequest = versioned('remediation request', 2, RequestFields);
export type RemediationRequest = z.infer<typeof RemediationRequest>;

/** Messages of the finding-update queue: all updates of findings, and records of findings that end without one. */
export const QueueMessage = versioned(
  'finding-update message',
  2,
  z.discriminatedUnion('kind', [
    z.object({ v: z.literal(2), kind: z.literal('archive'), token: z.string(), job: Job }),
    z.object({
      v: z.literal(2),
      kind: z.literal('approval'),
      token: z.string(),
      askedAt: z.iso.datetime(),
      job: Job,
    }),
    z.object({ v: z.literal(2), kind: z.literal('notify'), job: Job, note: z.string() }),
    /** Sets the finding back to NEW: it still fails though it was fixed. */
    z.object({ v: z.literal(2), kind: z.literal('reopen'), job: Job, note: z.string() }),
    z.object({ v: z.literal(2), kind: z.literal('record'), job: Job }),
  ]),
);
export type QueueMessage = z.infer<typeof QueueMessage>;

/** Maximum size of a job, in bytes of JSON. */
export const JOB_LIMIT_BYTES = 32 * 1024;
