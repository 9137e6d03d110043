/** The permissions boundary of the member role. */

import type { Remediation } from '../../functions/contract/remediation.ts';
import {
  MANAGED_POLICY_LIMIT,
  type PolicyDocument,
  type PolicyStatement,
  REMEDIATION_TAG,
} from '../../functions/domain/permissions.ts';

/** Services that change permissions. Statements below protect what they change. */
export const IAM_WRITES = [
  'Add',
  'Attach',
  'Create',
  'Delete',
  'Detach',
  'Pass',
  'Put',
  'Remove',
  'Set',
  'Tag',
  'Untag',
  'Update',
];

/** Roles that remediations may never touch: Suture's own, people's, and those that run the organization. */
const UNTOUCHED = [
  'role/suture/*',
  'policy/suture/*',
  'role/aws-reserved/*',
  'role/stacksets-exec-*',
  'role/AWSCloudFormationStackSet*',
  'role/AWSControlTowerExecution',
  'role/OrganizationAccountAccessRole',
];

/**
 * Returns the boundary: all actions that the registry declares (IAM actions only in sessions of the remediations that
 * declare them) and a Deny on untouchable roles. If that exceeds the size of a policy, it allows whole services, largest
 * first and never IAM; the role's own policies still name each action.
 */
export function memberRoleBoundary(remediations: readonly Remediation[]): PolicyDocument {
  const actions = new Set(remediations.flatMap(actionsOf));
  const ofIam = remediations.filter((remediation) => actionsOf(remediation).some(isIam));
  const byService = Map.groupBy([...actions].filter((action) => !isIam(action)).sort(), serviceOf);
  const longestFirst = [...byService.keys()].sort(
    (a, b) => byService.get(b)!.join().length - byService.get(a)!.join().length,
  );
  for (let whole = 0; whole <= longestFirst.length; whole++) {
    const opened = new Set(longestFirst.slice(0, whole));
    const allowed = [...byService].flatMap(([service, own]) => (opened.has(service) ? [`${service}:*`] : own));
    const policy = document([...anything(allowed), ...ofIam.map(iamStatement), untouched]);
    if (JSON.stringify(policy).length <= MANAGED_POLICY_LIMIT) return policy;
  }
  throw new RangeError(
    `The boundary of the member role is longer than ${MANAGED_POLICY_LIMIT} characters even with whole services: ` +
      `the IAM actions of ${ofIam.length} remediations leave no room.`,
  );
}

const actionsOf = ({ reads, writes }: Remediation) => [...reads, ...writes].flatMap(({ actions }) => actions);
const serviceOf = (action: string) => action.slice(0, action.indexOf(':'));
const isIam = (action: string) => serviceOf(action) === 'iam';

const document = (statements: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});
const anything = (actions: readonly string[]): PolicyStatement[] =>
  actions.length > 0 ? [{ Effect: 'Allow', Action: actions, Resource: '*' }] : [];

const iamStatement = (remediation: Remediation): PolicyStatement => ({
  Effect: 'Allow',
  Action: [...new Set(actionsOf(remediation).filter(isIam))].sort(),
  Resource: '*',
  Condition: { StringEquals: { [`aws:PrincipalTag/${REMEDIATION_TAG}`]: remediation.id } },
});

const untouched: PolicyStatement = {
  Sid: 'Untouched',
  Effect: 'Deny',
  Action: IAM_WRITES.map((verb) => `iam:${verb}*`),
  Resource: UNTOUCHED.map((resource) => `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${resource}`),
};
