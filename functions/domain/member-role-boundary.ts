import type { Permission, Remediation } from '../contract/remediation.ts';
import {
  MANAGED_POLICY_LIMIT,
  type PolicyDocument,
  type PolicyStatement,
  REMEDIATION_TAG,
  ROLLBACK_TAG,
  readPermissions,
  undoPermissions,
} from './permissions.ts';
import { READ_VERSION } from './role-version.ts';
import { planStatements } from './write-question.ts';

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
 * Returns the boundary. It allows all actions that the registry declares (IAM writes only in sessions of the
 * remediations that declare them), the questions of plans and the read of the role's version mark, and denies changes
 * of protected roles. If that exceeds a policy's size, it allows every Describe and List action of the services that
 * declare one, and still no undeclared write. A role whose boundary is too long even then is split
 * (`member-role-parts.ts`).
 */
export function memberRoleBoundary(remediations: readonly Remediation[]): PolicyDocument {
  const actions = new Set([
    ...remediations.flatMap(actionsOf),
    ...planStatements(remediations).flatMap(({ Action }) => Action),
  ]);
  const ofIam = remediations.flatMap(iamStatements);
  const named = [...actions].filter((action) => !isIamWrite(action)).sort();
  const exact = document([...onAnyResource(withVersion(named)), ...ofIam, PROTECTION]);
  if (JSON.stringify(exact).length <= MANAGED_POLICY_LIMIT) return exact;
  return document([...onAnyResource(withVersion([...new Set(named.map(withDescriptions))])), ...ofIam, PROTECTION]);
}

const withVersion = (actions: readonly string[]): readonly string[] =>
  actions.some((action) => action === READ_VERSION || action === 'iam:List*') ? actions : [...actions, READ_VERSION];

/** These actions show what exists, and no data in it. */
const withDescriptions = (action: string) => action.replace(/(?<=:(?:Describe|List))\w+$/, '*');

const actionsOf = (remediation: Remediation) =>
  [...readPermissions(remediation), ...undoPermissions(remediation)].flatMap(({ actions }) => actions);
const serviceOf = (action: string) => action.slice(0, action.indexOf(':'));
/** Reads of IAM give nobody a permission. */
const isIamWrite = (action: string) =>
  serviceOf(action) === 'iam' && IAM_WRITES.some((verb) => action.startsWith(`iam:${verb}`));

const document = (statements: readonly PolicyStatement[]): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: statements,
});
const onAnyResource = (actions: readonly string[]): PolicyStatement[] =>
  actions.length > 0 ? [{ Effect: 'Allow', Action: actions, Resource: '*' }] : [];

const iamStatements = (remediation: Remediation): PolicyStatement[] => [
  ...iamStatement(REMEDIATION_TAG, remediation.id, [...readPermissions(remediation), ...remediation.writes]),
  ...iamStatement(ROLLBACK_TAG, remediation.id, remediation.undoes ?? []),
];

function iamStatement(tag: string, id: string, needs: readonly Permission[]): PolicyStatement[] {
  const Action = [...new Set(needs.flatMap(({ actions }) => actions).filter(isIamWrite))].sort();
  if (Action.length === 0) return [];
  return [{ Effect: 'Allow', Action, Resource: '*', Condition: { StringEquals: { [`aws:PrincipalTag/${tag}`]: id } } }];
}

const PROTECTION: PolicyStatement = {
  Sid: 'ProtectedResources',
  Effect: 'Deny',
  Action: IAM_WRITES.map((verb) => `iam:${verb}*`),
  Resource: PROTECTED_RESOURCES.map((resource) => `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${resource}`),
};
