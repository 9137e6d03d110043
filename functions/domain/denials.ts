/**
 * What a denial of AWS tells: the action, and at best the kind of policy, never which one; and it does not tell a role that
 * is missing from one that does not trust. So causes are listed, the likeliest first.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
import { text } from '../contract/errors.ts';

export type Cause = {
  /** AWS's text, where it speaks of this cause. */
  readonly said: RegExp;
  readonly is: string;
  readonly mend: string;
};

/** The IAM action that AWS's text names; not every service's text does. */
export const deniedAction = (error: unknown): string | undefined =>
  /not authorized to perform: ([\w-]+:\w+)/i.exec(text(error))?.[1];

/** Numbered lines, each a cause and how to mend it: those that AWS speaks of first, then the others as they are given. */
export function causesInOrder(error: unknown, causes: readonly Cause[]): string[] {
  const isSaid = ({ said }: Cause) => said.test(text(error));
  return [...causes.filter(isSaid), ...causes.filter((cause) => !isSaid(cause))].map(
    ({ is, mend }, n) => `${n + 1}. ${is}: ${mend}.`,
  );
}
