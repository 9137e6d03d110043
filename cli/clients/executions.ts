/** Executions started, redriven and waited for. */
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
import { executionArn, type Operator } from './operator.ts';

/** Milliseconds between two looks at executions that are waited for, and how long they are. */
const LOOK = 2_000;
const PATIENCE = 10 * 60_000;
/** The same for the pause between two of them: DescribeExecution takes 15 a second. */
const PAUSE = 100;

export type Executions = {
  /** Undefined for one that Step Functions has forgotten, 90 days after its end. */
  describe(arn: string): Promise<DescribeExecutionOutput | undefined>;
  /** Whether it was started by the definition that holds now. */
  hasCurrentDefinition(arn: string): Promise<boolean>;
  /** Answers the ARN; one of this name that exists is not started again. */
  start(name: string, input: object): Promise<string>;
  /** `token` makes a repeated call one. */
  redrive(arn: string, token: string): Promise<void>;
  /** Waits until they are over, ten minutes at most, and answers how each stands then. */
  wait(arns: readonly string[]): Promise<DescribeExecutionOutput[]>;
};

export function executionsOf({ aws, stateMachineArn, sleep, now, progress, signal }: Operator): Executions {
  const states = new SFNClient({ ...aws, maxAttempts: 8 });
  let current: Promise<string> | undefined;

  const definition = async () => {
    const { definition: text } = await inMachine(stateMachineArn, () =>
      states.send(new DescribeStateMachineCommand({ stateMachineArn })),
    );
    return text!;
  };

  const executions: Executions = {
    async describe(arn) {
      try {
        return await states.send(new DescribeExecutionCommand({ executionArn: arn }));
      } catch (error) {
        if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
        throw error;
      }
    },

    async hasCurrentDefinition(arn) {
      current ??= definition();
      const command = new DescribeStateMachineForExecutionCommand({ executionArn: arn });
      return (await states.send(command)).definition === (await current);
    },

    async start(name, input) {
      const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
      try {
        return (await inMachine(stateMachineArn, () => states.send(command))).executionArn!;
      } catch (error) {
        if (isNamed(error, 'ExecutionAlreadyExists')) return executionArn({ stateMachineArn }, name);
        throw error;
      }
    },

    async redrive(arn, token) {
      await states.send(new RedriveExecutionCommand({ executionArn: arn, clientToken: hash(`${token} ${arn}`) }));
    },

    async wait(arns) {
      const until = now() + PATIENCE;
      const over = new Map<string, DescribeExecutionOutput>();
      for (;;) {
        for (const arn of arns) {
          if (over.get(arn) && over.get(arn)!.status !== 'RUNNING') continue;
          const execution = await executions.describe(arn);
          if (execution) over.set(arn, execution);
          await sleep(PAUSE);
        }
        const running = [...over.values()].filter(({ status }) => status === 'RUNNING').length;
        if (running === 0 || now() >= until || signal?.aborted) return [...over.values()];
        progress(`${running} of ${arns.length} run`);
        await sleep(LOOK);
      }
    },
  };
  return executions;
}

async function inMachine<T>(stateMachineArn: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNamed(error, 'StateMachineDoesNotExist')) throw error;
    throw new Failure(
      `There is no ${stateMachineArn}. Use credentials of the security account and its home Region, where SutureSecurity is deployed.`,
    );
  }
}
