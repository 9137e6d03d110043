import type { Job } from '../domain/job.ts';

export type StoredAnswer = {
  readonly approved: boolean;
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
};

/** `answering`: the answer is stored, and the execution may not have it yet. */
export type ApprovalStatus = 'waiting' | 'answering' | 'answered' | 'timedOut';

export type StoredApproval = {
  readonly id: string;
  readonly status: ApprovalStatus;
  /** Task token of the waiting execution. */
  readonly token: string;
  readonly job: Job;
  readonly askedAt: string;
  readonly answer?: StoredAnswer;
};

/** Changes that wait for a person's answer. */
export type Approvals = {
  /** Stores a request, idempotently for each token: its message may be delivered twice. */
  request(token: string, job: Job, askedAt: string): Promise<void>;
  /** One page of the approvals that wait, and the id after which the next page begins. */
  listWaiting(after?: string): Promise<{ readonly approvals: readonly StoredApproval[]; readonly next?: string }>;
  find(id: string): Promise<StoredApproval | undefined>;
  /** Stores the first answer. False where there is one already, or where the change was requested again meanwhile. */
  claim(approval: StoredApproval, answer: StoredAnswer): Promise<boolean>;
  /** Records that the execution has the answer, or no longer waits. */
  settle(approval: StoredApproval, status: 'answered' | 'timedOut'): Promise<void>;
  /** Records the approval that a job carries. It replaces what was stored: the execution knows best. */
  recordOutcome(job: Job): Promise<void>;
};
