import type { SFNClient } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { workflowExecutions } from '../../../functions/aws/workflow-executions.ts';

const MACHINE = 'arn:aws:states:us-east-1:111111111111:stateMachine:suture-remediate-finding';
const EXECUTION = 'arn:aws:states:us-east-1:111111111111:execution:suture-remediate-finding:one';

/** Answers DescribeStateMachine at once, and DescribeStateMachineForExecution a moment later. */
const answering = (latest: () => string, ofExecution: string) =>
  workflowExecutions(
    {
      send: async ({ input }: { input: object }) => {
        if ('stateMachineArn' in input) return { definition: latest() };
        await new Promise((resolve) => setTimeout(resolve, 20));
        return { definition: ofExecution };
      },
    } as unknown as SFNClient,
    MACHINE,
  );

it.each([
  ['one', true],
  ['two', false],
])('compares the definition of an execution with the latest one, %s', async (latest, same) => {
  expect(await answering(() => latest, 'one').hasCurrentDefinition(EXECUTION)).toBe(same);
});

it('throws for a deleted state machine, and leaves no rejection unhandled', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const executions = answering(() => {
      throw Object.assign(new Error('gone'), { name: 'StateMachineDoesNotExist' });
    }, 'one');
    await expect(executions.hasCurrentDefinition(EXECUTION)).rejects.toThrow('gone');
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
