/** For displays and tests. */
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import type { ExecutionStatus } from '../../states-language/execution.ts';
import { parseArn } from '../arn.ts';
import { executionIn, SFN } from './state.ts';

export type ExecutionSummary = {
  readonly status: ExecutionStatus;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  /** States in the order of entry; a retry or redrive does not repeat a state. */
  readonly path: string[];
  /** As AWS bills them: entered states, retries and redrives. */
  readonly transitions: number;
  /** By state name; the last output of a state that was entered twice. */
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly input: unknown;
  readonly output: unknown;
};

export function executionSummary(kernel: Kernel, arn: string): ExecutionSummary {
  const { partition, region, account } = parseArn(arn);
  if (!partition || !region || !account) throw new AwsError('InvalidArn', `Invalid Arn: '${arn}'`);
  const execution = executionIn(kernel.state(SFN, { partition, region, account }), arn);
  const path = execution.history.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  return {
    status: execution.status,
    error: execution.error,
    cause: execution.cause,
    path,
    transitions: execution.transitions,
    outputs: Object.fromEntries(
      execution.history.flatMap(({ stateExitedEventDetails: exit }) =>
        exit?.name ? [[exit.name, JSON.parse(exit.output ?? 'null')]] : [],
      ),
    ),
    input: JSON.parse(execution.input),
    output: execution.output === undefined ? undefined : JSON.parse(execution.output),
  };
}
