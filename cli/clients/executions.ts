import { type DescribeExecutionOutput, SFNClient } from '@aws-sdk/client-sfn';
import { describeExecution, workflowExecutions } from '../../functions/aws/workflow-executions.ts';
import { isNamed } from '../../functions/contract/errors.ts';
import type { WorkflowExecutions } from '../../functions/ports/workflow-executions.ts';
import { Unreachable } from '../errors/unreachable.ts';
import { countText } from '../output/count-text.ts';
import type { ExecutionResult } from '../output/execution-results.ts';
import { runningCount } from '../output/running-count.ts';
import { executionResult } from './execution-result.ts';
import { homeRegionHint } from './home-region-hint.ts';
import type { Operator } from './operator.ts';

const POLL_MS = 2_000;
const MAX_WAIT_MS = 10 * 60_000;
const DESCRIBE_INTERVAL_MS = 100;

export type OperatorExecutions = WorkflowExecutions & {
  /** Waits at most ten minutes. */
  wait(arns: readonly string[]): Promise<ExecutionResult[]>;
};

export function executionsOf(operator: Operator): OperatorExecutions {
  const { aws, stateMachineArn } = operator;
  const stepFunctions = new SFNClient({ ...aws, maxAttempts: 8 });
  const executions = workflowExecutions(stepFunctions, stateMachineArn);
  return {
    describe: (arn) => executions.describe(arn),
    hasCurrentDefinition: (arn) => withMachineHint(stateMachineArn, () => executions.hasCurrentDefinition(arn)),
    wait: (arns) => waitForEnds(stepFunctions, arns, operator),
  };
}

async function waitForEnds(
  stepFunctions: SFNClient,
  arns: readonly string[],
  { now, sleep, progress, signal }: Operator,
): Promise<ExecutionResult[]> {
  const deadline = now() + MAX_WAIT_MS;
  const latest = new Map<string, DescribeExecutionOutput>();
  const count = runningCount(progress);
  for (;;) {
    for (const arn of arns) {
      const known = latest.get(arn);
      if (known && known.status !== 'RUNNING') continue;
      const execution = await describeExecution(stepFunctions, arn);
      if (execution) latest.set(arn, execution);
      await sleep(DESCRIBE_INTERVAL_MS);
    }
    const running = [...latest.values()].filter(({ status }) => status === 'RUNNING').length;
    const text = `${arns.length - running} of ${countText(arns.length, 'execution')} ended`;
    if (running === 0 || now() >= deadline || signal?.aborted) {
      count.end(text);
      return [...latest.values()].map(executionResult);
    }
    count.show(text);
    await sleep(POLL_MS);
  }
}

async function withMachineHint<T>(stateMachineArn: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isNamed(error, 'StateMachineDoesNotExist')) throw error;
    throw new Unreachable(
      `There is no ${stateMachineArn}. ${homeRegionHint('Security')} If they are right, the workflow was deleted: suture doctor`,
    );
  }
}
