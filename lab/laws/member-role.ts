/**
 * The member role of one remediation in the sandbox: it has exactly the permissions that the remediation declares, in the
 * Region of the finding alone.
 */
import type { Place, Remediation } from '../../functions/contract/remediation.ts';
import { REGIONS_POLICY, regionsPolicy } from '../../functions/domain/member-role-regions.ts';
import {
  type PolicyDocument,
  REMEDIATION_TAG,
  ROLLBACK_TAG,
  roleStatements,
} from '../../functions/domain/permissions.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import type { CallRecord } from '../../sandbox/kernel/call-log.ts';
import type { FaultableCall } from '../../sandbox/kernel/fault.ts';
import { clientsOn } from '../organization/clients.ts';

const ROLE = 'suture-member';

export async function createMemberRole(sandbox: Sandbox, place: Place, remediation: Remediation): Promise<void> {
  const { kernel } = sandbox;
  const { partition, account } = place;
  const iam = (operation: string, input: object) =>
    kernel.call(kernel.administrator!(account), place, 'iam', operation, { RoleName: ROLE, ...input });
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: `arn:${partition}:iam::${account}:root` },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
  };
  await iam('CreateRole', { Path: '/suture/', AssumeRolePolicyDocument: policyText([trust]) });
  const PolicyDocument = policyText(roleStatements(remediation))
    .replaceAll('${AWS::Partition}', partition)
    .replaceAll('${AWS::AccountId}', account);
  await iam('PutRolePolicy', { PolicyName: 'declared', PolicyDocument });
  const regions = JSON.stringify(regionsPolicy([place.region], [remediation]));
  await iam('PutRolePolicy', { PolicyName: REGIONS_POLICY, PolicyDocument: regions });
}

const policyText = (Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** Names of sessions, which tell the decisions of rollbacks from others. */
const SESSION_NAMES = { fix: 'fix', rollback: 'rollback' } as const;

/**
 * Returns the remediation's clients in a session of its member role that holds `policy`. They don't retry, so that
 * every fault reaches the remediation.
 */
export async function memberSession(
  sandbox: Sandbox,
  place: Place,
  remediation: Remediation,
  policy: PolicyDocument,
  purpose: keyof typeof SESSION_NAMES,
) {
  const { kernel } = sandbox;
  const { partition, account, region } = place;
  const { Credentials } = await kernel.call<object, any>(kernel.administrator!(account), place, 'sts', 'AssumeRole', {
    RoleArn: `arn:${partition}:iam::${account}:role/suture/${ROLE}`,
    RoleSessionName: SESSION_NAMES[purpose],
    Policy: JSON.stringify(policy),
    Tags: [
      { Key: REMEDIATION_TAG, Value: remediation.id },
      ...(purpose === 'rollback' ? [{ Key: ROLLBACK_TAG, Value: remediation.id }] : []),
    ],
  });
  const credentials = {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  };
  const settings = { ...sandbox.administrator(account, region), credentials };
  return clientsOn(settings, remediation.clients, { maxAttempts: 1, requestHandler: sandbox.inProcess });
}

/** Returns whether the remediation makes this call. Faults are for its calls alone. */
export const isMemberCall = ({ principal }: FaultableCall): boolean =>
  principal.kind === 'session' && principal.role.endsWith(`/${ROLE}`);

/** Returns the same for a call in the log. */
export const isMemberRecord = ({ role }: CallRecord): boolean => role?.endsWith(`/${ROLE}`) ?? false;

/** Actions that IAM allowed the remediation so far, in lower case. */
export type AllowedActions = { readonly fixes: ReadonlySet<string>; readonly rollbacks: ReadonlySet<string> };

export function allowedActions({ kernel }: Sandbox): AllowedActions {
  const allowed = kernel.decisions.filter(({ role, decision }) => decision === 'Allow' && role?.endsWith(`/${ROLE}`));
  const { true: rollbacks = [], false: fixes = [] } = Object.groupBy(allowed, ({ principal }) =>
    principal.endsWith(`/${SESSION_NAMES.rollback}`) ? 'true' : 'false',
  );
  const actionsOf = (decisions: typeof allowed) => new Set(decisions.map(({ action }) => action.toLowerCase()));
  return { fixes: actionsOf(fixes), rollbacks: actionsOf(rollbacks) };
}
