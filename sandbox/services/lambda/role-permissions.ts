/** Lambda checks a function's role when a resource is created that will use the role. */
import { AwsError, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { invalidParameterValue } from './function-reference.ts';
import type { LambdaFunction } from './state.ts';

const SERVICE_NAMES: Readonly<Record<string, string>> = {
  sqs: 'SQS',
  sns: 'SNS',
  xray: 'XRAY',
  lambda: 'Lambda',
  events: 'EventBridge',
  dynamodb: 'DynamoDB',
};

/**
 * Returns a session of the role.
 * @throws AwsError InvalidParameterValueException if Lambda may not assume the role or the role lacks the permission
 */
export const requireRolePermission = (
  kernel: Kernel,
  fn: LambdaFunction,
  action?: string,
  resource?: string,
): Principal => {
  const session = translateDenial('The role defined for the function cannot be assumed by Lambda.', () =>
    kernel.assumeForService('lambda.amazonaws.com', fn.latest.role, fn.name, fn.arn),
  );
  if (!action || !resource) return session;
  const [prefix, operation] = action.split(':');
  const denial = `The function execution role does not have permissions to call ${operation} on ${SERVICE_NAMES[prefix!] ?? prefix}`;
  translateDenial(denial, () => kernel.authorize(session, fn.place, { action, resource }, prefix));
  return session;
};

const translateDenial = <T>(message: string, check: () => T): T => {
  try {
    return check();
  } catch (error) {
    if (error instanceof AwsError) throw invalidParameterValue(message);
    throw error;
  }
};
