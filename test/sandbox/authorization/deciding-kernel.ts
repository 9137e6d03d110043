/** A kernel whose calls are decided by the sandbox's IAM, over an organization of three accounts and one outside. */
import { authorize } from '../../../sandbox/authorization/authorize.ts';
import type { AwsPlace, Kernel, Principal } from '../../../sandbox/kernel/kernel.ts';
import { iam } from '../../../sandbox/services/iam/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { organizations, setUpOrganization } from '../../../sandbox/services/organizations/index.ts';
import { assumeForService, sts } from '../../../sandbox/services/sts/index.ts';
import { type SmallKernel, smallKernel } from '../support/small-kernel.ts';

export const management = '100000000001';
export const security = '100000000002';
export const member = '100000000003';
export const outside = '900000000009';

export const placeOf = (account: string, region = 'us-east-1'): AwsPlace => ({ partition: 'aws', account, region });

export function decidingKernel(): SmallKernel {
  const kernel = smallKernel(iam, sts, organizations, kms);
  Object.assign(kernel, {
    authorize: ((principal, place, need, service) =>
      authorize(kernel, principal, place, need, service)) as Kernel['authorize'],
    assumeForService: ((...args) => assumeForService(kernel, ...args)) as Kernel['assumeForService'],
  });
  setUpOrganization(kernel, {
    id: 'o-exampleorgid',
    managementAccount: management,
    accounts: [
      { id: management, name: 'management' },
      { id: security, name: 'security', ouPath: 'Security' },
      { id: member, name: 'shop', ouPath: 'Workloads/Production', tags: { stage: 'production' } },
    ],
    delegatedAdministrators: { 'securityhub.amazonaws.com': [security] },
  });
  return kernel;
}

export const allow = (Action: string | string[], Resource: string | string[] = '*') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow' as const, Action, Resource }],
});

/** Trust in a principal for AssumeRole, or for what else is named. */
export const trust = (Principal: object | string, Action: string | string[] = 'sts:AssumeRole', Condition?: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action, ...(Condition && { Condition }) }],
  });

/** A role with one inline policy, made by the account's administrator. */
export async function makeRole(
  kernel: SmallKernel,
  account: string,
  RoleName: string,
  AssumeRolePolicyDocument: string,
  policy?: object,
): Promise<string> {
  const place = placeOf(account);
  const { Role } = await kernel.as('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument }, place);
  if (policy) {
    const PolicyDocument = JSON.stringify(policy);
    await kernel.as('iam', 'PutRolePolicy', { RoleName, PolicyName: 'inline', PolicyDocument }, place);
  }
  return Role.Arn;
}

/** The principal of a role as a service assumes it. */
export async function roleSession(
  kernel: SmallKernel,
  account: string,
  name: string,
  policy?: object,
): Promise<Principal> {
  const arn = await makeRole(kernel, account, name, trust({ Service: 'lambda.amazonaws.com' }), policy);
  return kernel.assumeForService('lambda.amazonaws.com', arn, 'run');
}

/** A call as somebody, in the caller's account. */
export const callAs = (
  kernel: Kernel,
  principal: Principal,
  service: string,
  operation: string,
  input: object,
): Promise<any> => kernel.call(principal, placeOf(principal.account), service, operation, input);
