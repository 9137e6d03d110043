import type { Need } from '../../kernel/kernel.ts';
import { machineKeyNeeds } from './keys.ts';
import { executionOfWaitingTask, machineOfExecution, parseMachineArn, type SfnAt } from './state.ts';

type OfExecution = { executionArn?: string | undefined };
type OfMachine = { stateMachineArn?: string | undefined };
type OfTask = { taskToken?: string | undefined };

export const executionNeeds =
  (action: string) =>
  (input: OfExecution, at: SfnAt): Need[] => {
    machineOfExecution(input.executionArn);
    const machine = at.state.executions.get(input.executionArn!)?.machine;
    const reads = action.startsWith('Describe') || action.startsWith('Get');
    return [
      { action: `states:${action}`, resource: input.executionArn! },
      ...(machine && reads ? machineKeyNeeds(at, machine, ['kms:Decrypt']) : []),
    ];
  };

/** The qualifier of a version or alias is a condition key. */
export const machineOperationNeeds =
  (action: string) =>
  (input: OfMachine): Need[] => {
    const { machine, qualifier } = parseMachineArn(input.stateMachineArn);
    const context = qualifier === undefined ? {} : { context: { 'states:StateMachineQualifier': qualifier } };
    return [{ action: `states:${action}`, resource: machine, ...context }];
  };

export const taskNeeds =
  (action: string) =>
  (input: OfTask): Need[] => [
    { action: `states:${action}`, resource: machineOfExecution(executionOfWaitingTask(input.taskToken)) },
  ];
