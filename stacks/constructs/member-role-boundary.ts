import type { Permission, Remediation } from '../../functions/contract/remediation.ts';
import {
  MANAGED_POLICY_LIMIT,
  type PolicyDocument,
  type PolicyStatement,
  REMEDIATION_TAG,
  ROLLBACK_TAG,
} from '../../functions/domain/permissions.ts';

/** Actions of IAM whose names begin with these verbs change something. */
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

/** Roles and policies that remediations may not change: Suture's, people's, and those that operate the organization. */
const PROTECTED_RESOURCES = [
  'role/suture/*',
  'policy/suture/*',
  'role/aws-reserved/*',
  'role/stacksets-exec-*',
  'role/AWSCloudFormationStackSet*',
  'role/AWSControlTowerExecution',
  'role/OrganizationAccountAccessRole',
];

/**
 * The boundary allows all actions that the registry declares (IAM writes only in sessions of the remediations that
 * declare them) and denies changes of protected roles. If that exceeds a policy's size, it allows all descriptions and
 * lists of a service that has one, then whole services, largest first and never IAM. The role's own policies still name
 * each action.
 */
export function memberRoleBoundary(remediations: readonly Remediation[]): PolicyDocument {
  const actions = new Set(remediations.flatMap(actionsOf));
  const ofIam = remediations.flatMap(iamStatements);
  const named = [...actions].filter((action) => !isIamWrite(action)).sort();
  const exact = document([...anything(named), ...ofIam, protection]);
  if (JSON.stringify(exact).length <= MANAGED_POLICY_LIMIT) return exact;
  const byService = Map.groupBy(new Set(named.map(withDescriptions)), serviceOf);
  const longestFirst = [...byService.keys()]
    .filter((service) => service !== 'iam')
    .sort((a, b) => byService.get(b)!.join().length - byService.get(a)!.join().length);
  for (let wholeCount = 0; wholeCount <= longestFirst.length; wholeCount++) {
    const wholeServices = new Set(longestFirst.slice(0, wholeCount));
    const allowed = [...byService].flatMap(([service, own]) => (wholeServices.has(service) ? [`${service}:*`] : own));
    const policy = document([...anything(allowed), ...ofIam, protection]);
    if (JSON.stringify(policy).length <= MANAGED_POLICY_LIMIT) return policy;
  }
  throw new RangeError(
    `The boundary of the member role is longer than ${MANAGED_POLICY_LIMIT} characters even with whole services: ` +
      `the ${ofIam.length} statements of IAM actions leave no room.`,
  );
}

/** These actions show what exists, and no data in it. */
const withDescriptions = (action: string) => action.replace(/(?<=:(?:Describe|List))\w+$/, '*');

const actionsOf = ({ reads, writes, undoes = [] }: Remediation) =>
  [...reads, ...writes, ...undoes].flatMap(({ actions }) => actions);
const serviceOf = (action: string) => action.slice(0, action.indexOf(':'));
/** Reads of IAM give nobody a permission. */
const isIamWrite = (action: string) =>
  serviceOf(action) === 'iam' && IAM_WRITES.some((verb) => action.startsWith(`iam:${verb}`));

const document = (statements: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});
const anything = (actions: readonly string[]): PolicyStatement[] =>
  actions.length > 0 ? [{ Effect: 'Allow', Action: actions, Resource: '*' }] : [];

const iamStatements = ({ id, reads, writes, undoes = [] }: Remediation): PolicyStatement[] => [
  ...iamStatement(REMEDIATION_TAG, id, [...reads, ...writes]),
  ...iamStatement(ROLLBACK_TAG, id, undoes),
];

function iamStatement(tag: string, id: string, needs: readonly Permission[]): PolicyStatement[] {
  const Action = [...new Set(needs.flatMap(({ actions }) => actions).filter(isIamWrite))].sort();
  if (Action.length === 0) return [];
  return [{ Effect: 'Allow', Action, Resource: '*', Condition: { StringEquals: { [`aws:PrincipalTag/${tag}`]: id } } }];
}

const protection: PolicyStatement = {
  Sid: 'ProtectedResources',
  Effect: 'Deny',
  Action: IAM_WRITES.map((verb) => `iam:${verb}*`),
  Resource: PROTECTED_RESOURCES.map((resource) => `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${resource}`),
};
