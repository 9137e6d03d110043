/**
 * DescribeStackResources: of a stack, or of the stack that has a resource.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResources.html
 */
import type * as sdk from '@aws-sdk/client-cloudformation';
import type { CloudFormationState, DeletedStack, Stack, StackResource } from '../../cloudformation/stacks.ts';
import { type At, AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { type AnyStack, describedStack, stackNeed } from './operations.ts';

const MAX_RESOURCES = 100;
const OPERATION = 'DescribeStackResources';

export const stackResources: ServiceOperations<typeof sdk, CloudFormationState> = {
  DescribeStackResources: {
    needs: ({ StackName, PhysicalResourceId }, at) => [
      StackName === undefined ? needOfPhysical(PhysicalResourceId, at) : stackNeed(OPERATION, StackName, at),
    ],
    run: (input, at) => {
      onlyMembers(OPERATION, input, ['StackName', 'PhysicalResourceId', 'LogicalResourceId']);
      const { StackName, PhysicalResourceId, LogicalResourceId } = input;
      if ((StackName === undefined) === (PhysicalResourceId === undefined))
        throw new AwsError('ValidationError', 'Either StackName or PhysicalResourceId must be specified');
      const stack = StackName === undefined ? stackWith(PhysicalResourceId!, at) : describedStack(StackName, at);
      if (!stack) throw new AwsError('ValidationError', `Stack for ${PhysicalResourceId} does not exist`);
      const all = shownResources(stack);
      const named = all.filter((each) => each.LogicalResourceId === (LogicalResourceId ?? each.LogicalResourceId));
      if (LogicalResourceId !== undefined && named.length === 0)
        throw new AwsError('ValidationError', `Resource ${LogicalResourceId} does not exist for stack ${stack.name}`);
      return { StackResources: named.slice(0, MAX_RESOURCES) };
    },
  },
};

type StacksAt = At<CloudFormationState>;

/** Returns one stack, even if several have resources with the same physical id. */
const stackWith = (physicalId: string, { state }: StacksAt): Stack | undefined =>
  [...state.stacks.values()].find((stack) =>
    stack.resources.values().some((resource) => physicalIdOf(stack, resource) === physicalId),
  );

/** Returns the reference; for a queue AWS's URL, because the sandbox's has its own host instead of the Region's. */
function physicalIdOf({ id }: Pick<Stack, 'id'>, { type, created }: StackResource): string {
  if (type !== 'AWS::SQS::Queue') return created.ref;
  const [, partition, , region] = id.split(':');
  const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `https://sqs.${region}.${domain}/${created.ref.split('/').slice(-2).join('/')}`;
}

/** Returns the need on the resource's stack, or on any stack: AWS documents no resource for that case. */
function needOfPhysical(physicalId: string | undefined, at: StacksAt): Need {
  const stack = physicalId === undefined ? undefined : stackWith(physicalId, at);
  if (stack) return stackNeed(OPERATION, stack.id, at);
  const any = `arn:${at.partition}:cloudformation:${at.region}:${at.account}:stack/*/*`;
  return { action: `cloudformation:${OPERATION}`, resource: any };
}

function shownResources(stack: AnyStack): sdk.StackResource[] {
  return [...stack.resources].map(([LogicalResourceId, resource]) => ({
    StackName: stack.name,
    StackId: stack.id,
    LogicalResourceId,
    PhysicalResourceId: physicalIdOf(stack, resource),
    ResourceType: resource.type,
    ResourceStatus: statusOf(stack, resource),
    Timestamp: new Date('deletedAt' in stack ? stack.deletedAt : (resource.changedAt ?? stack.createdAt)),
    DriftInformation: { StackResourceDriftStatus: 'NOT_CHECKED' },
  }));
}

const statusOf = (stack: Stack | DeletedStack, resource: { readonly deletionPolicy?: string }): sdk.ResourceStatus => {
  if (!('deletedAt' in stack)) return stack.status.startsWith('UPDATE') ? 'UPDATE_COMPLETE' : 'CREATE_COMPLETE';
  return resource.deletionPolicy?.startsWith('Retain') ? 'DELETE_SKIPPED' : 'DELETE_COMPLETE';
};
