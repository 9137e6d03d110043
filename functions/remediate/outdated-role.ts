/** Finds out after a denial whether the member role is older than the remediation, or something else denies. */
import { errorDescription, isDenial, SutureError } from '../contract/errors.ts';
import type { Remediation } from '../contract/remediation.ts';
import type { JobFinding } from '../domain/job.ts';
import { isServed } from '../domain/role-version.ts';
import type { Warn } from '../ports/log.ts';

export type OutdatedRoleDeps = {
  /** The tags of the member role. */
  readonly readTags: () => Promise<Readonly<Record<string, string>>>;
  readonly warn: Warn;
};

/**
 * Returns MemberRoleOutdated if the error is a denial, and the role does not have the permissions of this version of the
 * remediation; otherwise undefined.
 */
export async function outdatedRole(
  error: unknown,
  remediation: Remediation,
  { account, partition }: JobFinding,
  role: string,
  deps: OutdatedRoleDeps,
): Promise<SutureError | undefined> {
  if (error instanceof SutureError || !isDenial(error) || !(await lacks(remediation, deps))) return undefined;
  return new SutureError(
    'MemberRoleOutdated',
    `${errorDescription(error)}\nThe role arn:${partition}:iam::${account}:role/${role} in ${account} is older than ${remediation.id}: not yet.`,
    { cause: error },
  );
}

/** A role that may not read its own tags by its own policies is older than the marks. */
const OWN_POLICIES = /no identity-based policy allows/;

async function lacks(remediation: Remediation, { readTags, warn }: OutdatedRoleDeps): Promise<boolean> {
  try {
    return !isServed(remediation, await readTags());
  } catch (error) {
    warn('the version of the member role could not be read', { error });
    return isDenial(error) && OWN_POLICIES.test(errorDescription(error));
  }
}
