import type { Job } from '../domain/job.ts';

export type StoredAnswer = {
  readonly approved: boolean;
  readonly by: string;
  readonly at: string;
  /** Digest of the plan that the person saw. */
  readonly plan: string;
  readonly reason?: string;
  /** Present in an approval: the remediation's function accepts none without it. */
  readonly signature?: string;
};

/** `answering`: the answer is stored, but the execution may not have received it. */
export type ApprovalStatus = 'waiting' | 'answering' | 'answered' | 'timedOut';

export type StoredApproval = {
  readonly id: string;
  readonly status: ApprovalStatus;
  readonly token: string;
  readonly job: Job;
  readonly askedAt: string;
  readonly answer?: StoredAnswer;
};

/** The state machine `suture-await-approval` stores them, with the task token of the waiting execution. */
export type Approvals = {
  /** `next` is the id after which the following page begins. */
  listWaiting(after?: string): Promise<{ readonly approvals: readonly StoredApproval[]; readonly next?: string }>;
  find(id: string): Promise<StoredApproval | undefined>;
  /**
   * Stores the first answer. Returns false if there is one already, if the change was requested again meanwhile, or if
   * execution and plan are not those under which the workflow stored the token.
   */
  claim(approval: StoredApproval, answer: StoredAnswer): Promise<boolean>;
  /** The execution has the answer, or no longer waits. */
  settle(approval: StoredApproval, status: 'answered' | 'timedOut'): Promise<void>;
  /** Records the approval that a job carries. It replaces the stored one, because the execution is the authority. */
  recordOutcome(job: Job): Promise<void>;
};
