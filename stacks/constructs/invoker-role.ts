import type { Construct } from 'constructs';
import type { SutureContext } from '../context.ts';
import { proxyRoleArn, remediationAliasArns } from '../names.ts';
import { callersOf } from './member-role-trust.ts';
import { type FixedRole, fixedRole } from './role.ts';

/**
 * The one way from the security account to the remediations: the proxy assumes this role and invokes their live aliases.
 * Trust is by `aws:PrincipalArn`, which a recreated role keeps. A role's ARN as the principal of a function's policy
 * would become the unique id of that role, which the next of its name does not have:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles
 */
export const invokerRole = (scope: Construct, context: SutureContext): FixedRole =>
  fixedRole(scope, 'Invoker', {
    name: 'invoker',
    description: 'Invokes the live aliases of the remediations, for the proxy in the security account',
    account: context.securityAccount,
    when: {
      ArnEquals: { 'aws:PrincipalArn': proxyRoleArn(context) },
      StringEquals: callersOf(context),
    },
    allows: [
      {
        actions: ['lambda:InvokeFunction'],
        on: remediationAliasArns(context),
        because: 'One function per remediation, or two; live aliases only',
      },
    ],
  });
