/** Runs definitions on a virtual clock, with the test's own tasks. */
// @ts-expect-error: the package has no types.
import aslValidator from 'asl-validator';
import { afterAll, beforeAll, expect } from 'vitest';
import { createClock } from '../../../sandbox/kernel/clock.ts';
import { StateError } from '../../../sandbox/states-language/errors.ts';
import { createThread, type Execution } from '../../../sandbox/states-language/execution.ts';
import {
  type RunningExecution,
  redriveExecution,
  startExecution,
} from '../../../sandbox/states-language/interpreter.ts';
import type { Json } from '../../../sandbox/states-language/json.ts';
import type { ExecutionEnvironment, TaskWork } from '../../../sandbox/states-language/run.ts';
import { parseDefinition } from '../../../sandbox/states-language/validation.ts';

export const START = Date.parse('2026-11-22T10:00:00.000Z');
export const FUNCTION = 'arn:aws:lambda:us-east-1:111122223333:function:work';
export const SEND = 'arn:aws:states:::sqs:sendMessage.waitForTaskToken';

/** Answers the n-th call of a task. Throw to fail it; sleep on the clock to take time. */
export type Work = (
  parameters: any,
  n: number,
  at: { seconds: number; sleep(seconds: number): Promise<void> },
) => unknown;

export type MachineRun = {
  execution: Execution;
  running: RunningExecution;
  clock: ExecutionEnvironment['clock'];
  work: TaskWork[];
  statuses: string[];
  seconds(): number;
  types(): string[];
  redrive(): void;
};

type States = { StartAt: string; States: Record<string, Record<string, any>> };
/** Set while the tests of a file run that wants its definitions validated; files share this module. */
let toValidate: States[] | undefined;

/**
 * Validates every definition of a test file with a second implementation. The validator starts slowly, so it gets all
 * of them at once, as branches of one state.
 */
export function haveDefinitionsValidated(): void {
  beforeAll(() => {
    toValidate = [];
  });
  afterAll(() => {
    const definitions = toValidate ?? [];
    toValidate = undefined;
    const Branches = definitions.map((definition, index) => withSuffix(definition, `${index}`));
    expect(Branches.length).toBeGreaterThan(0);
    const all = { StartAt: 'All', States: { All: { Type: 'Parallel', Branches, End: true } } };
    expect(aslValidator(all).errorsText()).toBe('');
  });
}

function withSuffix({ StartAt, States }: States, suffix: string): States {
  const rename = (value: any): any => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value !== 'object' || value === null) return value;
    const fields = Object.entries(value).map(([key, item]): [string, unknown] => {
      if (key === 'Next' || key === 'Default' || key === 'StartAt') return [key, item && `${item}-${suffix}`];
      return [key, key === 'States' ? withNames(item as object) : rename(item)];
    });
    return Object.fromEntries(fields);
  };
  const withNames = (states: object) =>
    Object.fromEntries(Object.entries(states).map(([name, state]) => [`${name}-${suffix}`, rename(state)]));
  return { StartAt: `${StartAt}-${suffix}`, States: withNames(States) };
}

export function startMachine(
  definition: object,
  input: unknown = {},
  work: Work = () => ({}),
  random = () => 0.5,
): MachineRun {
  const clock = createClock({ virtual: true, start: START });
  const seconds = () => (clock.now() - START) / 1000;
  const text = JSON.stringify(definition);
  toValidate?.push(JSON.parse(text));
  const execution = newExecution(text, JSON.stringify(input));
  const done: TaskWork[] = [];
  const statuses: string[] = [];
  let ids = 0;
  const environment: ExecutionEnvironment = {
    clock,
    region: 'us-east-1',
    random,
    uuid: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
    changed: ({ status }) => statuses.push(status),
    async perform(task) {
      done.push(task);
      const call = done.length;
      const sleep = (wait: number) => clock.sleep(wait * 1000);
      await null;
      return ((await work(task.parameters, call, { seconds: seconds(), sleep })) ?? null) as Json;
    },
  };
  const run: MachineRun = {
    execution,
    running: startExecution(environment, execution),
    clock,
    work: done,
    statuses,
    seconds,
    types: () => execution.history.map((event) => event.type!),
    redrive: () => {
      run.running = redriveExecution(environment, execution);
    },
  };
  return run;
}

export async function runMachine(
  definition: object,
  input: unknown = {},
  work?: Work,
  random?: () => number,
): Promise<MachineRun> {
  const run = startMachine(definition, input, work, random);
  await run.clock.settled();
  return run;
}

/** Returns the output, or `error: cause` of a failure. */
export const outcome = ({ execution }: MachineRun): unknown =>
  execution.status === 'SUCCEEDED' ? JSON.parse(execution.output!) : { error: execution.error, cause: execution.cause };

export const failTask = (error: string, cause = 'because'): never => {
  throw new StateError(error, cause);
};

export const singleState = (state: object) => ({ StartAt: 'Only', States: { Only: { ...state, End: true } } });
export const singleTask = (fields: object) => singleState({ Type: 'Task', Resource: FUNCTION, ...fields });

function newExecution(definition: string, input: string): Execution {
  const machine = parseDefinition(definition);
  const arn = 'arn:aws:states:us-east-1:111122223333';
  return {
    arn: `${arn}:execution:trial:one`,
    name: 'one',
    stateMachineArn: `${arn}:stateMachine:trial`,
    stateMachineName: 'trial',
    stateMachineVersionArn: undefined,
    stateMachineAliasArn: undefined,
    roleArn: 'arn:aws:iam::111122223333:role/trial',
    definition,
    input,
    traceHeader: undefined,
    startDate: START,
    status: 'RUNNING',
    stopDate: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    redriveCount: 0,
    redriveDate: undefined,
    transitions: 0,
    thread: createThread(machine.StartAt, JSON.parse(input), 0),
    history: [],
  };
}
