/**
 * Likely causes of a denial. AWS names the action and at best the type of policy, never the policy; and it does not
 * distinguish a missing role from one whose trust policy refuses.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { errorDescription } from '../contract/errors.ts';

export type Cause = {
  readonly pattern: RegExp;
  readonly explanation: string;
  readonly remedy: string;
};

/** Returns the IAM action that AWS's text names; some services name none. */
export const deniedAction = (error: unknown): string | undefined =>
  /not authorized to perform: ([\w-]+:\w+)/i.exec(errorDescription(error))?.[1];

/**
 * Returns numbered lines, each a cause and its remedy: first the causes that AWS's text names, then the others in their
 * order.
 */
export function causesInOrder(error: unknown, causes: readonly Cause[]): string[] {
  const isNamed = ({ pattern }: Cause) => pattern.test(errorDescription(error));
  return [...causes.filter(isNamed), ...causes.filter((cause) => !isNamed(cause))].map(
    ({ explanation, remedy }, n) => `${n + 1}. ${explanation}: ${remedy}.`,
  );
}
