import type { AwsPlace, Kernel, Need, Principal } from '../../kernel/kernel.ts';
import { createRole } from '../iam/roles.ts';
import { entityNameOf, IAM, iamStateOf, type RoleRecord } from '../iam/state.ts';

export type RoleSession = Principal & { readonly kind: 'session' };

/** Returns a session of the role. The caller of this function authorizes the request. */
export function createSession(
  kernel: Kernel,
  role: RoleRecord,
  name: string,
  details: Partial<Pick<RoleSession, 'sourceIdentity' | 'sessionTags' | 'sessionPolicy' | 'transitiveTags'>> = {},
): RoleSession {
  const account = role.arn.split(':')[4]!;
  return {
    kind: 'session',
    arn: `arn:${kernel.partition}:sts::${account}:assumed-role/${role.name}/${name}`,
    account,
    role: role.arn,
    userId: `${role.id}:${name}`,
    sessionTags: {},
    issuedAt: kernel.clock.now(),
    ...details,
  };
}

export function findRole(kernel: Kernel, arn: string): RoleRecord | undefined {
  const account = /^arn:[\w-]+:iam::(\d{12}):role\//.exec(arn)?.[1];
  if (account === undefined) return undefined;
  const role = iamStateOf(kernel, account).roles.get(entityNameOf(arn));
  return role?.arn === arn ? role : undefined;
}

/**
 * Returns the need that the role's trust policy must allow. The denial is the same for a role that does not exist and
 * one that does not trust the caller, because AWS does not distinguish them.
 */
export const assumeRoleNeed = (kernel: Kernel, action: string, roleArn: string, context: Need['context']): Need => {
  const role = findRole(kernel, roleArn);
  return {
    action,
    resource: roleArn,
    context,
    resourcePolicy: role?.trust.document ?? { Statement: [] },
    resourceTags: Object.fromEntries(role?.tags ?? []),
  };
};

/**
 * Returns the session of a service that acts for a function, a rule or a state machine.
 * @param service the service principal: `lambda.amazonaws.com`
 * @param source ARN of the resource for which the service acts: aws:SourceArn, and with its account aws:SourceAccount
 * @throws AwsError AccessDenied if the role's trust policy does not allow the service
 */
export function assumeForService(
  kernel: Kernel,
  service: string,
  roleArn: string,
  sessionName: string,
  source?: string,
): RoleSession {
  const roleAccount = roleArn.split(':')[4] ?? '';
  const account = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(source ?? '')?.[1] ?? roleAccount;
  const region = source?.split(':')[3] || 'us-east-1';
  const place: AwsPlace = { partition: kernel.partition, account: roleAccount, region };
  const caller: Principal = { kind: 'service', service, account, ...(source !== undefined && { source }) };
  kernel.authorize(caller, place, assumeRoleNeed(kernel, 'sts:AssumeRole', roleArn, {}), 'sts');
  return createSession(kernel, findRole(kernel, roleArn)!, sessionName);
}

/**
 * Returns a session of the role that Organizations creates in each new account, which trusts the management account.
 * Creates the role if it does not exist.
 */
export function administratorSession(kernel: Kernel, account: string, managementAccount = account): RoleSession {
  const place: AwsPlace = { partition: kernel.partition, account, region: 'us-east-1' };
  const state = iamStateOf(kernel, account);
  const name = 'OrganizationAccountAccessRole';
  let role = state.roles.get(name);
  if (!role) {
    const principal: Principal = { kind: 'root', arn: `arn:${kernel.partition}:iam::${account}:root`, account };
    const trusted = `arn:${kernel.partition}:iam::${managementAccount}:root`;
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: trusted }, Action: 'sts:AssumeRole' }],
    };
    role = createRole(
      { RoleName: name, AssumeRolePolicyDocument: JSON.stringify(trust) },
      { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(IAM, place) },
    );
    role.attached.push(`arn:${kernel.partition}:iam::aws:policy/AdministratorAccess`);
  }
  return createSession(kernel, role, 'administrator');
}
