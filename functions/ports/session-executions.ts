export type SessionExecution = {
  readonly startedAt: number;
  /** Absent while it runs, also after a redrive. */
  readonly stoppedAt?: number;
  readonly input: unknown;
};

/** Returns undefined if Step Functions knows no such execution. */
export type DescribeSessionExecution = (execution: string) => Promise<SessionExecution | undefined>;
