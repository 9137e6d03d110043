/** Gives what a member account answered a name that the workflow knows, and a message that says what to do. */
import type { CaseFinding } from '../contract/case.ts';
import { isDenial, SutureError, text, toSutureError } from '../contract/errors.ts';
import type { Remediation } from '../contract/remediation.ts';

export function namedError(
  error: unknown,
  { id, title }: Remediation,
  { account, partition }: CaseFinding,
  role: string,
): unknown {
  if (error instanceof SutureError || !isDenial(error)) return toSutureError(error, `"${title}" in account ${account}`);
  const causes = [
    `${text(error)}`,
    `${id} was denied in account ${account} as arn:${partition}:iam::${account}:role/${role}. Likely causes, in order:`,
    `1. The member role is older than the remediation: deploy the member role's stack into ${account} again.`,
    '2. A service control policy or resource control policy of the organization denies the action.',
    "3. The role's permissions boundary does not allow it, or was replaced.",
    "4. A policy on the resource itself (a bucket's, a key's) denies it.",
    '5. The resource belongs to another account than the finding says.',
    'Then redrive the execution.',
  ];
  return new SutureError('MemberAccessDenied', causes.join('\n'), { cause: error });
}
