import { describe, expect, it } from 'vitest';
import {
  FUNCTION,
  failTask,
  haveDefinitionsValidated,
  outcome,
  runMachine,
  SEND,
  singleState,
  singleTask,
  startMachine,
  type Work,
} from './runs.ts';

haveDefinitionsValidated();

const caught = (fields: object, names: string[]) => ({
  StartAt: 'Only',
  States: {
    Only: { Type: 'Task', Resource: FUNCTION, ...fields, Catch: [{ ErrorEquals: names, Next: 'Caught' }], End: true },
    Caught: { Type: 'Pass', End: true },
  },
});
async function attempts(retry: object[], work: Work, random = () => 0.5): Promise<number[]> {
  const at: number[] = [];
  const noted: Work = (parameters, n, now) => {
    at.push(now.seconds);
    return work(parameters, n, now);
  };
  await runMachine(singleTask({ Retry: retry }), {}, noted, random);
  return at;
}

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
describe('the names in ErrorEquals', () => {
  it.each<[names: string[], error: string, isCaught: boolean]>([
    [['Busy'], 'Busy', true],
    [['busy'], 'Busy', false],
    [['Busy', 'Late'], 'Late', true],
    [['States.ALL'], 'Busy', true],
    [['States.ALL'], 'States.Timeout', true],
    [['States.ALL'], 'States.DataLimitExceeded', false],
    [['States.DataLimitExceeded'], 'States.DataLimitExceeded', true],
    [['States.ALL'], 'States.Runtime', false],
    [['States.Runtime'], 'States.Runtime', false],
    [['States.TaskFailed'], 'Busy', true],
    [['States.TaskFailed'], 'Lambda.Unknown', true],
    [['States.TaskFailed'], 'States.Timeout', false],
  ])('%j match %s: %s', async (names, error, isCaught) => {
    const run = await runMachine(caught({}, names), {}, () => failTask(error));
    expect(outcome(run)).toEqual(isCaught ? { Error: error, Cause: 'because' } : { error, cause: 'because' });
  });

  it('States.ALL does not match a path without value', async () => {
    const run = await runMachine(caught({ Parameters: { 'x.$': '$.no' } }, ['States.ALL']));
    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  });

  it('States.ALL matches an intrinsic function that fails', async () => {
    const run = await runMachine(caught({ Parameters: { 'x.$': "States.StringToJson('{')" } }, ['States.ALL']));
    expect(outcome(run)).toMatchObject({ Error: 'States.IntrinsicFailure' });
  });
});

describe('Retry', () => {
  it('waits 1, 2 and 4 seconds, three times in all, by default', async () => {
    expect(await attempts([{ ErrorEquals: ['Busy'] }], () => failTask('Busy'))).toEqual([0, 1, 3, 7]);
  });
  it('waits IntervalSeconds, times BackoffRate for each further attempt', async () => {
    const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 3, BackoffRate: 1.5, MaxAttempts: 2 };
    expect(await attempts([retry], () => failTask('Busy'))).toEqual([0, 3, 7.5]);
  });
  it('waits at most MaxDelaySeconds', async () => {
    const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 3, MaxDelaySeconds: 5, MaxAttempts: 3 };
    expect(await attempts([retry], () => failTask('Busy'))).toEqual([0, 3, 8, 13]);
  });
  it('waits a random share of the delay with JitterStrategy FULL', async () => {
    const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 8, MaxAttempts: 2, JitterStrategy: 'FULL' };
    expect(
      await attempts(
        [retry],
        () => failTask('Busy'),
        () => 0.25,
      ),
    ).toEqual([0, 2, 6]);
  });
  it('does not retry with MaxAttempts 0', async () => {
    expect(await attempts([{ ErrorEquals: ['Busy'], MaxAttempts: 0 }], () => failTask('Busy'))).toEqual([0]);
  });
  it('follows the first retrier that matches the error, with its own count', async () => {
    const retry = [
      { ErrorEquals: ['Busy'], IntervalSeconds: 10, MaxAttempts: 1 },
      { ErrorEquals: ['States.ALL'], IntervalSeconds: 100, MaxAttempts: 1 },
    ];
    const errors = ['Busy', 'Late', 'Busy'];
    expect(await attempts(retry, (_, n) => failTask(errors[n - 1]!))).toEqual([0, 10, 110]);
  });
  it('ends when the task succeeds', async () => {
    const run = await runMachine(singleTask({ Retry: [{ ErrorEquals: ['Busy'] }] }), {}, (_, n) =>
      n < 3 ? failTask('Busy') : n,
    );
    expect(outcome(run)).toBe(3);
    expect(run.execution.transitions).toBe(3);
  });
  it('comes before Catch', async () => {
    const definition = caught({ Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }] }, ['Busy']);
    const run = await runMachine(definition, {}, () => failTask('Busy'));
    expect(run.work).toHaveLength(2);
    expect(outcome(run)).toEqual({ Error: 'Busy', Cause: 'because' });
  });
});

describe('Catch', () => {
  it('puts error and cause at ResultPath, beside the input', async () => {
    const definition = caught({}, ['Busy']);
    Object.assign(definition.States.Only.Catch[0]!, { ResultPath: '$.failure' });
    expect(outcome(await runMachine(definition, { id: 1 }, () => failTask('Busy')))).toEqual({
      id: 1,
      failure: { Error: 'Busy', Cause: 'because' },
    });
  });
  it('fails the execution with error and cause if no catcher matches', async () => {
    const run = await runMachine(caught({}, ['Late']), {}, () => failTask('Busy'));
    expect(run.execution).toMatchObject({ status: 'FAILED', error: 'Busy', cause: 'because' });
  });
});

describe('a Fail state', () => {
  it.each<[name: string, fields: object, error: string | undefined, cause: string | undefined]>([
    ['gives its error and cause', { Error: 'Refused', Cause: 'why' }, 'Refused', 'why'],
    ['may give none', {}, undefined, undefined],
    ['reads them by path', { ErrorPath: '$.e', CausePath: '$.c' }, 'E', 'C'],
    ['may make the cause with a function', { Error: 'E', CausePath: "States.Format('c{}', $.n)" }, 'E', 'c1'],
  ])('%s', async (_, fields, error, cause) => {
    const definition = { StartAt: 'Only', States: { Only: { Type: 'Fail', ...fields } } };
    expect(outcome(await runMachine(definition, { e: 'E', c: 'C', n: 1 }))).toEqual({ error, cause });
  });
});

describe('time', () => {
  const waiting = { Resource: SEND, Parameters: { QueueUrl: 'q', MessageBody: { 'token.$': '$$.Task.Token' } } };
  const tokenOf = (run: { work: { parameters: any }[] }) => run.work.at(-1)!.parameters.MessageBody.token as string;

  it.each<[name: string, state: object, seconds: number]>([
    ['Seconds', { Seconds: 90 }, 90],
    ['SecondsPath', { SecondsPath: '$.s' }, 5],
    ['Timestamp', { Timestamp: '2026-11-22T11:00:00Z' }, 3600],
    ['TimestampPath', { TimestampPath: '$.t' }, 60],
    ['Timestamp in the past', { Timestamp: '2020-01-01T00:00:00Z' }, 0],
  ])('a Wait state waits for %s', async (_, state, seconds) => {
    const run = await runMachine(singleState({ Type: 'Wait', ...state }), { s: 5, t: '2026-11-22T10:01:00Z' });
    expect([run.execution.status, run.seconds()]).toEqual(['SUCCEEDED', seconds]);
  });

  it('fails a task that takes longer than TimeoutSeconds with States.Timeout', async () => {
    const definition = caught({ TimeoutSeconds: 30 }, ['States.Timeout']);
    const run = await runMachine(definition, {}, (_, __, { sleep }) => sleep(31));
    expect(outcome(run)).toEqual({ Error: 'States.Timeout', Cause: '' });
    expect(run.execution.stopDate! - run.execution.startDate).toBe(30_000);
    expect(run.types()).toContain('LambdaFunctionTimedOut');
  });
  it('reads the limit from TimeoutSecondsPath', async () => {
    const run = await runMachine(singleTask({ TimeoutSecondsPath: '$.max' }), { max: 2 }, (_, __, { sleep }) =>
      sleep(31),
    );
    expect([run.execution.error, run.execution.stopDate! - run.execution.startDate]).toEqual(['States.Timeout', 2000]);
  });
  it('gives each attempt the whole time', async () => {
    const definition = singleTask({ TimeoutSeconds: 30, Retry: [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1 }] });
    const run = await runMachine(definition, {}, (_, n, { sleep }) => sleep(n === 1 ? 31 : 29));
    expect(run.execution.status).toBe('SUCCEEDED');
  });
  it('times out an execution that takes longer than its TimeoutSeconds, whatever it catches', async () => {
    const definition = { ...caught({}, ['States.ALL']), TimeoutSeconds: 10 };
    const run = await runMachine(definition, {}, (_, __, { sleep }) => sleep(11));
    expect(run.execution).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    expect(run.types().at(-1)).toBe('ExecutionTimedOut');
  });

  it('continues a task that waits for its token with the answer', async () => {
    const run = startMachine(singleTask(waiting));
    await run.clock.settled();
    expect(run.execution.status).toBe('RUNNING');
    expect(run.running.answer(tokenOf(run), { kind: 'success', output: { ok: 1 } })).toBe(true);
    await run.clock.settled();
    expect(outcome(run)).toEqual({ ok: 1 });
    expect(run.running.answer(tokenOf(run), { kind: 'success', output: {} })).toBe(false);
  });
  it('catches a failure in the answer by its name', async () => {
    const run = startMachine(caught(waiting, ['Denied']));
    await run.clock.settled();
    run.running.answer(tokenOf(run), { kind: 'failure', error: 'Denied', cause: 'no' });
    await run.clock.settled();
    expect(outcome(run)).toEqual({ Error: 'Denied', Cause: 'no' });
  });
  it('catches a failure without error and cause, which are null', async () => {
    const run = startMachine(caught(waiting, ['States.ALL']));
    await run.clock.settled();
    run.running.answer(tokenOf(run), { kind: 'failure', error: undefined, cause: undefined });
    await run.clock.settled();
    expect(outcome(run)).toEqual({ Error: null, Cause: null });
  });
  it('accepts an answer that comes while the request is sent', async () => {
    const run: ReturnType<typeof startMachine> = startMachine(singleTask(waiting), {}, (parameters) => {
      run.running.answer(parameters.MessageBody.token, { kind: 'success', output: 'early' });
    });
    await run.clock.settled();
    expect(outcome(run)).toBe('early');
    expect(run.types()).toContain('TaskSubmitted');
  });
  it('creates a new token for a retry, and refuses the old one', async () => {
    const run = startMachine(
      singleTask({ ...waiting, TimeoutSeconds: 10, Retry: [{ ErrorEquals: ['States.Timeout'] }] }),
    );
    await run.clock.settled();
    const first = tokenOf(run);
    await run.clock.advance(11_000);
    expect(tokenOf(run)).not.toBe(first);
    expect(run.running.answer(first, { kind: 'success', output: {} })).toBe(false);
  });
  it('times out after HeartbeatSeconds without heartbeat, which both names match', async () => {
    for (const name of ['States.Timeout', 'States.HeartbeatTimeout']) {
      const run = startMachine(caught({ ...waiting, HeartbeatSeconds: 10 }, [name]));
      await run.clock.settled();
      await run.clock.advance(11_000);
      expect(outcome(run)).toEqual({ Error: 'States.Timeout', Cause: '' });
    }
  });
  it('does not match States.HeartbeatTimeout for the time-out of the whole task', async () => {
    const run = startMachine(caught({ ...waiting, TimeoutSeconds: 10 }, ['States.HeartbeatTimeout']));
    await run.clock.advance(11_000);
    expect(run.execution.error).toBe('States.Timeout');
  });
  it('keeps a task with heartbeats alive', async () => {
    const run = startMachine(singleTask({ ...waiting, HeartbeatSecondsPath: '$.beat' }), { beat: 10 });
    for (let beats = 0; beats < 3; beats++) {
      await run.clock.advance(9_000);
      run.running.answer(tokenOf(run), { kind: 'heartbeat' });
    }
    expect(run.execution.status).toBe('RUNNING');
    await run.clock.advance(11_000);
    expect(run.execution.error).toBe('States.Timeout');
  });
  it('needs no real time for an hour of retries', async () => {
    const retry = { ErrorEquals: ['Busy'], IntervalSeconds: 60, BackoffRate: 1, MaxAttempts: 60 };
    expect((await attempts([retry], () => failTask('Busy'))).at(-1)).toBe(3600);
  });
});
