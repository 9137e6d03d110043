/** The StackSet and the operation that a request names, for a caller who may operate them. */
import type { CloudFormationState } from '../../cloudformation/stacks.ts';
import { type At, AwsError, type Need } from '../../kernel/kernel.ts';
import { checkMayOperate } from '../organizations/stack-set-access.ts';
import { STACK_SETS, type StackSetOperationRecord, type StackSetRecord } from '../stacksets/state.ts';

export type StacksAt = At<CloudFormationState>;
type StackSetRequest = { readonly StackSetName?: string | undefined; readonly CallAs?: string | undefined };

export const stackSetNeeds =
  (operation: string) =>
  ({ StackSetName = '' }: StackSetRequest, at: StacksAt): Need[] => [
    {
      action: `cloudformation:${operation}`,
      resource: arnOfStackSet(find(StackSetName, at) ?? { id: `${StackSetName}:` }, at),
    },
  ];

export const arnOfStackSet = ({ id }: Pick<StackSetRecord, 'id'>, { partition, region, account }: StacksAt): string =>
  `arn:${partition}:cloudformation:${region}:${account}:stackset/${id}`;

/** @throws AwsError ValidationError or StackSetNotFoundException */
export function setFor({ StackSetName = '', CallAs = 'SELF' }: StackSetRequest, at: StacksAt): StackSetRecord {
  checkMayOperate(at.kernel, at.account, CallAs);
  const set = find(StackSetName, at);
  if (!set) throw new AwsError('StackSetNotFoundException', `StackSet ${StackSetName} not found`, 404);
  return set;
}

/** @throws AwsError OperationNotFoundException */
export function operationIn({ id, operations }: StackSetRecord, operation = ''): StackSetOperationRecord {
  const found = operations.find((each) => each.id === operation);
  if (!found)
    throw new AwsError('OperationNotFoundException', `Operation ${operation} not found in StackSet ${id}`, 404);
  return found;
}

/** An organization has one list of service-managed StackSets, which its delegated administrators share. */
const find = (name: string, { kernel, partition }: StacksAt): StackSetRecord | undefined =>
  kernel
    .state(STACK_SETS, { partition, account: '', region: '' })
    .sets.values()
    .find((set) => set.name === name || set.id === name);
