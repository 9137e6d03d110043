import type { PutPermissionRequest, RemovePermissionRequest } from '@aws-sdk/client-eventbridge';
import { asList, type IamStatement, parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError } from '../../kernel/kernel.ts';
import type { EventBus } from './state.ts';

/** Only a whole policy can name roles and users: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html */
const PRINCIPAL = /^(\d{12}|\*)$/;

/** Sets the whole policy, or adds one statement of action, principal and condition. */
export function putPermission(input: PutPermissionRequest, bus: EventBus): void {
  if (input.Policy !== undefined) {
    parseIamPolicy(input.Policy, 'resource', 'ValidationException');
    bus.policy = input.Policy;
    return;
  }
  const { Principal, Action, StatementId, Condition } = input;
  if (!Principal || !Action || !StatementId)
    throw new AwsError('ValidationException', 'Policy, or Action, Principal and StatementId, must be specified.');
  if (!PRINCIPAL.test(Principal))
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${Principal}' at 'principal' failed to satisfy constraint: Member must satisfy regular expression pattern: ${PRINCIPAL.source.slice(1, -1)}`,
    );
  putStatement(bus, {
    Sid: StatementId,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:${bus.arn.split(':')[1]}:iam::${Principal}:root` },
    Action,
    Resource: bus.arn,
    ...(Condition && { Condition: { [Condition.Type!]: { [Condition.Key!]: Condition.Value! } } }),
  });
}

export function putStatement(bus: EventBus, statement: IamStatement): void {
  const others = statementsOf(bus).filter((other) => other.Sid !== statement.Sid);
  const policy = { Version: '2012-10-17', Statement: [...others, statement] };
  parseIamPolicy(policy, 'resource', 'ValidationException');
  bus.policy = JSON.stringify(policy);
}

export function removePermission(input: RemovePermissionRequest, bus: EventBus): void {
  const remaining = input.RemoveAllPermissions
    ? []
    : statementsOf(bus).filter((statement) => statement.Sid !== input.StatementId);
  if (!input.RemoveAllPermissions && remaining.length === statementsOf(bus).length)
    throw new AwsError('ResourceNotFoundException', `Statement with the provided id does not exist.`);
  bus.policy = remaining.length === 0 ? undefined : JSON.stringify({ Version: '2012-10-17', Statement: remaining });
}

const statementsOf = (bus: EventBus): readonly IamStatement[] =>
  bus.policy === undefined ? [] : asList(parseIamPolicy(bus.policy, 'resource').Statement);
