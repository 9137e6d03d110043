/**
 * Standard workflows, run by the interpreter in `../../states-language`.
 * https://docs.aws.amazon.com/step-functions/latest/apireference/
 */
import * as sdk from '@aws-sdk/client-sfn';
import { defineService } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { sfnComparison } from './comparison.ts';
import { executionOperations, invalidToken } from './executions.ts';
import { machineKeyNeeds } from './keys.ts';
import { createMachine, machineNeeds, publishVersion, resolveMachine, updateMachine } from './machines.ts';
import { executionNeeds, machineOperationNeeds } from './needs.ts';
import { sfnResources } from './resources.ts';
import { runningExecution } from './running-executions.ts';
import { executionIn, machineArn, machineIn, parseMachineArn, SFN, type SfnState, type StateMachine } from './state.ts';

export const sfn = defineService<typeof sdk, SfnState>({
  ...SFN,
  ...sfnComparison,
  sdk,
  client: sdk.SFNClient,
  prefix: 'states',
  refuses: {
    DescribeExecution: ['includedData'],
    DescribeStateMachineForExecution: ['includedData'],
  },
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
        return [...machineOperationNeeds('UpdateStateMachine')(input), ...machineNeeds(at, machine, input.roleArn)];
      },
      run: (input, at) => {
        const machine = updateMachine(at, input);
        const stateMachineVersionArn = input.publish
          ? publishVersion(at, machine, input.versionDescription)
          : undefined;
        return { updateDate: new Date(machine.updateDate), revisionId: machine.revisionId, stateMachineVersionArn };
      },
    },
    /** Stops its executions at once; AWS does that in the background. */
    DeleteStateMachine: {
      needs: machineOperationNeeds('DeleteStateMachine'),
      run: (input, at) => {
        at.state.machines.delete(input.stateMachineArn!);
        for (const { arn, stateMachineArn } of at.state.executions.values()) {
          if (stateMachineArn === input.stateMachineArn) runningExecution(at.kernel, arn)?.stop(undefined, undefined);
        }
        return {};
      },
    },
    DescribeStateMachine: {
      needs: (input, at) => {
        const { machine } = parseMachineArn(input.stateMachineArn);
        const existing = at.state.machines.get(machine);
        // https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html
        const needsKey = existing && input.includedData !== 'METADATA_ONLY';
        const key = needsKey ? machineKeyNeeds(at, existing, ['kms:Decrypt']) : [];
        return [...machineOperationNeeds('DescribeStateMachine')(input), ...key];
      },
      run: (input, at) => {
        const { machine, versionArn } = resolveMachine(at, input.stateMachineArn);
        return {
          ...describeDefinition(machine),
          ...(input.includedData === 'METADATA_ONLY' && { definition: '' }),
          stateMachineArn: versionArn ?? machine.arn,
          status: 'ACTIVE' as const,
          type: 'STANDARD' as const,
          creationDate: new Date(machine.creationDate),
          description: versionArn && at.state.versions.get(versionArn)?.description,
        };
      },
    },
    DescribeStateMachineForExecution: {
      needs: executionNeeds('DescribeStateMachineForExecution'),
      run: (input, at) => {
        const { machine } = executionIn(at.state, input.executionArn);
        return { ...describeDefinition(machine), updateDate: new Date(machine.updateDate) };
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
    ...executionOperations,
  },
});

const describeDefinition = (machine: StateMachine) => ({
  stateMachineArn: machine.arn,
  name: machine.name,
  definition: machine.definition,
  roleArn: machine.roleArn,
  revisionId: machine.revisionId,
  loggingConfiguration: machine.logging,
  tracingConfiguration: machine.tracing,
  encryptionConfiguration: machine.encryption,
});
