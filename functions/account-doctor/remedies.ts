/** Remedies for missing and outdated member roles: rollout, StackSet or member template. Pure. */
import type { StackInstance } from '../domain/doctor.ts';
import type { Names } from '../domain/names.ts';

export type RoleSituation = {
  readonly account: string;
  /** The StackSet's instance in the account; `unknown` if nobody lists the instances. */
  readonly instance: StackInstance | 'none' | 'unknown';
  /** A role of the account has the version mark of another release. */
  readonly isOfAnotherRelease: boolean;
};

/** The installed tool has neither `rollout` nor `member-template`: both need a clone of the repository. */
const ROLLOUT =
  'npm run -s suture -- rollout, in a clone of the repository and the account of the StackSet (docs/deploy.md#roll-out-unit-by-unit)';
const GUIDE = 'docs/operate.md#a-role-that-somebody-changed';

/** Returns a clause with commands, for a role that is missing, refuses, or differs. */
export function roleRemedy({ account, instance, isOfAnotherRelease }: RoleSituation, names: Names): string {
  const stack = names.stack('OrgRollout');
  const template = `print the template in a clone of the repository, npm run -s suture -- member-template, and deploy it in ${account} (docs/deploy.md)`;
  if (instance === 'unknown') return `where a StackSet has the roles, ${ROLLOUT}; elsewhere ${template}`;
  if (instance === 'none')
    return isOfAnotherRelease
      ? template
      : `move the account into a unit of rollout.units; or add its unit in cdk.json, and npx cdk deploy --exclusively ${stack}; or ${template}`;
  if (instance.status === 'OUTDATED') return `remove the cause, then ${ROLLOUT}, which updates what is OUTDATED`;
  if (isOfAnotherRelease) return `npm run synth, then ${ROLLOUT}, then npx cdk deploy --exclusively ${stack}`;
  return instance.status === 'CURRENT'
    ? `let the StackSet make the stack of ${account} again, because an update leaves resources alone whose template did not change: ${GUIDE}`
    : `the rollout leaves out what is ${instance.status}. Remove the cause, then let the StackSet make the stack of ${account} again: ${GUIDE}`;
}
