import type { IpRangesAction } from '../domain/api-ip-ranges.ts';
import type { RunAction } from '../domain/api-runs.ts';

/** A line of the audit trail. `endedAt` is absent while the run is active, or if it was interrupted. */
export type StoredRun = {
  readonly run: string;
  readonly action: RunAction | IpRangesAction | 'announce' | 'messages test';
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  readonly selection: Readonly<Record<string, unknown>>;
  readonly endedAt?: string;
  /** Anybody who may continue the run may end it. */
  readonly endedBy?: string;
  readonly counts?: Readonly<Record<string, number>>;
};

export type OperatorRuns = {
  /** Newest first. */
  recent(): Promise<StoredRun[]>;
  find(run: string, startedAt: string): Promise<StoredRun | undefined>;
  begin(run: StoredRun): Promise<void>;
  /** Returns the results of completed items. */
  completed(run: string): Promise<Readonly<Record<string, string>>>;
  /** Call it before the item's work, so that no work is without a line. */
  recordItem(run: StoredRun, item: string, by: string, at: string): Promise<void>;
  /** Call it before a redrive: from then on, this person also asks for the execution's changes. */
  recordRedrive(run: StoredRun, execution: string, by: string, at: string): Promise<void>;
  recordResult(run: StoredRun, item: string, result: string): Promise<void>;
  end(run: StoredRun, by: string, at: string, counts: Readonly<Record<string, number>>): Promise<void>;
};

/** The people who asked for an execution, besides the one in its input. */
export type Requesters = {
  /** ARNs of the people who redrove the execution. */
  redrove(execution: string): Promise<readonly string[]>;
  /** ARN of the person who replayed archived events under this name; undefined if nobody did by the API. */
  replayedEvents(name: string): Promise<string | undefined>;
};
