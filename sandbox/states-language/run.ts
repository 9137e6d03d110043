/** A running execution: its data, and what runs it. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Clock } from '../kernel/clock.ts';
import type { Execution, Thread } from './execution.ts';
import { type EventDetails, record } from './history.ts';
import type { Randomness } from './intrinsics.ts';
import type { Json, JsonObject } from './json.ts';
import type { Resource } from './resources.ts';
import type { Scope } from './waiting.ts';

/** What an execution needs from the world around it. */
export type Environment = Randomness & {
  readonly clock: Clock;
  readonly region: string;
  /** Does the work of a task; where the task waits for a token, only sends it out. Rejects with a StateError. */
  perform(work: TaskWork, execution: Execution): Promise<Json>;
  /** Told after every change of the execution's status. */
  changed(execution: Execution): void;
};

export type TaskWork = { readonly resource: Exclude<Resource, { kind: 'unknown' }>; readonly parameters: Json };

/** What someone outside says about a task that waits for its token. */
export type TaskAnswer =
  | { readonly kind: 'success'; readonly output: Json }
  | { readonly kind: 'failure'; readonly error: string | undefined; readonly cause: string | undefined }
  | { readonly kind: 'heartbeat' };

export type Run = {
  readonly environment: Environment;
  readonly execution: Execution;
  /** The execution's input, parsed. */
  readonly input: Json;
  readonly scope: Scope;
  /** Tasks that wait for an answer, by token. */
  readonly waitingTasks: Map<string, (answer: TaskAnswer) => void>;
};

/** Records an event as the thread's latest. */
export function note(run: Run, thread: Thread, type: HistoryEvent['type'], details?: EventDetails): void {
  thread.event = record(run.execution, run.environment.clock.now(), thread.event, type, details);
}

/**
 * The context object, `$$`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html
 */
export function contextOf(run: Run, thread: Thread, token?: string): JsonObject {
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
