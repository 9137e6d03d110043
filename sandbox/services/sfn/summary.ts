/** An execution in short, for displays. */
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import type { ExecutionStatus } from '../../states-language/execution.ts';
import { sfn } from './index.ts';
import { executionIn } from './state.ts';

export type ExecutionSummary = {
  readonly status: ExecutionStatus;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** The states entered, in order; a retry or redrive of a state does not name it again. */
  readonly path: string[];
  /** State transitions as AWS bills them: states entered, retries and redrives. */
  readonly transitions: number;
  /** What each state passed on, by its name; of a state entered twice, the last. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly input: unknown;
  readonly output: unknown;
};

/** @throws AwsError ExecutionDoesNotExist */
export function executionSummary(kernel: Kernel, arn: string): ExecutionSummary {
  const [, partition, , region, account] = arn.split(':');
  if (!partition || !region || !account) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
  const execution = executionIn(kernel.state(sfn, { partition, region, account }), arn);
  const entered = execution.history.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  return {
    status: execution.status,
    error: execution.error,
    cause: execution.cause,
    path: entered,
    transitions: execution.transitions,
    outputs: Object.fromEntries(
      execution.history.flatMap(({ stateExitedEventDetails: exited }) =>
        exited?.name ? [[exited.name, JSON.parse(exited.output ?? 'null')]] : [],
      ),
    ),
    input: JSON.parse(execution.input),
    output: execution.output === undefined ? undefined : JSON.parse(execution.output),
  };
}
