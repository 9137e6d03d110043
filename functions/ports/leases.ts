import type { Circuit } from '../domain/circuit.ts';
import type { Job, JobWork } from '../domain/job.ts';
import type { FindingStatus } from '../domain/ledger.ts';
import type { ResourceOwner } from '../domain/resource-owner.ts';

/** The ledger's record of a finding, limited to what decides about an attempt. */
export type FindingRecord = {
  readonly execution?: string;
  /** Until then, other executions are duplicates. */
  readonly blockedUntil?: number;
  /** The execution whose change was counted last. Its retries are not counted again before `countedUntil`. */
  readonly countedBy?: string;
  readonly countedUntil?: number;
  /** Executions that began an attempt since the finding was last closed. */
  readonly executions: readonly string[];
  readonly status?: FindingStatus;
  readonly reason?: string;
  /** When Suture last fixed the finding. */
  readonly fixedAt?: string;
  /** The owner of the resource, as the last execution knew it. */
  readonly owner?: ResourceOwner;
  /** Until then, an execution waits for the owner of the resource. */
  readonly waitsUntil?: number;
};

export type KillSwitch = { readonly reason?: string; readonly by?: string; readonly at?: string };

export type AttemptFacts = {
  readonly stop?: KillSwitch;
  /** The circuits of the remediation: in the account, and in the organization. */
  readonly circuits: { readonly account: Circuit; readonly organization: Circuit };
  readonly record?: FindingRecord;
  /** Changes of this remediation in this hour: in the account, and in the organization by counter. */
  readonly inAccount: number;
  readonly inOrganization: readonly number[];
};

/** Items of the ledger that an attempt takes besides its finding and its lease. */
export type AttemptClaims = {
  /** The account's cap, and the chosen counter's share of the organization's cap. */
  readonly count?: { readonly cap: number; readonly shard: number; readonly share: number };
  /** The half-open circuits whose one trial the attempt is. */
  readonly trials: readonly CircuitScope[];
};

export type CircuitScope = keyof AttemptFacts['circuits'];

export type Leases = {
  readFacts(job: Job, work: JobWork): Promise<AttemptFacts>;
  /**
   * Takes lease, finding and claims in one transaction. Returns false if the ledger has changed since `facts` were
   * read.
   * @throws SutureError ResourceBusy if another execution holds the resource
   */
  take(job: Job, work: JobWork, facts: AttemptFacts, claims: AttemptClaims): Promise<boolean>;
  release(job: Job, work: JobWork): Promise<void>;
  /** Takes back the count of an attempt that could change nothing. `at`: the time of its claims. */
  uncount(job: Job, work: JobWork, count: NonNullable<AttemptClaims['count']>, at: number): Promise<void>;
  /** Records for operators that a cap was reached: the organization's if `account` is absent. */
  recordCap(remediation: string, cap: number, account?: string): Promise<void>;
};
