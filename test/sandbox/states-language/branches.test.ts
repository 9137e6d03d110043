import { describe, expect, it } from 'vitest';
import {
  FUNCTION,
  failTask,
  haveDefinitionsValidated,
  outcome,
  runMachine,
  SEND,
  singleState,
  type Work,
} from './runs.ts';

haveDefinitionsValidated();

const step = (fields: object = {}) => ({
  StartAt: 'Work',
  States: { Work: { Type: 'Task', Resource: FUNCTION, ...fields, End: true } },
});
const wait = (seconds: number, result: unknown, name: string) => ({
  StartAt: name,
  States: {
    [name]: { Type: 'Wait', Seconds: seconds, Next: `${name}Result` },
    [`${name}Result`]: { Type: 'Pass', Result: result, End: true },
  },
});
const map = (fields: object = {}, state: object = {}) =>
  singleState({ Type: 'Map', ItemProcessor: step(state), ...fields });
const double: Work = (n) => n * 2;

// https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
describe('a Parallel state', () => {
  const parallel = (branches: object[], fields: object = {}) =>
    singleState({ Type: 'Parallel', Branches: branches, ...fields });

  it('runs its branches in parallel and returns results in their order', async () => {
    const run = await runMachine(parallel([wait(20, 'slow', 'A'), wait(10, 'fast', 'B')]));
    expect([outcome(run), run.seconds()]).toEqual([['slow', 'fast'], 20]);
  });
  it('gives each branch its effective input', async () => {
    const branch = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };
    const run = await runMachine(parallel([branch], { InputPath: '$.a', Parameters: { 'x.$': '$.b' } }), {
      a: { b: 1 },
    });
    expect(outcome(run)).toEqual([{ x: 1 }]);
  });
  it('fails with the error of the first branch that fails, and stops the others', async () => {
    const failing = { StartAt: 'Bad', States: { Bad: { Type: 'Fail', Error: 'Broken', Cause: 'why' } } };
    const run = await runMachine(parallel([wait(3600, 0, 'Long'), failing]));
    expect([outcome(run), run.seconds()]).toEqual([{ error: 'Broken', cause: 'why' }, 0]);
    expect(run.types().slice(-4)).toEqual([
      'FailStateEntered',
      'WaitStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
  });
  it('stops a task of another branch, and says so', async () => {
    const waiting = { StartAt: 'Ask', States: { Ask: { Type: 'Task', Resource: SEND, Parameters: {}, End: true } } };
    const failing = {
      StartAt: 'Pause',
      States: { Pause: { Type: 'Wait', Seconds: 1, Next: 'Bad' }, Bad: { Type: 'Fail', Error: 'Broken' } },
    };
    const run = await runMachine(parallel([waiting, failing]), {}, () => ({}));
    expect(run.types().slice(-4)).toEqual([
      'FailStateEntered',
      'TaskStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
  });
  it('can be retried as a whole', async () => {
    const run = await runMachine(parallel([step()], { Retry: [{ ErrorEquals: ['Busy'] }] }), {}, (_, n) =>
      n < 2 ? failTask('Busy') : n,
    );
    expect(outcome(run)).toEqual([2]);
  });
  it('can be caught', async () => {
    const definition = {
      StartAt: 'Both',
      States: {
        Both: {
          Type: 'Parallel',
          Branches: [step()],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: 'After' }],
          End: true,
        },
        After: { Type: 'Pass', End: true },
      },
    };
    expect(outcome(await runMachine(definition, {}, () => failTask('Busy')))).toEqual({
      Error: 'Busy',
      Cause: 'because',
    });
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
describe('a Map state', () => {
  it.each<[name: string, fields: object, input: unknown, work: Work, result: unknown]>([
    ['works on each item and answers in their order', {}, [1, 2, 3], double, [2, 4, 6]],
    ['takes its items from ItemsPath', { ItemsPath: '$.list' }, { list: [4] }, double, [8]],
    [
      'applies ItemsPath to the result of InputPath',
      { InputPath: '$.a', ItemsPath: '$.b' },
      { a: { b: [1] } },
      double,
      [2],
    ],
    ['answers an empty list for no items', {}, [], double, []],
    [
      'makes each input with ItemSelector from the state and the item',
      { ItemsPath: '$.list', ItemSelector: { 'i.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value', 'all.$': '$.x' } },
      { list: ['a', 'b'], x: 9 },
      (parameters) => parameters,
      [
        { i: 0, v: 'a', all: 9 },
        { i: 1, v: 'b', all: 9 },
      ],
    ],
    [
      'stores its result at ResultPath',
      { ItemsPath: '$.l', ResultPath: '$.r' },
      { l: [1] },
      double,
      { l: [1], r: [2] },
    ],
    [
      'knows the former names of its fields',
      { ItemProcessor: undefined, Iterator: step(), Parameters: { 'v.$': '$$.Map.Item.Value' } },
      [1],
      ({ v }) => v,
      [1],
    ],
    [
      'tolerates ToleratedFailureCount failures',
      { ToleratedFailureCount: 1 },
      [1, 2, 3],
      (n) => (n === 2 ? failTask('Odd') : n),
      [1, 3],
    ],
    [
      'tolerates ToleratedFailurePercentage of failures',
      { ToleratedFailurePercentage: 34 },
      [1, 2, 3],
      (n) => (n === 2 ? failTask('Odd') : n),
      [1, 3],
    ],
  ])('%s', async (_, fields, input, work, result) => {
    expect(outcome(await runMachine(map(fields), input, work))).toEqual(result);
  });

  it('runs MaxConcurrency items in parallel', async () => {
    const run = await runMachine(map({ MaxConcurrency: 2 }), [1, 2, 3, 4, 5], (_, __, { sleep }) => sleep(10));
    expect(run.seconds()).toBe(30);
  });
  it('runs 40 items in parallel by default', async () => {
    const run = await runMachine(map(), Array(41).fill(0), (_, __, { sleep }) => sleep(10));
    expect(run.seconds()).toBe(20);
  });
  it('fails with the error of the first item that fails, and stops the others', async () => {
    const run = await runMachine(map({ MaxConcurrency: 1 }), [1, 2, 3], (n) => (n === 2 ? failTask('Odd') : n));
    expect(outcome(run)).toEqual({ error: 'Odd', cause: 'because' });
    expect(run.work).toHaveLength(2);
    expect(run.types().slice(-3)).toEqual(['MapIterationFailed', 'MapStateFailed', 'ExecutionFailed']);
  });
  it('fails with States.ExceedToleratedFailureThreshold above the tolerated failures', async () => {
    const run = await runMachine(map({ ToleratedFailureCount: 1 }), [1, 2, 3], () => failTask('Odd'));
    expect(run.execution.error).toBe('States.ExceedToleratedFailureThreshold');
  });
  it('fails if ItemsPath is not a list', async () => {
    const run = await runMachine(map({ ItemsPath: '$.a' }), { a: 1 });
    expect(run.execution).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('must point to array'),
    });
  });
  it('retries the steps of each item independently', async () => {
    const run = await runMachine(map({}, { Retry: [{ ErrorEquals: ['Busy'] }] }), [1, 2], (n, call) =>
      call === 1 ? failTask('Busy') : n,
    );
    expect(outcome(run)).toEqual([1, 2]);
    expect(run.work).toHaveLength(3);
  });
});
