/**
 * The job travels through the workflow instead of the finding. Triage creates it, every task takes and returns it, and
 * it stays below 32 KB whatever the finding's size.
 */
import * as z from 'zod';
import { FindingResource, Risk } from '../contract/remediation.ts';
import { ApprovalId } from './approval.ts';
import { UndoneChange } from './journal.ts';
import { ManagedDecision, Management } from './managed.ts';
import { OwnerPatch } from './owner-patch.ts';
import { PlanApproval, PlanDigest } from './plan.ts';
import { Mode } from './policy.ts';
import { ResourceOwner } from './resource-owner.ts';
import { Reverted } from './reverted.ts';
import { StartOptions } from './start-options.ts';
import { versioned } from './version.ts';

/** The finding's own strings, checked by triage. */
export const JobFinding = z.object({
  id: z.string(),
  productArn: z.string(),
  control: z.string().optional(),
  title: z.string().optional(),
  severity: z.string().optional(),
  generator: z.string().optional(),
  account: z.string().optional(),
  ouPath: z.string().optional(),
  /** From the root to the account's parent. */
  unitIds: z.array(z.string()).optional(),
  region: z.string().optional(),
  partition: z.string().optional(),
  resource: FindingResource.optional(),
  updatedAt: z.string().optional(),
  /** Somebody else than Suture has written its note, which then stays. */
  hasOthersNote: z.boolean().optional(),
});
export type JobFinding = z.infer<typeof JobFinding>;

export const JobRoute = z.enum(['remediate', 'approve', 'archive', 'ignore', 'reject', 'split', 'wait']);
export type JobRoute = z.infer<typeof JobRoute>;

/** Such as `EC2 DescribeSecurityGroups`; CloudTrail finds the call by its request id. */
export const MemberCall = z.object({
  call: z.string(),
  requestId: z.string().optional(),
  error: z.string().optional(),
});
export type MemberCall = z.infer<typeof MemberCall>;

const RunFields = {
  calls: z.array(MemberCall).optional(),
  /** The live tags by which policy recognizes the resource's owner; absent if the run read no tags. */
  ownerTags: z.record(z.string(), z.string()).optional(),
};
/** `version`: that of the remediation's module. */
const ChangeFields = {
  before: z.unknown(),
  after: z.unknown(),
  summary: z.string(),
  version: z.int().positive(),
  /** The code that manages the resource, if any does. */
  managedBy: Management.optional(),
  /** The same change for those who manage the resource by code. */
  patch: OwnerPatch.optional(),
  /** The deployment that has undone Suture's last fix. */
  reverted: Reverted.optional(),
  ...RunFields,
};

/** `duplicate`: another execution handles the finding, or did within the hour. */
export const RemediationResult = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('fixed'), ...ChangeFields }),
  z.object({ kind: z.literal('compliant'), because: z.string(), ...RunFields }),
  /** With the states before and after if a part of the change was written. */
  z.object({ kind: z.literal('refused'), because: z.string(), ...z.object(ChangeFields).partial().shape }),
  z.object({
    kind: z.literal('planned'),
    ...ChangeFields,
    /** `owner`: its owner has time to make the change, which needs no approval. */
    awaits: z.enum(['approval', 'owner']).optional(),
    /** An approval names it, and holds for this plan alone. */
    plan: PlanDigest,
    loses: z.string().optional(),
    /** The risk of this change. */
    risk: Risk.optional(),
  }),
  /** Policy leaves the change to those who manage the resource by code. */
  z.object({ kind: z.literal('notified'), because: z.string(), ...ChangeFields }),
  z.object({ kind: z.literal('duplicate'), because: z.string() }),
  z.object({
    kind: z.literal('deferred'),
    because: z.string(),
    until: z.iso.datetime(),
    /** The plan that was approved before. */
    planned: z.object({ before: z.unknown(), after: z.unknown() }).optional(),
  }),
]);
export type RemediationResult = z.infer<typeof RemediationResult>;

/** A person's answer, or the timeout instead. It joins the job under its own key. */
export const ApprovalAnswer = z.union([
  z.object({
    approved: z.boolean(),
    by: z.string(),
    at: z.string(),
    /** The plan that the person saw. */
    plan: PlanDigest.optional(),
    reason: z.string().optional(),
    /** By the approval function, if the person approved. */
    signature: z.string().optional(),
  }),
  z.object({ Error: z.string(), Cause: z.string().optional() }).transform((failure) => ({
    approved: false,
    by: 'nobody',
    at: '',
    reason: failure.Error === 'States.Timeout' ? 'nobody answered in time' : failure.Error,
  })),
  z.unknown().transform(() => ({
    approved: false,
    by: 'nobody',
    at: '',
    reason: 'the execution received something else than an answer',
  })),
]);
export type ApprovalAnswer = z.infer<typeof ApprovalAnswer>;

/** Absent for findings that are not remediated. */
export const JobWork = z.object({
  remediation: z.string(),
  /** The version of its module that triage knows, or that of the last plan or change if there is one. */
  version: z.int().positive(),
  /** The risk of the remediation's riskiest change, or of the planned change if there is one. */
  risk: Risk,
  /**
   * `plan` writes nothing; `apply` writes if the policy's mode, with the live tags, is auto or a person approved;
   * `rollback` restores the state before, at a person's request.
   */
  mode: z.enum(['plan', 'apply', 'rollback']),
  /** Looks whether the owner has fixed the resource, and changes nothing in the ledger if not. */
  lookOnly: z.literal(true).optional(),
  /** Rolls back even if the resource has changed since. */
  force: z.boolean().optional(),
  /** The change that a rollback undoes. */
  undo: UndoneChange.optional(),
  /** The rollback runs in a function of its own, because it needs actions that the fix does not. */
  undoApart: z.boolean().optional(),
  /** The policy's mode before the live tags are known, and the modes by tag. */
  policy: z.object({
    mode: Mode,
    tags: z.record(z.string(), Mode),
    /** The mode follows from the risk of the change. */
    byRisk: z.literal(true).optional(),
    /** For a resource that code manages. Absent in jobs of earlier releases, and for a rollback. */
    managed: ManagedDecision.optional(),
  }),
  approvalSeconds: z.int().positive(),
  target: z.record(z.string(), z.string()),
  /** The known beginning of the target's ARN if the finding names the target by an alias. */
  arnStem: z.string().optional(),
  params: z.unknown(),
  /** Why the parameters ask for less than the organization's own do in Security Hub. Its plan refuses. */
  unmet: z.string().optional(),
  /** Consists of account, Region (`global` for a global resource) and ARN of the target. */
  lease: z.string(),
  /** Triage's signature of what it permits the execution. Absent in jobs of earlier releases. */
  signature: z.string().optional(),
});
export type JobWork = z.infer<typeof JobWork>;

/** One check of triage, the value that it compared, and whether the finding passed. */
export const TriageCheck = z.object({ check: z.string(), value: z.string(), passed: z.boolean() });
export type TriageCheck = z.infer<typeof TriageCheck>;

/**
 * A task of the workflow that a function ended: the time at which its state was entered, the attempts that failed before,
 * and what it led to.
 */
export const JobStep = z.object({
  state: z.string(),
  at: z.string(),
  retries: z.int().nonnegative().optional(),
  result: z.string().optional(),
});
export type JobStep = z.infer<typeof JobStep>;
export const JOB_VERSION = 3;

const JobFields = z.object({
  v: z.literal(JOB_VERSION),
  execution: z.string(),
  started: z.string(),
  receivedAt: z.string().optional(),
  route: JobRoute,
  reason: z.string(),
  /** In order; a failed check is the last. */
  checks: z.array(TriageCheck).optional(),
  finding: JobFinding,
  work: JobWork.optional(),
  /** By the live tags of the last plan or change, or else those of the finding. */
  owner: ResourceOwner.optional(),
  /** Address of the account's security contact, if it could matter for the owner. */
  securityContact: z.string().max(320).optional(),
  /** The owner has this long to make the change, which is planned alone until then. */
  graceSeconds: z.number().positive().optional(),
  /** When the owner was told, if Suture has not tried to change the resource since. */
  toldAt: z.string().optional(),
  /** Set while the owner has time; `notice` is what the owner was told last. */
  dueBy: z.iso.datetime().optional(),
  notice: z.enum(['first', 'reminder']).optional(),
  /** Id of the policy's suppression that archives the finding. */
  suppression: z.string().optional(),
  /** Constant for each suppression rule, so that updates can be grouped. */
  note: z.string().optional(),
  result: RemediationResult.optional(),
  approval: ApprovalAnswer.optional(),
  /** Id of the approval that the result awaits, and the time (in seconds) until which the ledger keeps it. */
  ask: z.object({ id: ApprovalId, expires: z.string().regex(/^\d+$/) }).optional(),
  /** Counts the times that a person was asked again, because the plan had changed or the approval had ended. */
  askedAgain: z.int().positive().optional(),
  /** Set while the change waits for a cap's next hour. */
  cappedSince: z.string().optional(),
  /** Set while the change waits for a newer member role, or for a stack of this release. */
  outdatedSince: z.string().optional(),
  /** With route `wait`: when triage begins again. */
  until: z.iso.datetime().optional(),
  /** The person who started this execution may not approve its change. */
  askedBy: z.string().optional(),
  /** The replay of archived events that brought the finding's event again. */
  eventReplay: z.string().max(128).optional(),
  startOptions: StartOptions.optional(),
  /** In order. The ledger tells people the way of the finding by them. */
  steps: z.array(JobStep).optional(),
});
export const Job = versioned('job', JOB_VERSION, JobFields);
export type Job = z.infer<typeof Job>;

/** Returns a person's approval of a plan; undefined for a denial, and for an answer that names no plan. */
export function planApproval({ approval }: Pick<Job, 'approval'>): PlanApproval | undefined {
  if (!approval?.approved || !('plan' in approval) || !approval.plan) return undefined;
  const { by, at, plan } = approval;
  return { by, at, plan };
}

/**
 * Rises with each change of what triage signs and of what a request or its answer means: an older function then says
 * that it is older, instead of taking the request for somebody else's.
 */
export const REQUEST_VERSION = 4;
/** From the last release's version: 3 has no `policy.managed`. */
export const ACCEPTED_REQUESTS = [3, REQUEST_VERSION] as const;

const RequestFields = z.object({
  v: z.literal(ACCEPTED_REQUESTS),
  mode: JobWork.shape.mode,
  force: JobWork.shape.force,
  undo: JobWork.shape.undo,
  execution: z.string(),
  started: z.iso.datetime(),
  finding: JobFinding.required({ control: true, account: true, region: true, partition: true }),
  target: z.record(z.string(), z.string()),
  params: z.unknown(),
  unmet: JobWork.shape.unmet,
  policy: JobWork.shape.policy,
  askedBy: z.string().optional(),
  /** Suture has fixed the finding before. */
  recurs: z.boolean().optional(),
  /** Keys of the live tags that the result shall name, because policy recognizes owners by them. */
  ownerKeys: z.array(z.string()).optional(),
  /** A person has approved this plan, and no other. */
  approval: PlanApproval.optional(),
  approvalSignature: z.string().optional(),
  /** The end of the approval, by the policy at this attempt. */
  approvedUntil: z.iso.datetime().optional(),
  /** Triage's permission and its signature. Absent in requests for jobs of earlier releases. */
  triaged: z.object({ mode: JobWork.shape.mode, policy: JobWork.shape.policy, signature: z.string() }).optional(),
});
export const RemediationRequest = versioned('remediation request', ACCEPTED_REQUESTS, RequestFields);
export type RemediationRequest = z.infer<typeof RemediationRequest>;

/** Messages of the finding-update queue: all updates of findings, and records of findings that end without one. */
export const QueueMessage = versioned(
  'finding-update message',
  3,
  z.discriminatedUnion('kind', [
    z.object({ v: z.literal(3), kind: z.literal('archive'), token: z.string(), job: Job }),
    /** Announces a plan that waits for approval. The task token is not part of it. */
    z.object({ v: z.literal(3), kind: z.literal('approval'), askedAt: z.iso.datetime(), job: Job }),
    z.object({ v: z.literal(3), kind: z.literal('notify'), job: Job, note: z.string() }),
    /** Changes the note alone, of a finding that is NOTIFIED or resolved. */
    z.object({ v: z.literal(3), kind: z.literal('note'), job: Job, note: z.string() }),
    /** Sets the finding back to NEW, because it still fails after its fix. */
    z.object({ v: z.literal(3), kind: z.literal('reopen'), job: Job, note: z.string() }),
    z.object({ v: z.literal(3), kind: z.literal('record'), job: Job }),
  ]),
);
export type QueueMessage = z.infer<typeof QueueMessage>;

export const JOB_LIMIT_BYTES = 32 * 1024;
