/** Sessions of roles: made for callers of AssumeRole, for services, and for who administers an account. */
import type { AwsPlace, Kernel, Need, Principal } from '../../kernel/kernel.ts';
import { iam } from '../iam/index.ts';
import { createRole } from '../iam/roles.ts';
import { nameOf, type RoleRecord } from '../iam/state.ts';
import { iamOf } from '../iam/trust.ts';

export type Session = Principal & { readonly kind: 'session' };

/** A session of a role; whether it may be made has been decided. */
export function sessionOf(
  kernel: Kernel,
  role: RoleRecord,
  name: string,
  more: Partial<Pick<Session, 'sourceIdentity' | 'sessionTags' | 'sessionPolicy' | 'transitiveTags'>> = {},
): Session {
  const account = role.arn.split(':')[4]!;
  return {
    kind: 'session',
    arn: `arn:${kernel.partition}:sts::${account}:assumed-role/${role.name}/${name}`,
    account,
    role: role.arn,
    userId: `${role.id}:${name}`,
    sessionTags: {},
    issuedAt: kernel.clock.now(),
    ...more,
  };
}

/** The role of an ARN, or undefined. */
export function roleAt(kernel: Kernel, arn: string): RoleRecord | undefined {
  const account = /^arn:[\w-]+:iam::(\d{12}):role\//.exec(arn)?.[1];
  if (account === undefined) return undefined;
  const role = iamOf(kernel, account).roles.get(nameOf(arn));
  return role?.arn === arn ? role : undefined;
}

/**
 * What assuming the role takes of its trust policy. A role that does not exist is refused in the same words as one
 * that does not trust the caller: AWS tells nobody which it is.
 */
export const assumeNeed = (kernel: Kernel, action: string, roleArn: string, context: Need['context']): Need => {
  const role = roleAt(kernel, roleArn);
  return {
    action,
    resource: roleArn,
    context,
    resourcePolicy: role?.trust.document ?? { Statement: [] },
    resourceTags: Object.fromEntries(role?.tags ?? []),
  };
};

/**
 * A session of a role that a service assumes for itself: a function's, a rule's, a state machine's.
 * @param service the service principal: `lambda.amazonaws.com`
 * @param source ARN of what the service acts for; with its account it becomes aws:SourceArn and aws:SourceAccount
 * @throws AwsError AccessDenied when the role's trust policy does not let the service
 */
export function assumeForService(
  kernel: Kernel,
  service: string,
  roleArn: string,
  sessionName: string,
  source?: string,
): Session {
  const roleAccount = roleArn.split(':')[4] ?? '';
  const account = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(source ?? '')?.[1] ?? roleAccount;
  const region = source?.split(':')[3] || 'us-east-1';
  const place: AwsPlace = { partition: kernel.partition, account: roleAccount, region };
  const caller: Principal = { kind: 'service', service, account, ...(source !== undefined && { source }) };
  kernel.authorize(caller, place, assumeNeed(kernel, 'sts:AssumeRole', roleArn, {}), 'sts');
  return sessionOf(kernel, roleAt(kernel, roleArn)!, sessionName);
}

/**
 * An administrator of an account: a session of the role that Organizations makes in each account it creates, trusted
 * by the management account. The role is made when it is not there.
 */
export function administratorOf(kernel: Kernel, account: string, managementAccount = account): Session {
  const place: AwsPlace = { partition: kernel.partition, account, region: 'us-east-1' };
  const state = iamOf(kernel, account);
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
      { ...place, kernel, principal, requestId: kernel.uuid(), state: kernel.state(iam, place) },
    );
    role.attached.push(`arn:${kernel.partition}:iam::aws:policy/AdministratorAccess`);
  }
  return sessionOf(kernel, role, 'administrator');
}
