import type { Circuit } from '../domain/circuit.ts';
import type { Job, JobWork } from '../domain/job.ts';
import type { FindingStatus } from '../domain/ledger.ts';

/** The ledger's record of a finding, cut to what decides about an attempt. Times in milliseconds since 1970. */
export type FindingRecord = {
  /** The execution that began the last attempt. */
  readonly execution?: string;
  /** Until then, other executions are duplicates. */
  readonly blockedUntil?: number;
  /** The execution whose change was counted last. Its retries are not counted again before `countedUntil`. */
  readonly countedBy?: string;
  readonly countedUntil?: number;
  /** Executions that began an attempt since the finding was last closed. */
  readonly executions: readonly string[];
  readonly status?: FindingStatus;
  /** Why it has this status, in a line. */
  readonly reason?: string;
};

export type KillSwitch = { readonly reason?: string; readonly by?: string; readonly at?: string };

/** The ledger's state before an attempt. */
export type AttemptFacts = {
  readonly stop?: KillSwitch;
  readonly circuit: Circuit;
  readonly record?: FindingRecord;
  /** Changes of this remediation in this hour: in the account, and in the organization by counter. */
  readonly inAccount: number;
  readonly inOrganization: readonly number[];
};

/** The claims of an attempt besides its finding and its lease. */
export type AttemptClaims = {
  /** The account's cap, and the chosen counter's share of the organization's cap. */
  readonly count?: { readonly cap: number; readonly shard: number; readonly share: number };
  /** The attempt is the one trial of a half-open circuit. */
  readonly isTrial: boolean;
};

export type Leases = {
  readFacts(job: Job, work: JobWork): Promise<AttemptFacts>;
  /**
   * Takes lease, finding and claims in one transaction. False where the ledger has changed since `facts` were read.
   * @throws SutureError ResourceBusy where another execution holds the resource
   */
  take(job: Job, work: JobWork, facts: AttemptFacts, claims: AttemptClaims): Promise<boolean>;
  /** Releases the lease if this execution still holds it. */
  release(job: Job, work: JobWork): Promise<void>;
  /** Records for operators that a cap was reached: the organization's where `account` is absent. */
  recordCap(remediation: string, cap: number, account?: string): Promise<void>;
};
