/** What Lambda checks of a function's role when something is made that will use it. */
import { AwsError, type Kernel, type Principal } from '../../kernel/kernel.ts';
import type { LambdaFunction } from './state.ts';
import { invalid } from './target.ts';

const serviceNames: Readonly<Record<string, string>> = {
  sqs: 'SQS',
  sns: 'SNS',
  xray: 'XRAY',
  lambda: 'Lambda',
  events: 'EventBridge',
};

/**
 * A session of the function's role that may do `action` on `resource`.
 * @throws InvalidParameterValueException when Lambda may not assume the role, or the role lacks the permission
 */
export const requireOfRole = (
  kernel: Kernel,
  lambda: LambdaFunction,
  action?: string,
  resource?: string,
): Principal => {
  const session = refusing('The role defined for the function cannot be assumed by Lambda.', () =>
    kernel.assumeForService('lambda.amazonaws.com', lambda.latest.role, lambda.name, lambda.arn),
  );
  if (!action || !resource) return session;
  const [prefix, operation] = action.split(':');
  const refusal = `The function execution role does not have permissions to call ${operation} on ${serviceNames[prefix!] ?? prefix}`;
  refusing(refusal, () => kernel.authorize(session, lambda.place, { action, resource }, prefix));
  return session;
};

const refusing = <T>(message: string, check: () => T): T => {
  try {
    return check();
  } catch (error) {
    if (error instanceof AwsError) throw invalid(message);
    throw error;
  }
};
