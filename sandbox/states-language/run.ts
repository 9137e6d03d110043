import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { SandboxClock } from '../kernel/clock.ts';
import type { Execution, Thread } from './execution.ts';
import { type EventDetails, recordEvent } from './history.ts';
import type { RandomSource } from './intrinsic-functions.ts';
import type { Json, JsonObject } from './json.ts';
import type { Resource } from './resources.ts';
import type { ThreadScope } from './waiting.ts';

export type ExecutionEnvironment = RandomSource & {
  readonly clock: SandboxClock;
  readonly region: string;
  /** If the task waits for a token, only sends the request. Rejects with a StateError. */
  perform(work: TaskWork, execution: Execution, job: StartedJob): Promise<Json>;
  changed(execution: Execution): void;
};

export type TaskWork = { readonly resource: Exclude<Resource, { kind: 'unknown' }>; readonly parameters: Json };

/** A job that a task starts and waits for (`.sync`). */
export type StartedJob = {
  submitted(output: Json): void;
  /** Aborted if the task ends before its job. */
  readonly signal: AbortSignal;
};

export type TaskAnswer =
  | { readonly kind: 'success'; readonly output: Json }
  | { readonly kind: 'failure'; readonly error: string | undefined; readonly cause: string | undefined }
  | { readonly kind: 'heartbeat' };

export type ExecutionRun = {
  readonly environment: ExecutionEnvironment;
  readonly execution: Execution;
  readonly input: Json;
  readonly scope: ThreadScope;
  readonly waitingTasks: Map<string, (answer: TaskAnswer) => void>;
};

export function recordThreadEvent(
  run: ExecutionRun,
  thread: Thread,
  type: HistoryEvent['type'],
  details?: EventDetails,
): void {
  thread.event = recordEvent(run.execution, run.environment.clock.now(), thread.event, type, details);
}

/**
 * Records the success of an iteration, or of a Parallel or Map state. `thread.event` stays, because AWS gives the next
 * event the same previousEventId.
 */
export function recordStateSuccess(
  run: ExecutionRun,
  thread: Thread,
  type: HistoryEvent['type'],
  details?: EventDetails,
): void {
  recordEvent(run.execution, run.environment.clock.now(), thread.event, type, details);
}

/**
 * Returns the context object, `$$`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export function contextOf(run: ExecutionRun, thread: Thread, token?: string): JsonObject {
  const { execution } = run;
  const context: Record<string, Json> = {
    Execution: {
      Id: execution.arn,
      Input: run.input,
      Name: execution.name,
      RoleArn: execution.roleArn,
      StartTime: new Date(execution.startDate).toISOString(),
      RedriveCount: execution.redriveCount,
      ...(execution.redriveDate !== undefined && { RedriveTime: new Date(execution.redriveDate).toISOString() }),
    },
    State: {
      EnteredTime: new Date(thread.entered!.at).toISOString(),
      Name: thread.state,
      RetryCount: thread.attempts.reduce((sum, attempts) => sum + (attempts ?? 0), 0),
    },
    StateMachine: { Id: execution.stateMachineArn, Name: execution.stateMachineName },
  };
  if (token !== undefined) context.Task = { Token: token };
  if (thread.item) context.Map = { Item: { Index: thread.item.index, Value: thread.item.value } };
  return context;
}
