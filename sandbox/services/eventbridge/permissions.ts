import type { PutPermissionRequest, RemovePermissionRequest } from '@aws-sdk/client-eventbridge';
import { type IamStatement, listOf, parsePolicy } from '../../authorization/policy.ts';
import { AwsError } from '../../kernel/kernel.ts';
import type { Bus } from './state.ts';

/** Sets a bus's whole policy, or adds one statement of action, principal and condition. */
export function putPermission(input: PutPermissionRequest, bus: Bus): void {
  if (input.Policy !== undefined) {
    parsePolicy(input.Policy, 'resource', 'ValidationException');
    bus.policy = input.Policy;
    return;
  }
  const { Principal, Action, StatementId, Condition } = input;
  if (!Principal || !Action || !StatementId)
    throw new AwsError('ValidationException', 'Policy, or Action, Principal and StatementId, must be specified.');
  putStatement(bus, {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:${bus.arn.split(':')[1]}:iam::${Principal}:root` },
    Action,
    Resource: bus.arn,
    ...(Condition && { Condition: { [Condition.Type!]: { [Condition.Key!]: Condition.Value! } } }),
  });
}

/** Adds a statement, in place of one with the same Sid. */
export function putStatement(bus: Bus, statement: IamStatement): void {
  const others = statementsOf(bus).filter((other) => other.Sid !== statement.Sid);
  const policy = { Version: '2012-10-17', Statement: [...others, statement] };
  parsePolicy(policy, 'resource', 'ValidationException');
  bus.policy = JSON.stringify(policy);
}

export function removePermission(input: RemovePermissionRequest, bus: Bus): void {
  const left = input.RemoveAllPermissions ? [] : statementsOf(bus).filter((one) => one.Sid !== input.StatementId);
  if (!input.RemoveAllPermissions && left.length === statementsOf(bus).length)
    throw new AwsError('ResourceNotFoundException', `Statement with the provided id does not exist.`);
  bus.policy = left.length === 0 ? undefined : JSON.stringify({ Version: '2012-10-17', Statement: left });
}

const statementsOf = (bus: Bus): readonly IamStatement[] =>
  bus.policy === undefined ? [] : listOf(parsePolicy(bus.policy, 'resource').Statement);
