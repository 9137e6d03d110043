/** A kernel whose IAM decides every call, with an organization of three accounts and one outside. */
import { authorize } from '../../../sandbox/authorization/authorize.ts';
import type { AwsPlace, Kernel, Principal, Service } from '../../../sandbox/kernel/kernel.ts';
import { iam } from '../../../sandbox/services/iam/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { organizations } from '../../../sandbox/services/organizations/index.ts';
import { setUpOrganization } from '../../../sandbox/services/organizations/set-up.ts';
import { assumeForService } from '../../../sandbox/services/sts/assume.ts';
import { sts } from '../../../sandbox/services/sts/index.ts';
import { type SmallKernel, smallKernel } from './small-kernel.ts';

export const MANAGEMENT = '100000000001';
export const SECURITY_MEMBER = '100000000002';
export const MEMBER = '100000000003';
export const OUTSIDE = '900000000009';

export const placeOf = (account: string, region = 'us-east-1'): AwsPlace => ({ partition: 'aws', account, region });

export function decidingKernel(...more: readonly Service<any, any>[]): SmallKernel {
  const kernel = smallKernel(iam, sts, organizations, kms, ...more);
  Object.assign(kernel, {
    authorize: ((principal, place, need, service) =>
      authorize(kernel, principal, place, need, service)) as Kernel['authorize'],
    assumeForService: ((...args) => assumeForService(kernel, ...args)) as Kernel['assumeForService'],
  });
  setUpOrganization(kernel, {
    id: 'o-exampleorgid',
    managementAccount: MANAGEMENT,
    accounts: [
      { id: MANAGEMENT, name: 'management' },
      { id: SECURITY_MEMBER, name: 'security', ouPath: 'Security' },
      { id: MEMBER, name: 'shop', ouPath: 'Workloads/Production', tags: { stage: 'production' } },
    ],
    delegatedAdministrators: { 'securityhub.amazonaws.com': [SECURITY_MEMBER] },
  });
  return kernel;
}

export const allow = (Action: string | string[], Resource: string | string[] = '*') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow' as const, Action, Resource }],
});

export const trust = (Principal: object | string, Action: string | string[] = 'sts:AssumeRole', Condition?: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal, Action, ...(Condition && { Condition }) }],
  });

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

export async function roleSession(
  kernel: SmallKernel,
  account: string,
  name: string,
  policy?: object,
): Promise<Principal> {
  const arn = await makeRole(kernel, account, name, trust({ Service: 'lambda.amazonaws.com' }), policy);
  return kernel.assumeForService('lambda.amazonaws.com', arn, 'run');
}

export const callAs = (
  kernel: Kernel,
  principal: Principal,
  service: string,
  operation: string,
  input: object,
): Promise<any> => kernel.call(principal, placeOf(principal.account), service, operation, input);
