/** Roles that policy names for a service of AWS. */
import { GetRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { orUndefined } from './or-undefined.ts';
import { parseResourcePolicy } from './resource-policy.ts';
import { allowsService } from './service-statements.ts';

/** The name of a role without a path. */
export const ROLE_NAME = /^[\w+=,.@-]{1,64}$/;

/** A name that no role can have, because of its first character: where policy names no role, none may be passed. */
export const NO_ROLE = '#none';

/** Returns why the service cannot assume the role, or undefined. */
export async function serviceRoleObstacle(
  iam: IAMClient,
  RoleName: string,
  service: string,
): Promise<string | undefined> {
  const found = await orUndefined(iam.send(new GetRoleCommand({ RoleName })), 'NoSuchEntityException');
  if (!found?.Role) return `the role ${RoleName} does not exist: create it, or name another in params.roleName`;
  const trust = parseResourcePolicy(decodeURIComponent(found.Role.AssumeRolePolicyDocument ?? ''));
  return trust && allowsService(trust, service, 'sts:AssumeRole')
    ? undefined
    : `the role ${RoleName} does not let ${service} assume it: add a statement to its trust policy`;
}
