/** An execution as plain data, sufficient to describe it and to redrive it. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json } from './json.ts';

export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';

/** The position of one thread: the execution itself, a branch of a Parallel state, or an item of a Map state. */
export type Thread = {
  state: string;
  input: Json;
  /** Time and event id of the entry into the state; null before. */
  entered: { readonly at: number; readonly event: number } | null;
  event: number;
  attempts: number[];
  /** The threads of a Parallel or Map state; null before it starts. */
  threads: Thread[] | null;
  item: { readonly index: number; readonly value: Json } | null;
  end: ThreadEnd | null;
};

export type ThreadEnd =
  | { readonly kind: 'succeeded'; readonly output: Json }
  | { readonly kind: 'failed'; readonly error: string | undefined }
  | { readonly kind: 'aborted' };

export type Execution = {
  readonly arn: string;
  readonly name: string;
  readonly stateMachineArn: string;
  readonly stateMachineName: string;
  readonly stateMachineVersionArn: string | undefined;
  readonly stateMachineAliasArn: string | undefined;
  readonly roleArn: string;
  /** The definition at the execution's start, which a redrive uses too. */
  readonly definition: string;
  readonly input: string;
  readonly traceHeader: string | undefined;
  readonly startDate: number;
  status: ExecutionStatus;
  stopDate: number | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  redriveCount: number;
  redriveDate: number | undefined;
  /** As AWS bills them: entered states, retries and redrives. */
  transitions: number;
  readonly thread: Thread;
  readonly history: HistoryEvent[];
};

export const createThread = (state: string, input: Json, event: number, item: Thread['item'] = null): Thread => ({
  state,
  input,
  entered: null,
  event,
  attempts: [],
  threads: null,
  item,
  end: null,
});
