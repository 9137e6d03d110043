/** Compares one role over accounts with the role of that name in a reference account. */
import { errorDescription } from '../contract/errors.ts';
import type { CompareRolesRequest, DoctorProblem, DoctorResult } from '../domain/doctor.ts';
import { type RoleShape, roleDifference } from '../domain/role-shape.ts';
import { type AccountDeps, MAX_LINES, shortened } from './account-checks.ts';

export async function compareRoles(
  { role, reference, accounts }: CompareRolesRequest,
  deps: Pick<AccountDeps, 'read'>,
): Promise<DoctorResult[]> {
  const resultOf = (where: string, problem?: DoctorProblem): DoctorResult => ({
    check: 'role-comparison',
    where,
    ...problem,
  });
  const expected = await readRole(reference, role, deps);
  if ('problem' in expected) return [resultOf(reference, expected)];
  const maxLines = Math.floor(MAX_LINES / accounts.length);
  return Promise.all(
    accounts.map(async (account) => {
      const actual = await readRole(account, role, deps);
      if ('problem' in actual) return resultOf(account, actual);
      const lines = roleDifference(expected, actual);
      if (lines.length === 0) return resultOf(account);
      return resultOf(account, {
        problem: `the role ${role} differs from that of ${reference}`,
        remedy: `make it equal: - lines are in ${reference} alone, + lines are in ${account} alone`,
        lines: shortened(lines, maxLines),
      });
    }),
  );
}

async function readRole(
  account: string,
  name: string,
  { read }: Pick<AccountDeps, 'read'>,
): Promise<RoleShape | DoctorProblem> {
  try {
    const shape = await (await read(account)).role(name);
    return shape ?? { problem: `there is no role ${name}`, remedy: 'create it, or leave the account out' };
  } catch (error) {
    return {
      problem: `could not be read: ${errorDescription(error)}`,
      remedy: 'see whether the role of doctor is in the account: suture doctor',
    };
  }
}
