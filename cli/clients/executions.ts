import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  RedriveExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isNamed } from '../../functions/contract/errors.ts';
import { hash } from '../../functions/domain/trace.ts';
import { Failure } from '../errors/failure.ts';
import type { ExecutionResult } from '../output/execution-results.ts';
import { executionResult } from './execution-result.ts';
import { executionArn, type Operator } from './operator.ts';

const POLL_MS = 2_000;
const MAX_WAIT_MS = 10 * 60_000;
const DESCRIBE_INTERVAL_MS = 100;

export type WorkflowExecutions = {
  /** Returns undefined for an execution that Step Functions has deleted, 90 days after its end. */
  describe(arn: string): Promise<DescribeExecutionOutput | undefined>;
  /** False if the state machine was deployed again since the start. */
  hasCurrentDefinition(arn: string): Promise<boolean>;
  /** Returns the ARN. Idempotent: an existing execution of this name is not started again. */
  start(name: string, input: object): Promise<string>;
  redrive(arn: string, token: string): Promise<void>;
  /** Waits at most ten minutes. */
  wait(arns: readonly string[]): Promise<ExecutionResult[]>;
};

export function executionsOf(operator: Operator): WorkflowExecutions {
  const { aws, stateMachineArn } = operator;
  const stepFunctions = new SFNClient({ ...aws, maxAttempts: 8 });
  let current: Promise<string> | undefined;
  return {
    describe: (arn) => describeExecution(stepFunctions, arn),

    async hasCurrentDefinition(arn) {
      current ??= currentDefinition(stepFunctions, stateMachineArn);
      const command = new DescribeStateMachineForExecutionCommand({ executionArn: arn });
      return (await stepFunctions.send(command)).definition === (await current);
    },

    async start(name, input) {
      const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
      try {
        return (await withMachineHint(stateMachineArn, () => stepFunctions.send(command))).executionArn!;
      } catch (error) {
        if (isNamed(error, 'ExecutionAlreadyExists')) return executionArn({ stateMachineArn }, name);
        throw error;
      }
    },

    async redrive(arn, token) {
      await stepFunctions.send(
        new RedriveExecutionCommand({ executionArn: arn, clientToken: hash(`${token} ${arn}`) }),
      );
    },

    wait: (arns) => waitForEnds(stepFunctions, arns, operator),
  };
}

async function describeExecution(stepFunctions: SFNClient, arn: string): Promise<DescribeExecutionOutput | undefined> {
  try {
    return await stepFunctions.send(new DescribeExecutionCommand({ executionArn: arn }));
  } catch (error) {
    if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
}

async function currentDefinition(stepFunctions: SFNClient, stateMachineArn: string): Promise<string> {
  const { definition } = await withMachineHint(stateMachineArn, () =>
    stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn })),
  );
  return definition!;
}

async function waitForEnds(
  stepFunctions: SFNClient,
  arns: readonly string[],
  { now, sleep, progress, signal }: Operator,
): Promise<ExecutionResult[]> {
  const deadline = now() + MAX_WAIT_MS;
  const latest = new Map<string, DescribeExecutionOutput>();
  for (;;) {
    for (const arn of arns) {
      const known = latest.get(arn);
      if (known && known.status !== 'RUNNING') continue;
      const execution = await describeExecution(stepFunctions, arn);
      if (execution) latest.set(arn, execution);
      await sleep(DESCRIBE_INTERVAL_MS);
    }
    const running = [...latest.values()].filter(({ status }) => status === 'RUNNING').length;
    if (running === 0 || now() >= deadline || signal?.aborted) return [...latest.values()].map(executionResult);
    progress(`${running} of ${arns.length} run`);
    await sleep(POLL_MS);
  }
}

async function withMachineHint<T>(stateMachineArn: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNamed(error, 'StateMachineDoesNotExist')) throw error;
    throw new Failure(
      `There is no ${stateMachineArn}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  }
}
