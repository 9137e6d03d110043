/** Reads of StackSets. Templates create them. */
import type * as sdk from '@aws-sdk/client-cloudformation';
import type { CloudFormationState } from '../../cloudformation/stacks.ts';
import { AwsError, type ServiceOperations } from '../../kernel/kernel.ts';
import { checkMayOperate, isManagementAccount } from '../organizations/stack-set-access.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import {
  STACK_SETS,
  type StackInstanceRecord,
  type StackSetOperationRecord,
  type StackSetRecord,
} from '../stacksets/state.ts';
import { arnOfStackSet, operationIn, type StacksAt, setFor, stackSetNeeds } from './stack-set-access.ts';

const PER_PAGE = 100;

export const stackSetReads: ServiceOperations<typeof sdk, CloudFormationState> = {
  DescribeStackSet: {
    needs: stackSetNeeds('DescribeStackSet'),
    run: (input, at) => {
      onlyMembers('DescribeStackSet', input, ['StackSetName', 'CallAs']);
      return { StackSet: described(setFor(input, at), at) };
    },
  },
  ListStackSets: {
    run: (input, at) => {
      onlyMembers('ListStackSets', input, ['NextToken', 'MaxResults', 'Status', 'CallAs']);
      const sets = listedSets(input, at).filter(() => (input.Status ?? 'ACTIVE') === 'ACTIVE');
      const page = pageOf(sets, input.NextToken, input.MaxResults ?? PER_PAGE, invalidToken);
      return { Summaries: page.items.map(setSummary), NextToken: page.nextToken };
    },
  },
  ListStackInstances: {
    needs: stackSetNeeds('ListStackInstances'),
    run: (input, at) => {
      const members = ['StackSetName', 'NextToken', 'MaxResults', 'StackInstanceAccount', 'CallAs'] as const;
      onlyMembers('ListStackInstances', input, members);
      const set = setFor(input, at);
      const instances = [...set.instances].filter(([key]) => key.startsWith(input.StackInstanceAccount ?? ''));
      const page = pageOf(instances, input.NextToken, input.MaxResults ?? PER_PAGE, invalidToken);
      return {
        Summaries: page.items.map(([key, instance]) => summary(set, key, instance, at)),
        NextToken: page.nextToken,
      };
    },
  },
  ListStackSetOperations: {
    needs: stackSetNeeds('ListStackSetOperations'),
    run: (input, at) => {
      onlyMembers('ListStackSetOperations', input, ['StackSetName', 'NextToken', 'MaxResults', 'CallAs']);
      const { operations } = setFor(input, at);
      const page = pageOf(operations.toReversed(), input.NextToken, input.MaxResults ?? PER_PAGE, invalidToken);
      return { Summaries: page.items.map(operationSummary), NextToken: page.nextToken };
    },
  },
  DescribeStackSetOperation: {
    needs: stackSetNeeds('DescribeStackSetOperation'),
    run: (input, at) => {
      onlyMembers('DescribeStackSetOperation', input, ['StackSetName', 'OperationId', 'CallAs']);
      const set = setFor(input, at);
      const operation = operationIn(set, input.OperationId);
      const { units, accounts, filter } = operation.targets;
      const DeploymentTargets = {
        OrganizationalUnitIds: [...units],
        ...(accounts && { Accounts: [...accounts], AccountFilterType: filter }),
      };
      return { StackSetOperation: { ...operationSummary(operation), StackSetId: set.id, DeploymentTargets } };
    },
  },
  ListStackSetOperationResults: {
    needs: stackSetNeeds('ListStackSetOperationResults'),
    run: (input, at) => {
      const members = ['StackSetName', 'OperationId', 'NextToken', 'MaxResults', 'CallAs'] as const;
      onlyMembers('ListStackSetOperationResults', input, members);
      const results = [...operationIn(setFor(input, at), input.OperationId).results];
      const page = pageOf(results, input.NextToken, input.MaxResults ?? PER_PAGE, invalidToken);
      const Summaries = page.items.map(([key, { status, reason }]) => {
        const [Account, Region] = key.split(' ');
        return { Account, Region, Status: status, StatusReason: reason };
      });
      return { Summaries, NextToken: page.nextToken };
    },
  },
};

const invalidToken = () => new AwsError('ValidationError', 'Invalid NextToken');

function summary(
  set: StackSetRecord,
  key: string,
  { stackName, status, detailed, reason }: StackInstanceRecord,
  at: StacksAt,
): sdk.StackInstanceSummary {
  const [account = '', region = ''] = key.split(' ');
  return {
    StackSetId: set.id,
    Account: account,
    Region: region,
    StackId: `arn:${at.partition}:cloudformation:${region}:${account}:stack/${stackName}/sandbox`,
    Status: status,
    StackInstanceStatus: { DetailedStatus: detailed },
    StatusReason: reason,
  };
}

/** Returns the service-managed StackSets. Other accounts see only their own self-managed ones, which are not modelled. */
function listedSets({ CallAs = 'SELF' }: sdk.ListStackSetsInput, at: StacksAt): StackSetRecord[] {
  if (CallAs === 'SELF' && !isManagementAccount(at.kernel, at.account)) return [];
  checkMayOperate(at.kernel, at.account, CallAs);
  const { sets } = at.kernel.state(STACK_SETS, { partition: at.partition, account: '', region: '' });
  return [...sets.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const setSummary = ({ name, id, description, automatic, retain, managed }: StackSetRecord): sdk.StackSetSummary => ({
  StackSetName: name,
  StackSetId: id,
  Description: description,
  Status: 'ACTIVE',
  AutoDeployment: { Enabled: automatic, RetainStacksOnAccountRemoval: retain },
  PermissionModel: 'SERVICE_MANAGED',
  DriftStatus: 'NOT_CHECKED',
  ManagedExecution: { Active: managed },
});

function described(set: StackSetRecord, at: StacksAt): sdk.StackSet {
  return {
    StackSetName: set.name,
    StackSetId: set.id,
    StackSetARN: arnOfStackSet(set, at),
    Status: 'ACTIVE',
    Description: set.description,
    TemplateBody: set.template,
    Capabilities: [...set.capabilities] as sdk.Capability[],
    PermissionModel: 'SERVICE_MANAGED',
    AutoDeployment: { Enabled: set.automatic, RetainStacksOnAccountRemoval: set.retain },
    ManagedExecution: { Active: set.managed },
    OrganizationalUnitIds: [...set.units],
    Regions: [...set.regions],
  };
}

function operationSummary({ results, ...operation }: StackSetOperationRecord): sdk.StackSetOperationSummary {
  const failed = results.values().filter(({ status }) => status === 'FAILED');
  return {
    OperationId: operation.id,
    Action: operation.action,
    Status: operation.status,
    OperationPreferences: operation.preferences,
    CreationTimestamp: new Date(operation.createdAt),
    ...(operation.endedAt !== undefined && { EndTimestamp: new Date(operation.endedAt) }),
    StatusDetails: { FailedStackInstancesCount: [...failed].length },
  };
}
