/** Executions: started, stopped, redriven, answered, described. */
import type {
  DescribeExecutionOutput,
  ExecutionListItem,
  GetExecutionHistoryInput,
  HistoryEvent,
  ListExecutionsInput,
  RedriveExecutionInput,
  StartExecutionInput,
} from '@aws-sdk/client-sfn';
import { type At, AwsError, type Kernel } from '../../kernel/kernel.ts';
import { LARGEST_PAYLOAD_BYTES } from '../../states-language/data-flow.ts';
import { threadAt } from '../../states-language/execution.ts';
import type { TaskAnswer } from '../../states-language/run.ts';
import { executionOfToken } from '../../states-language/tasks.ts';
import { parseDefinition } from '../../states-language/validation.ts';
import { pageOf } from '../requests.ts';
import { checkRoleMayUseKey } from './keys.ts';
import { assumeRole, resolveMachine, type Target } from './machines.ts';
import { redriveStatus } from './redrive.ts';
import { launch, runningOf } from './running.ts';
import {
  checkName,
  executionArn,
  executionIn,
  machineOfExecution,
  parseMachineArn,
  type SfnState,
  type StoredExecution,
} from './state.ts';

/** A closed execution's name can be used again after 90 days. */
const NAME_TAKEN_MS = 90 * 24 * 60 * 60 * 1000;

export function start(at: At<SfnState>, input: StartExecutionInput): { executionArn: string; startDate: Date } {
  const target = resolveMachine(at, input.stateMachineArn);
  const name = input.name ?? at.kernel.uuid();
  checkName(name);
  const text = input.input ?? '{}';
  checkPayload('input', text);
  const data = parsedOr(text, () => {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${text}'`);
  });
  const arn = executionArn(target.machine, name);
  const existing = at.state.executions.get(arn);
  if (existing?.status === 'RUNNING' && existing.input === text) return started(existing);
  if (existing && at.kernel.clock.now() - (existing.stopDate ?? Number.POSITIVE_INFINITY) < NAME_TAKEN_MS) {
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  }
  if (target.machine.encryption) checkRoleMayUseKey(at, target.machine, assumeRole(at, target.machine));
  const { StartAt } = parseDefinition(target.machine.definition);
  const execution: StoredExecution = {
    ...identityOf(target, arn, name),
    input: text,
    traceHeader: input.traceHeader,
    startDate: at.kernel.clock.now(),
    status: 'RUNNING',
    stopDate: undefined,
    output: undefined,
    error: undefined,
    cause: undefined,
    redriveCount: 0,
    redriveDate: undefined,
    transitions: 0,
    thread: threadAt(StartAt, data, 0),
    history: [],
  };
  at.state.executions.set(arn, execution);
  launch(at, execution, 'start');
  return started(execution);
}

const identityOf = ({ machine, versionArn, aliasArn }: Target, arn: string, name: string) => ({
  arn,
  name,
  machine,
  stateMachineArn: machine.arn,
  stateMachineName: machine.name,
  stateMachineVersionArn: versionArn,
  stateMachineAliasArn: aliasArn,
  roleArn: machine.roleArn,
  definition: machine.definition,
});

const started = ({ arn, startDate }: StoredExecution) => ({ executionArn: arn, startDate: new Date(startDate) });

export function stop(at: At<SfnState>, arn: string | undefined, error?: string, cause?: string): { stopDate: Date } {
  const execution = executionIn(at.state, arn);
  runningOf(at.kernel, execution.arn)?.stop(error, cause);
  return { stopDate: new Date(execution.stopDate!) };
}

/** The same client token answers again what its first call did. */
export function redrive(at: At<SfnState>, { executionArn: arn, clientToken }: RedriveExecutionInput) {
  const execution = executionIn(at.state, arn);
  const isRepeated = clientToken !== undefined && clientToken === execution.redriveToken;
  if (!isRepeated) {
    const { reason } = redriveStatus(execution, at.kernel.clock.now());
    if (reason !== undefined) throw new AwsError('ExecutionNotRedrivable', reason);
    execution.redriveToken = clientToken;
    launch(at, execution, 'redrive');
  }
  return { redriveDate: new Date(execution.redriveDate!) };
}

/** Passes an answer on to the task that waits with the token. */
export function answer(at: At<SfnState>, token: string | undefined, said: TaskAnswer): Record<string, never> {
  const arn = executionOfWaitingTask(token);
  if (!at.state.executions.has(arn)) {
    throw new AwsError('TaskDoesNotExist', `Task Does Not Exist: '${token}'`);
  }
  if (runningOf(at.kernel, arn)?.answer(token!, said)) return {};
  throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
}

export function successOf(output: string | undefined): TaskAnswer {
  checkPayload('output', output ?? '');
  const invalid = () => {
    throw new AwsError('InvalidOutput', `Invalid Output: '${output}'`);
  };
  return { kind: 'success', output: parsedOr(output ?? '', invalid) };
}

export function executionOfWaitingTask(token: string | undefined): string {
  const arn = executionOfToken(token ?? '');
  if (arn === null) throw new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");
  return arn;
}

export function describe(kernel: Kernel, execution: StoredExecution): DescribeExecutionOutput {
  const redriving = redriveStatus(execution, kernel.clock.now());
  return {
    ...listed(execution),
    input: execution.input,
    inputDetails: { included: true },
    output: execution.output,
    outputDetails: execution.output === undefined ? undefined : { included: true },
    error: execution.error,
    cause: execution.cause,
    traceHeader: execution.traceHeader,
    redriveStatus: redriving.status,
    redriveStatusReason: redriving.reason,
  };
}

const listed = (execution: StoredExecution): ExecutionListItem => ({
  executionArn: execution.arn,
  stateMachineArn: execution.stateMachineArn,
  stateMachineVersionArn: execution.stateMachineVersionArn,
  stateMachineAliasArn: execution.stateMachineAliasArn,
  name: execution.name,
  status: execution.status,
  startDate: new Date(execution.startDate),
  stopDate: dateOf(execution.stopDate),
  redriveCount: execution.redriveCount,
  redriveDate: dateOf(execution.redriveDate),
});

const dateOf = (time: number | undefined) => (time === undefined ? undefined : new Date(time));

/** The latest first, as AWS lists them. */
export function list(state: SfnState, input: ListExecutionsInput) {
  if (input.mapRunArn) throw new AwsError('NotModelled', 'The sandbox does not model Map Runs.', 501);
  const { machine, qualifier } = parseMachineArn(input.stateMachineArn);
  if (!state.machines.has(machine)) {
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${input.stateMachineArn}'`);
  }
  const { stateMachineArn: arn, statusFilter, redriveFilter } = input;
  const matching = [...state.executions.values()].filter(
    (execution) =>
      execution.stateMachineArn === machine &&
      (!qualifier || execution.stateMachineVersionArn === arn || execution.stateMachineAliasArn === arn) &&
      (!statusFilter || execution.status === statusFilter) &&
      (!redriveFilter || (redriveFilter === 'REDRIVEN') === execution.redriveCount > 0),
  );
  const latestFirst = matching.reverse().sort((one, other) => other.startDate - one.startDate);
  const { items, nextToken } = pageOf(latestFirst, input.nextToken, input.maxResults || 100, invalidToken);
  return { executions: items.map(listed), nextToken };
}

export function history(state: SfnState, input: GetExecutionHistoryInput) {
  const { history: recorded } = executionIn(state, input.executionArn);
  const events = input.reverseOrder ? [...recorded].reverse() : recorded;
  const { items, nextToken } = pageOf(events, input.nextToken, input.maxResults || 100, invalidToken);
  return { events: input.includeExecutionData === false ? items.map(withoutData) : items, nextToken };
}

const DATA = new Set(['input', 'output', 'parameters', 'error', 'cause', 'inputDetails', 'outputDetails']);

/** The event without what the states read, wrote and said. */
function withoutData(event: HistoryEvent): HistoryEvent {
  const fields = Object.entries(event).map(([key, value]) => {
    if (!key.endsWith('EventDetails') || !value) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).filter(([member]) => !DATA.has(member)))];
  });
  return Object.fromEntries(fields);
}

export const invalidToken = () => new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");

/** The machine that IAM looks at when a task is answered. */
export const machineOfToken = (token: string | undefined): string => machineOfExecution(executionOfWaitingTask(token));

function checkPayload(member: string, text: string): void {
  if (Buffer.byteLength(text) <= LARGEST_PAYLOAD_BYTES) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${LARGEST_PAYLOAD_BYTES}`,
  );
}

function parsedOr(text: string, invalid: () => never) {
  try {
    return JSON.parse(text);
  } catch {
    return invalid();
  }
}
