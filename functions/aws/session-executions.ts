import { DescribeExecutionCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isNamed } from '../contract/errors.ts';
import type { DescribeSessionExecution } from '../ports/session-executions.ts';

export const sessionExecutions =
  (stepFunctions: SFNClient): DescribeSessionExecution =>
  async (executionArn) => {
    try {
      const { startDate, stopDate, input } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      return { startedAt: startDate!.getTime(), stoppedAt: stopDate?.getTime(), input: JSON.parse(input ?? 'null') };
    } catch (error) {
      if (isNamed(error, 'ExecutionDoesNotExist', 'InvalidArn')) return undefined;
      throw error;
    }
  };
