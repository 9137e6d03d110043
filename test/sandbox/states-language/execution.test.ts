import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../../sandbox/states-language/validation.ts';
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
} from './runs.ts';

haveDefinitionsValidated();

const INVOKE = 'arn:aws:states:::lambda:invoke';
const events = (run: Awaited<ReturnType<typeof runMachine>>) =>
  run.execution.history.map(({ id, previousEventId, type }) => `${id}<${previousEventId} ${type}`);

// Order, names and details as in GetExecutionHistory.
describe('the history of an execution', () => {
  it('of a function by its ARN', async () => {
    const run = await runMachine(singleTask({ TimeoutSeconds: 5 }), { a: 1 }, () => 'done');
    expect(events(run)).toEqual([
      '1<0 ExecutionStarted',
      '2<0 TaskStateEntered',
      '3<2 LambdaFunctionScheduled',
      '4<3 LambdaFunctionStarted',
      '5<4 LambdaFunctionSucceeded',
      '6<5 TaskStateExited',
      '7<6 ExecutionSucceeded',
    ]);
    expect(run.execution.history[2]!.lambdaFunctionScheduledEventDetails).toEqual({
      resource: FUNCTION,
      input: '{"a":1}',
      inputDetails: { truncated: false },
      timeoutInSeconds: 5,
    });
  });
  it('of a task that waits for its token', async () => {
    const run = startMachine(
      singleTask({ Resource: SEND, Parameters: { QueueUrl: 'q', MessageBody: 'm' }, HeartbeatSeconds: 10 }),
    );
    await run.clock.advance(11_000);
    expect(run.types()).toEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskTimedOut',
      'ExecutionFailed',
    ]);
    expect(run.execution.history[2]!.taskScheduledEventDetails).toEqual({
      resourceType: 'sqs',
      resource: 'sendMessage.waitForTaskToken',
      region: 'us-east-1',
      parameters: '{"QueueUrl":"q","MessageBody":"m"}',
      heartbeatInSeconds: 10,
    });
  });
  it('of an optimized integration that fails', async () => {
    const run = await runMachine(singleTask({ Resource: INVOKE, Parameters: { FunctionName: 'work' } }), {}, () =>
      failTask('Busy'),
    );
    expect(run.execution.history[4]).toMatchObject({
      type: 'TaskFailed',
      taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'Busy', cause: 'because' },
    });
  });
  it('of a Map state', async () => {
    const processor = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };
    const run = await runMachine(singleState({ Type: 'Map', ItemProcessor: processor }), ['a']);
    expect(events(run)).toEqual([
      '1<0 ExecutionStarted',
      '2<0 MapStateEntered',
      '3<2 MapStateStarted',
      '4<3 MapIterationStarted',
      '5<4 PassStateEntered',
      '6<5 PassStateExited',
      '7<6 MapIterationSucceeded',
      '8<6 MapStateSucceeded',
      '9<6 MapStateExited',
      '10<9 ExecutionSucceeded',
    ]);
    expect(run.execution.history[3]!.mapIterationStartedEventDetails).toEqual({ name: 'Only', index: 0 });
  });
  it('of a Map state whose iterations wait for each other', async () => {
    const processor = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };
    const run = await runMachine(singleState({ Type: 'Map', MaxConcurrency: 1, ItemProcessor: processor }), ['a', 'b']);
    expect(events(run).slice(6)).toEqual([
      '7<6 MapIterationSucceeded',
      '8<6 MapIterationStarted',
      '9<8 PassStateEntered',
      '10<9 PassStateExited',
      '11<10 MapIterationSucceeded',
      '12<10 MapStateSucceeded',
      '13<10 MapStateExited',
      '14<13 ExecutionSucceeded',
    ]);
  });
  it('of a Parallel state', async () => {
    const Branches = [{ StartAt: 'In', States: { In: { Type: 'Pass', End: true } } }];
    const run = await runMachine(singleState({ Type: 'Parallel', Branches }));
    expect(events(run).slice(2)).toEqual([
      '3<2 ParallelStateStarted',
      '4<3 PassStateEntered',
      '5<4 PassStateExited',
      '6<5 ParallelStateSucceeded',
      '7<5 ParallelStateExited',
      '8<7 ExecutionSucceeded',
    ]);
  });
  it('ends the execution with event 25,000', async () => {
    const run = await runMachine({
      StartAt: 'A',
      States: {
        A: { Type: 'Pass', Next: 'B' },
        B: { Type: 'Choice', Choices: [{ Variable: '$.stop', IsPresent: true, Next: 'Stop' }], Default: 'A' },
        Stop: { Type: 'Succeed' },
      },
    });
    expect(run.execution).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(run.execution.history).toHaveLength(25_000);
  });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
describe('a redrive', () => {
  const two = {
    StartAt: 'First',
    States: {
      First: { Type: 'Task', Resource: FUNCTION, ResultPath: '$.first', Next: 'Second' },
      Second: { Type: 'Task', Resource: FUNCTION, Retry: [{ ErrorEquals: ['Busy'], MaxAttempts: 1 }], End: true },
    },
  };

  it('continues at the state that failed, with its input', async () => {
    const run = await runMachine(two, {}, (input, n) => (n === 2 ? failTask('Broken') : (input.first ?? 'one')));
    expect(run.execution.status).toBe('FAILED');
    run.redrive();
    await run.clock.settled();
    expect(outcome(run)).toBe('one');
    expect(run.work).toHaveLength(3);
    expect(run.types().slice(-5)).toEqual([
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(run.types().filter((type) => type === 'TaskStateEntered')).toHaveLength(2);
    expect(run.statuses).toEqual(['RUNNING', 'FAILED', 'RUNNING', 'SUCCEEDED']);
  });
  it('is in the history and in the context object', async () => {
    const definition = singleTask({ Parameters: { 'n.$': '$$.Execution.RedriveCount' } });
    const run = await runMachine(definition, {}, ({ n }) => (n < 2 ? failTask('Broken') : n));
    for (let redrives = 0; redrives < 2; redrives++) {
      run.redrive();
      await run.clock.settled();
    }
    expect(outcome(run)).toBe(2);
    const counts = run.execution.history.flatMap((event) => event.executionRedrivenEventDetails?.redriveCount ?? []);
    expect(counts).toEqual([1, 2]);
  });
  it('has all attempts of Retry again', async () => {
    const run = await runMachine(two, {}, (_, n) => (n > 1 && n < 5 ? failTask('Busy') : {}));
    run.redrive();
    await run.clock.settled();
    expect([run.execution.status, run.work.length]).toEqual(['SUCCEEDED', 5]);
  });
  it('of a Fail state fails again', async () => {
    const run = await runMachine({ StartAt: 'No', States: { No: { Type: 'Fail', Error: 'Refused' } } });
    run.redrive();
    await run.clock.settled();
    expect(run.types().slice(-3)).toEqual(['ExecutionRedriven', 'FailStateEntered', 'ExecutionFailed']);
  });
  it('of a Map state runs only the items that did not succeed', async () => {
    const processor = { StartAt: 'Work', States: { Work: { Type: 'Task', Resource: FUNCTION, End: true } } };
    const run = await runMachine(
      singleState({ Type: 'Map', MaxConcurrency: 1, ItemProcessor: processor }),
      [1, 2, 3],
      (item, n) => (n === 2 ? failTask('Odd') : item),
    );
    run.redrive();
    await run.clock.settled();
    expect(outcome(run)).toEqual([1, 2, 3]);
    expect(run.work.map(({ parameters }) => parameters)).toEqual([1, 2, 2, 3]);
  });
  it('of a Parallel state runs only the branches that did not succeed', async () => {
    const branch = (name: string) => ({
      StartAt: name,
      States: { [name]: { Type: 'Task', Resource: FUNCTION, Parameters: { name }, End: true } },
    });
    const run = await runMachine(
      singleState({ Type: 'Parallel', Branches: [branch('A'), branch('B')] }),
      {},
      async ({ name }, n, { sleep }) => {
        if (name === 'B') await sleep(10);
        return name === 'B' && n === 2 ? failTask('Odd') : name;
      },
    );
    run.redrive();
    await run.clock.settled();
    expect([outcome(run), run.work.length]).toEqual([['A', 'B'], 3]);
  });
  it('continues an execution that was stopped, with a new time limit', async () => {
    const run = startMachine({ ...singleState({ Type: 'Wait', Seconds: 60 }), TimeoutSeconds: 100 });
    await run.clock.advance(50_000);
    run.running.stop('Halted', 'by hand');
    expect(run.execution).toMatchObject({ status: 'ABORTED', error: 'Halted', cause: 'by hand' });
    await run.clock.advance(1_000_000);
    run.redrive();
    await run.clock.advance(61_000);
    expect(run.execution.status).toBe('SUCCEEDED');
  });
});

describe('an execution is plain data', () => {
  it('that can be copied and redriven from the copy', async () => {
    const run = await runMachine(singleTask({}), { a: 1 }, (_, n) => (n === 1 ? failTask('Broken') : 'done'));
    expect(structuredClone(run.execution)).toEqual(run.execution);
    Object.assign(run.execution, structuredClone(run.execution));
    run.redrive();
    await run.clock.settled();
    expect(outcome(run)).toBe('done');
  });
});

describe('a definition is refused', () => {
  const states = (state: object) => ({ StartAt: 'A', States: { A: state } });
  it.each<[name: string, definition: object | string, problem: string]>([
    ['that is not JSON', '{', 'INVALID_JSON_DESCRIPTION'],
    [
      'whose first state is missing',
      { StartAt: 'B', States: { A: { Type: 'Succeed' } } },
      "Missing 'StartAt' target: B at /StartAt",
    ],
    ['whose next state is missing', states({ Type: 'Pass', Next: 'B' }), "Missing 'Next' target: B at /States/A/Next"],
    ['whose state has neither End nor Next', states({ Type: 'Pass' }), 'exactly one of Next and End'],
    ['with a field that the state does not have', states({ Type: 'Succeed', Result: 1 }), 'Result'],
    [
      'with an invalid time to wait for',
      states({ Type: 'Wait', Timestamp: 'tomorrow', End: true }),
      'must be an RFC 3339 time',
    ],
    ['without states', { StartAt: 'A' }, 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'],
    ['without anything', {}, 'SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt, States] at /'],
    ['with an unknown type of state', states({ Type: 'Sleep' }), 'SCHEMA_VALIDATION_FAILED'],
    [
      'with States.ALL beside another name',
      states({ Type: 'Task', Resource: FUNCTION, End: true, Retry: [{ ErrorEquals: ['A', 'States.ALL'] }] }),
      'States.ALL must stand alone',
    ],
    ['with a broken path', states({ Type: 'Pass', InputPath: '$.a[', End: true }), 'not a JSONPath'],
    [
      'with a ResultPath that searches',
      states({ Type: 'Pass', ResultPath: '$..a', End: true }),
      'not a Reference Path',
    ],
    [
      'with an unknown function',
      states({ Type: 'Pass', Parameters: { 'a.$': 'States.Magic(1)' }, End: true }),
      'not an intrinsic function',
    ],
    [
      'with one field twice, as a value and as a path',
      states({ Type: 'Pass', Parameters: { a: 1, 'a.$': '$' }, End: true }),
      "The fields 'a' and 'a.$' are the same field at /States/A/Parameters/a",
    ],
    [
      'with text instead of a path',
      states({ Type: 'Pass', Parameters: { 'a.$': 'text' }, End: true }),
      "must begin with '$'",
    ],
    [
      'with two operators in one rule',
      states({ Type: 'Choice', Choices: [{ Variable: '$.a', IsNull: true, IsString: true, Next: 'A' }] }),
      'exactly one operator',
    ],
    [
      'with an integration that is not modelled',
      states({ Type: 'Task', Resource: 'arn:aws:states:::ecs:runTask.sync', End: true }),
      "'arn:aws:states:::ecs:runTask.sync' is not modelled",
    ],
    [
      'with a heartbeat longer than the time-out',
      states({ Type: 'Task', Resource: FUNCTION, TimeoutSeconds: 5, HeartbeatSeconds: 5, End: true }),
      'HeartbeatSeconds must be smaller',
    ],
    [
      'with two states of one name',
      {
        StartAt: 'A',
        States: {
          A: { Type: 'Parallel', End: true, Branches: [{ StartAt: 'A', States: { A: { Type: 'Succeed' } } }] },
        },
      },
      'Duplicate State name: A',
    ],
  ])('%s', (_, definition, problem) => {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    expect(() => parseDefinition(text)).toThrow(problem);
  });

  it('but not for fields of a template whose names end in Path', () => {
    const definition = states({ Type: 'Pass', Parameters: { FilePath: 'data/a' }, End: true });
    expect(parseDefinition(JSON.stringify(definition)).StartAt).toBe('A');
  });
});
