import type * as sdk from '@aws-sdk/client-sfn';
import type {
  DescribeExecutionOutput,
  ExecutionListItem,
  GetExecutionHistoryInput,
  HistoryEvent,
  ListExecutionsInput,
  RedriveExecutionInput,
  StartExecutionInput,
} from '@aws-sdk/client-sfn';
import { AwsError, type CallQuota, type Kernel, type ServiceOperations } from '../../kernel/kernel.ts';
import { LARGEST_PAYLOAD_BYTES } from '../../states-language/data-flow.ts';
import { createThread } from '../../states-language/execution.ts';
import type { TaskAnswer } from '../../states-language/run.ts';
import { parseDefinition } from '../../states-language/validation.ts';
import { pageOf } from '../requests.ts';
import { checkRoleMayUseKey } from './keys.ts';
import { assumeMachineRole, type ResolvedMachine, resolveMachine } from './machines.ts';
import { executionNeeds, machineOperationNeeds, taskNeeds } from './needs.ts';
import { redriveStatus } from './redrive.ts';
import { launchExecution, runningExecution } from './running-executions.ts';
import {
  checkSfnName,
  executionIn,
  executionOfWaitingTask,
  parseMachineArn,
  type SfnAt,
  type SfnState,
  type StoredExecution,
  sfnExecutionArn,
} from './state.ts';

/** For this time, the name of a closed execution cannot be used again. */
const NAME_TAKEN_MS = 90 * 24 * 60 * 60 * 1000;

/**
 * Quotas of us-east-1, us-west-2 and eu-west-1.
 * https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
 */
const quota = (rate: number, burst: number): CallQuota => ({ rate, burst });

export const executionOperations: ServiceOperations<typeof sdk, SfnState> = {
  StartExecution: {
    needs: machineOperationNeeds('StartExecution'),
    run: (input, at) => startExecution(at, input),
    quota: quota(300, 1300),
  },
  StopExecution: {
    needs: executionNeeds('StopExecution'),
    run: (input, at) => stopExecution(at, input.executionArn, input.error, input.cause),
    quota: quota(200, 1000),
  },
  RedriveExecution: {
    needs: executionNeeds('RedriveExecution'),
    run: (input, at) => redriveExecution(at, input),
    quota: quota(300, 1300),
  },
  DescribeExecution: {
    needs: executionNeeds('DescribeExecution'),
    run: (input, at) => describeExecution(at.kernel, executionIn(at.state, input.executionArn)),
    quota: quota(15, 300),
  },
  GetExecutionHistory: {
    needs: executionNeeds('GetExecutionHistory'),
    run: (input, at) => executionHistory(at.state, input),
    quota: quota(20, 400),
  },
  ListExecutions: {
    needs: machineOperationNeeds('ListExecutions'),
    run: (input, at) => listExecutions(at.state, input),
    quota: quota(5, 200),
  },
  SendTaskSuccess: {
    needs: taskNeeds('SendTaskSuccess'),
    run: (input, at) => answerTask(at, input.taskToken, successOf(input.output)),
    quota: quota(500, 3000),
  },
  SendTaskFailure: {
    needs: taskNeeds('SendTaskFailure'),
    run: ({ taskToken, error, cause }, at) => answerTask(at, taskToken, { kind: 'failure', error, cause }),
    quota: quota(500, 3000),
  },
  SendTaskHeartbeat: {
    needs: taskNeeds('SendTaskHeartbeat'),
    run: (input, at) => answerTask(at, input.taskToken, { kind: 'heartbeat' }),
    quota: quota(500, 3000),
  },
};

function startExecution(at: SfnAt, input: StartExecutionInput): { executionArn: string; startDate: Date } {
  const target = resolveMachine(at, input.stateMachineArn);
  const name = input.name ?? at.kernel.uuid();
  checkSfnName(name);
  const text = input.input ?? '{}';
  checkPayload('input', text);
  const data = parseJsonOr(text, () => {
    throw new AwsError('InvalidExecutionInput', `Invalid State Machine Execution Input: '${inputProblem(text)}'`);
  });
  const arn = sfnExecutionArn(target.machine, name);
  const existing = at.state.executions.get(arn);
  if (existing?.status === 'RUNNING' && existing.input === text) return describeStart(existing);
  if (existing && at.kernel.clock.now() - (existing.stopDate ?? Number.POSITIVE_INFINITY) < NAME_TAKEN_MS)
    throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
  if (target.machine.encryption) checkRoleMayUseKey(at, target.machine, assumeMachineRole(at, target.machine));
  const { StartAt } = parseDefinition(target.machine.definition);
  const execution: StoredExecution = {
    ...machineFields(target, arn, name),
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
    thread: createThread(StartAt, data, 0),
    history: [],
  };
  at.state.executions.set(arn, execution);
  launchExecution(at, execution, 'start');
  return describeStart(execution);
}

const machineFields = ({ machine, versionArn, aliasArn }: ResolvedMachine, arn: string, name: string) => ({
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

const describeStart = ({ arn, startDate }: StoredExecution) => ({ executionArn: arn, startDate: new Date(startDate) });

function stopExecution(at: SfnAt, arn: string | undefined, error?: string, cause?: string): { stopDate: Date } {
  const execution = executionIn(at.state, arn);
  runningExecution(at.kernel, execution.arn)?.stop(error, cause);
  return { stopDate: new Date(execution.stopDate!) };
}

/** A repeated client token returns the result of its first call. */
function redriveExecution(at: SfnAt, { executionArn: arn, clientToken }: RedriveExecutionInput) {
  const execution = executionIn(at.state, arn);
  const isRepeated = clientToken !== undefined && clientToken === execution.redriveToken;
  if (!isRepeated) {
    const { reason } = redriveStatus(execution, at.kernel.clock.now());
    if (reason !== undefined) throw new AwsError('ExecutionNotRedrivable', reason);
    execution.redriveToken = clientToken;
    launchExecution(at, execution, 'redrive');
  }
  return { redriveDate: new Date(execution.redriveDate!) };
}

function answerTask(at: SfnAt, token: string | undefined, response: TaskAnswer): Record<string, never> {
  const arn = executionOfWaitingTask(token);
  if (!at.state.executions.has(arn)) throw new AwsError('TaskDoesNotExist', `Task Does Not Exist: '${token}'`);
  if (runningExecution(at.kernel, arn)?.answer(token!, response)) return {};
  throw new AwsError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
}

function successOf(output: string | undefined): TaskAnswer {
  checkPayload('output', output ?? '');
  const invalid = () => {
    throw new AwsError('InvalidOutput', `Invalid Output: '${output}'`);
  };
  return { kind: 'success', output: parseJsonOr(output ?? '', invalid) };
}

function describeExecution(kernel: Kernel, execution: StoredExecution): DescribeExecutionOutput {
  const redriveState = redriveStatus(execution, kernel.clock.now());
  return {
    ...describeListItem(execution),
    input: execution.input,
    inputDetails: { included: true },
    output: execution.output,
    outputDetails: execution.output === undefined ? undefined : { included: true },
    error: execution.error,
    cause: execution.cause,
    traceHeader: execution.traceHeader,
    redriveStatus: redriveState.status,
    redriveStatusReason: redriveState.reason,
  };
}

const describeListItem = (execution: StoredExecution): ExecutionListItem => ({
  executionArn: execution.arn,
  stateMachineArn: execution.stateMachineArn,
  stateMachineVersionArn: execution.stateMachineVersionArn,
  stateMachineAliasArn: execution.stateMachineAliasArn,
  name: execution.name,
  status: execution.status,
  startDate: new Date(execution.startDate),
  stopDate: dateOrUndefined(execution.stopDate),
  redriveCount: execution.redriveCount,
  redriveDate: dateOrUndefined(execution.redriveDate),
});

const dateOrUndefined = (time: number | undefined) => (time === undefined ? undefined : new Date(time));

function listExecutions(state: SfnState, input: ListExecutionsInput) {
  if (input.mapRunArn) throw new AwsError('NotModelled', 'The sandbox does not model Map Runs.', 501);
  const { machine, qualifier } = parseMachineArn(input.stateMachineArn);
  if (!state.machines.has(machine))
    throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${input.stateMachineArn}'`);
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
  return { executions: items.map(describeListItem), nextToken };
}

function executionHistory(state: SfnState, input: GetExecutionHistoryInput) {
  const { history: recorded } = executionIn(state, input.executionArn);
  const events = input.reverseOrder ? [...recorded].reverse() : recorded;
  const { items, nextToken } = pageOf(events, input.nextToken, input.maxResults || 100, invalidToken);
  return { events: input.includeExecutionData === false ? items.map(withoutData) : items, nextToken };
}

const DATA_MEMBERS = new Set(['input', 'output', 'parameters', 'error', 'cause', 'inputDetails', 'outputDetails']);

function withoutData(event: HistoryEvent): HistoryEvent {
  const fields = Object.entries(event).map(([key, value]) => {
    if (!key.endsWith('EventDetails') || !value) return [key, value];
    return [key, Object.fromEntries(Object.entries(value).filter(([member]) => !DATA_MEMBERS.has(member)))];
  });
  return Object.fromEntries(fields);
}

export const invalidToken = () => new AwsError('InvalidToken', "Invalid Token: 'Invalid token'");

function checkPayload(member: string, text: string): void {
  if (Buffer.byteLength(text) <= LARGEST_PAYLOAD_BYTES) return;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${LARGEST_PAYLOAD_BYTES}`,
  );
}

/** Returns the message of Step Functions' JSON parser where it is known, otherwise the text itself. */
function inputProblem(text: string): string {
  if (text.trim() === '') return 'Invalid execution input.';
  const [, token] = /^\s*([A-Za-z]+)/.exec(text) ?? [];
  if (token === undefined) return text;
  return `Unrecognized token '${token}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`;
}

function parseJsonOr(text: string, invalid: () => never) {
  try {
    return JSON.parse(text);
  } catch {
    return invalid();
  }
}
