/** The Task state: schedules the work, waits for its result or its token's answer, and watches the time. */
import type { Timer } from '../kernel/clock.ts';
import { effectiveInput, parametersOf, payloadText } from './data-flow.ts';
import type { Task } from './definition.ts';
import { EvaluationError, StateError, TimeoutError } from './errors.ts';
import type { Thread } from './execution.ts';
import { NOT_TRUNCATED } from './history.ts';
import type { Json } from './json.ts';
import { type PathScope, readPath } from './paths.ts';
import { parseResource } from './resources.ts';
import { contextOf, type ExecutionRun, recordThreadEvent, type TaskAnswer, type TaskWork } from './run.ts';
import type { ThreadScope } from './waiting.ts';

export async function attemptTask(run: ExecutionRun, scope: ThreadScope, state: Task, thread: Thread): Promise<Json> {
  const resource = parseResource(state.Resource) as TaskWork['resource'];
  const callback = resource.kind !== 'function' && resource.callback;
  const token = callback ? taskToken(run.execution.arn, run.environment.uuid()) : undefined;
  const context = contextOf(run, thread, token);
  const paths: PathScope = { data: effectiveInput(state, thread.input, context), context };
  const work = { resource, parameters: parametersOf(state.Parameters, paths, run.environment) };
  const timeout = secondsOf(state.TimeoutSeconds, state.TimeoutSecondsPath, paths);
  const heartbeat = secondsOf(state.HeartbeatSeconds, state.HeartbeatSecondsPath, paths);
  const events = taskEvents(run, thread, work, state.Resource);
  events.scheduled(timeout, heartbeat);
  try {
    const result = await waitForResult(run, scope, { work, token, timeout, heartbeat, submitted: events.submitted });
    events.succeeded(result);
    return result;
  } catch (error) {
    if (error instanceof StateError) events.failed(error);
    throw error;
  }
}

type PendingTask = {
  readonly work: TaskWork;
  readonly token: string | undefined;
  readonly timeout: number | undefined;
  readonly heartbeat: number | undefined;
  submitted(output: Json): void;
};

function waitForResult(run: ExecutionRun, scope: ThreadScope, task: PendingTask): Promise<Json> {
  const { environment, waitingTasks } = run;
  return scope.suspend<Json>((settle) => {
    const timers: (Timer | undefined)[] = [];
    const expireAfter = (seconds: number | undefined, isHeartbeat: boolean) =>
      seconds === undefined
        ? undefined
        : environment.clock.after(seconds * 1000, () => settle.reject(new TimeoutError(isHeartbeat)), { daemon: true });
    timers[0] = expireAfter(task.timeout, false);
    timers[1] = expireAfter(task.heartbeat, true);

    // An answer may come before the request has been sent completely.
    let submitted = false;
    let early: TaskAnswer | null = null;
    const take = (answer: TaskAnswer) => {
      if (answer.kind === 'heartbeat') {
        timers[1]?.cancel();
        timers[1] = expireAfter(task.heartbeat, true);
      } else if (!submitted) early ??= answer;
      else if (answer.kind === 'success') settle.resolve(answer.output);
      else settle.reject(new StateError(answer.error, answer.cause));
    };
    if (task.token !== undefined) waitingTasks.set(task.token, take);

    const onResponse = (output: Json) => {
      if (task.token === undefined) return settle.resolve(output);
      if (!waitingTasks.has(task.token)) return;
      task.submitted(output);
      submitted = true;
      if (early) take(early);
    };
    const abort = new AbortController();
    const job = { submitted: task.submitted, signal: abort.signal };
    environment.perform(task.work, run.execution, job).then(onResponse).catch(settle.reject);
    return () => {
      abort.abort();
      for (const timer of timers) timer?.cancel();
      if (task.token !== undefined) waitingTasks.delete(task.token);
    };
  });
}

/** A function given by its ARN has its own event types. */
function taskEvents(run: ExecutionRun, thread: Thread, work: TaskWork, resourceArn: string) {
  const { resource } = work;
  const input = payloadText(work.parameters, resourceArn);
  if (resource.kind === 'function') {
    return {
      scheduled(timeoutInSeconds?: number) {
        const details = { resource: resource.arn, input, inputDetails: NOT_TRUNCATED, timeoutInSeconds };
        recordThreadEvent(run, thread, 'LambdaFunctionScheduled', { lambdaFunctionScheduledEventDetails: details });
        recordThreadEvent(run, thread, 'LambdaFunctionStarted');
      },
      submitted() {},
      succeeded(result: Json) {
        const details = { output: payloadText(result, resourceArn), outputDetails: NOT_TRUNCATED };
        recordThreadEvent(run, thread, 'LambdaFunctionSucceeded', { lambdaFunctionSucceededEventDetails: details });
      },
      failed({ error, cause }: StateError) {
        const details = { error, cause };
        if (error !== 'States.Timeout') {
          return recordThreadEvent(run, thread, 'LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: details });
        }
        recordThreadEvent(run, thread, 'LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: details });
      },
    };
  }
  const common = {
    resourceType: resource.kind === 'sdk' ? `aws-sdk:${resource.service}` : resource.service,
    resource: resource.action + (resource.callback ? '.waitForTaskToken' : '') + (resource.sync ? '.sync:2' : ''),
  };
  return {
    scheduled(timeoutInSeconds?: number, heartbeatInSeconds?: number) {
      const { region } = run.environment;
      const details = { ...common, region, parameters: input, timeoutInSeconds, heartbeatInSeconds };
      recordThreadEvent(run, thread, 'TaskScheduled', { taskScheduledEventDetails: details });
      recordThreadEvent(run, thread, 'TaskStarted', { taskStartedEventDetails: common });
    },
    submitted(output: Json) {
      const details = { ...common, output: payloadText(output, resourceArn), outputDetails: NOT_TRUNCATED };
      recordThreadEvent(run, thread, 'TaskSubmitted', { taskSubmittedEventDetails: details });
    },
    succeeded(result: Json) {
      const details = { ...common, output: payloadText(result, resourceArn), outputDetails: NOT_TRUNCATED };
      recordThreadEvent(run, thread, 'TaskSucceeded', { taskSucceededEventDetails: details });
    },
    failed({ error, cause }: StateError) {
      const details = { ...common, error, cause };
      if (error !== 'States.Timeout')
        return recordThreadEvent(run, thread, 'TaskFailed', { taskFailedEventDetails: details });
      recordThreadEvent(run, thread, 'TaskTimedOut', { taskTimedOutEventDetails: details });
    },
  };
}

function secondsOf(fixed: number | undefined, path: string | undefined, scope: PathScope): number | undefined {
  if (path === undefined) return fixed;
  const seconds = readPath(path, scope);
  if (typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0) return seconds;
  throw new EvaluationError('States.Runtime', `The path '${path}' must name a positive integer number of seconds`);
}

const taskToken = (executionArn: string, id: string) =>
  Buffer.from(JSON.stringify({ execution: executionArn, task: id })).toString('base64');

export function executionOfToken(token: string): string | null {
  try {
    const parsed = JSON.parse(Buffer.from(token, 'base64').toString());
    return typeof parsed.execution === 'string' && typeof parsed.task === 'string' ? parsed.execution : null;
  } catch {
    return null;
  }
}
