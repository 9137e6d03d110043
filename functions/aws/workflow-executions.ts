import {
  DescribeExecutionCommand,
  type DescribeExecutionOutput,
  DescribeStateMachineCommand,
  DescribeStateMachineForExecutionCommand,
  RedriveExecutionCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { isNamed } from '../contract/errors.ts';
import { hash } from '../domain/trace.ts';
import type { ExecutionStarter, WorkflowExecutions } from '../ports/workflow-executions.ts';

export function workflowExecutions(states: SFNClient, stateMachineArn: string): WorkflowExecutions {
  let current: Promise<string | undefined> | undefined;
  return {
    describe: (arn) => describeExecution(states, arn),
    async hasCurrentDefinition(arn) {
      current ??= states
        .send(new DescribeStateMachineCommand({ stateMachineArn }))
        .then(({ definition }) => definition);
      const ofExecution = states.send(new DescribeStateMachineForExecutionCommand({ executionArn: arn }));
      // Both are awaited at once: a rejection that nothing awaits yet ends the process.
      const [{ definition }, latest] = await Promise.all([ofExecution, current]);
      return definition === latest;
    },
  };
}

export const executionStarter = (states: SFNClient, stateMachineArn: string): ExecutionStarter => ({
  async start(name, input) {
    const command = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) });
    try {
      return (await states.send(command)).executionArn!;
    } catch (error) {
      if (isNamed(error, 'ExecutionAlreadyExists'))
        return `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
      throw error;
    }
  },
  async redrive(arn, token) {
    await states.send(new RedriveExecutionCommand({ executionArn: arn, clientToken: hash(`${token} ${arn}`) }));
  },
});

/** Returns undefined for an execution that Step Functions has deleted. */
export async function describeExecution(states: SFNClient, arn: string): Promise<DescribeExecutionOutput | undefined> {
  try {
    return await states.send(new DescribeExecutionCommand({ executionArn: arn }));
  } catch (error) {
    if (isNamed(error, 'ExecutionDoesNotExist')) return undefined;
    throw error;
  }
}
