/**
 * AWS Step Functions: Standard workflows, run by the interpreter in `../../states-language`.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/
 */
import * as sdk from '@aws-sdk/client-sfn';
import { type At, defineService, type Need } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import {
  answer,
  describe,
  history,
  invalidToken,
  list,
  machineOfToken,
  redrive,
  start,
  stop,
  successOf,
} from './executions.ts';
import { machineKeyNeeds } from './keys.ts';
import { createMachine, machineNeeds, publishVersion, resolveMachine, updateMachine } from './machines.ts';
import { sfnResources } from './resources.ts';
import { runningOf } from './running.ts';
import {
  executionIn,
  machineArn,
  machineIn,
  machineOfExecution,
  newState,
  parseMachineArn,
  type SfnState,
  type StateMachine,
} from './state.ts';

export { type ExecutionSummary, executionSummary } from './summary.ts';

/** Calls a second and burst in us-east-1, us-west-2 and eu-west-1. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const quota = (rate: number, burst: number) => ({ rate, burst, error: 'ThrottlingException' });

type OfExecution = { executionArn?: string | undefined };
type OfMachine = { stateMachineArn?: string | undefined };
type OfTask = { taskToken?: string | undefined };

const onExecution =
  (action: string) =>
  (input: OfExecution, at: At<SfnState>): Need[] => {
    machineOfExecution(input.executionArn);
    const machine = at.state.executions.get(input.executionArn!)?.machine;
    const reads = action.startsWith('Describe') || action.startsWith('Get');
    return [
      { action: `states:${action}`, resource: input.executionArn! },
      ...(machine && reads ? machineKeyNeeds(at, machine, ['kms:Decrypt']) : []),
    ];
  };

/** Versions and aliases are authorised as the machine, with what follows its ARN as a condition key. */
const onMachine =
  (action: string) =>
  (input: OfMachine): Need[] => {
    const { machine, qualifier } = parseMachineArn(input.stateMachineArn);
    const context = qualifier === undefined ? {} : { context: { 'states:StateMachineQualifier': qualifier } };
    return [{ action: `states:${action}`, resource: machine, ...context }];
  };

/** Answers to tasks are authorised on the machine of the execution that waits. */
const onTask =
  (action: string) =>
  (input: OfTask): Need[] => [{ action: `states:${action}`, resource: machineOfToken(input.taskToken) }];

export const sfn = defineService<typeof sdk, SfnState>({
  name: 'sfn',
  sdk,
  client: sdk.SFNClient,
  prefix: 'states',
  scope: 'region',
  state: newState,
  resources: sfnResources,
  operations: {
    CreateStateMachine: {
      needs: (input, at) => {
        const machine = { arn: machineArn(at, input.name!), encryption: input.encryptionConfiguration };
        return [
          { action: 'states:CreateStateMachine', resource: machine.arn },
          ...machineNeeds(at, machine, input.roleArn),
        ];
      },
      run: (input, at) => {
        const machine = createMachine(at, input);
        const stateMachineVersionArn = input.publish
          ? publishVersion(at, machine, input.versionDescription)
          : undefined;
        return { stateMachineArn: machine.arn, creationDate: new Date(machine.creationDate), stateMachineVersionArn };
      },
    },
    UpdateStateMachine: {
      needs: (input, at) => {
        const { arn, encryption } = machineIn(at.state, parseMachineArn(input.stateMachineArn).machine);
        const machine = { arn, encryption: input.encryptionConfiguration ?? encryption };
        return [...onMachine('UpdateStateMachine')(input), ...machineNeeds(at, machine, input.roleArn)];
      },
      run: (input, at) => {
        const machine = updateMachine(at, input);
        const stateMachineVersionArn = input.publish
          ? publishVersion(at, machine, input.versionDescription)
          : undefined;
        return { updateDate: new Date(machine.updateDate), revisionId: machine.revisionId, stateMachineVersionArn };
      },
    },
    /** Its executions are stopped; AWS takes a while for it, the sandbox does not. */
    DeleteStateMachine: {
      needs: onMachine('DeleteStateMachine'),
      run: (input, at) => {
        at.state.machines.delete(input.stateMachineArn!);
        for (const { arn, stateMachineArn } of at.state.executions.values()) {
          if (stateMachineArn === input.stateMachineArn) runningOf(at.kernel, arn)?.stop(undefined, undefined);
        }
        return {};
      },
    },
    DescribeStateMachine: {
      needs: (input, at) => {
        const { machine } = parseMachineArn(input.stateMachineArn);
        const found = at.state.machines.get(machine);
        const key = found ? machineKeyNeeds(at, found, ['kms:Decrypt']) : [];
        return [...onMachine('DescribeStateMachine')(input), ...key];
      },
      run: (input, at) => {
        const { machine, versionArn } = resolveMachine(at, input.stateMachineArn);
        return {
          ...definitionOf(machine),
          stateMachineArn: versionArn ?? machine.arn,
          status: 'ACTIVE' as const,
          type: 'STANDARD' as const,
          creationDate: new Date(machine.creationDate),
          description: versionArn && at.state.versions.get(versionArn)?.description,
        };
      },
    },
    DescribeStateMachineForExecution: {
      needs: onExecution('DescribeStateMachineForExecution'),
      run: (input, at) => {
        const { machine } = executionIn(at.state, input.executionArn);
        return { ...definitionOf(machine), updateDate: new Date(machine.updateDate) };
      },
    },
    ListStateMachines: {
      run: (input, at) => {
        const machines = [...at.state.machines.values()];
        const { items, nextToken } = pageOf(machines, input.nextToken, input.maxResults || 100, invalidToken);
        const stateMachines = items.map(({ arn, name, creationDate }) => ({
          stateMachineArn: arn,
          name,
          type: 'STANDARD' as const,
          creationDate: new Date(creationDate),
        }));
        return { stateMachines, nextToken };
      },
    },
    StartExecution: {
      needs: onMachine('StartExecution'),
      run: (input, at) => start(at, input),
      quota: quota(300, 1300),
    },
    StopExecution: {
      needs: onExecution('StopExecution'),
      run: (input, at) => stop(at, input.executionArn, input.error, input.cause),
      quota: quota(200, 1000),
    },
    RedriveExecution: {
      needs: onExecution('RedriveExecution'),
      run: (input, at) => redrive(at, input),
      quota: quota(300, 1300),
    },
    DescribeExecution: {
      needs: onExecution('DescribeExecution'),
      run: (input, at) => describe(at.kernel, executionIn(at.state, input.executionArn)),
      quota: quota(15, 300),
    },
    GetExecutionHistory: {
      needs: onExecution('GetExecutionHistory'),
      run: (input, at) => history(at.state, input),
      quota: quota(20, 400),
    },
    ListExecutions: {
      needs: onMachine('ListExecutions'),
      run: (input, at) => list(at.state, input),
      quota: quota(5, 200),
    },
    SendTaskSuccess: {
      needs: onTask('SendTaskSuccess'),
      run: (input, at) => answer(at, input.taskToken, successOf(input.output)),
      quota: quota(500, 3000),
    },
    SendTaskFailure: {
      needs: onTask('SendTaskFailure'),
      run: ({ taskToken, error, cause }, at) => answer(at, taskToken, { kind: 'failure', error, cause }),
      quota: quota(500, 3000),
    },
    SendTaskHeartbeat: {
      needs: onTask('SendTaskHeartbeat'),
      run: (input, at) => answer(at, input.taskToken, { kind: 'heartbeat' }),
      quota: quota(500, 3000),
    },
  },
});

const definitionOf = (machine: StateMachine) => ({
  stateMachineArn: machine.arn,
  name: machine.name,
  definition: machine.definition,
  roleArn: machine.roleArn,
  revisionId: machine.revisionId,
  loggingConfiguration: machine.logging,
  tracingConfiguration: machine.tracing,
  encryptionConfiguration: machine.encryption,
});
