import { CreateRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import { attachManagedPolicy } from '../attached-policies.ts';
import { awsPolicy, newIdentity } from '../identity-fixtures.ts';
import type { IamIdentity } from '../identity-target.ts';
import { supportTrust } from '../support-role.ts';
import createSupportRole from './index.ts';

const NAME = 'AWSSupportAccess';
const PARAMS = { trusts: ['444455556666'] };

type ArrangeAccount = Arrange<{ readonly iam: IAMClient }, {}>;

const somebodyHasIt =
  (kind: IamIdentity['kind']): ArrangeAccount =>
  async (clients, context) => {
    await newIdentity(clients, { ...context, target: undefined }, { kind, policies: [NAME] });
    return accountResource(context);
  };

/** A role of the default name that these accounts may assume. */
const roleTrusting =
  (account: string, isAttached = false): ArrangeAccount =>
  async ({ iam }, context) => {
    const AssumeRolePolicyDocument = JSON.stringify(supportTrust(context, [account]));
    await iam.send(new CreateRoleCommand({ RoleName: 'aws-support', AssumeRolePolicyDocument }));
    const role = { kind: 'role', identity: 'aws-support' } as const;
    if (isAttached) await attachManagedPolicy(iam, role, awsPolicy(context, NAME));
    return accountResource(context);
  };

export default defineScenarios(createSupportRole, {
  faulty: async (_, context) => accountResource(context),
  scenarios: {
    'nobody has the policy': { params: PARAMS, expected: 'FIXED' },
    'policy names the role, and several who may assume it': {
      params: { roleName: 'support-cases', trusts: ['444455556666', 'arn:aws:iam::777788889999:root'] },
      expected: 'FIXED',
    },
    'the role exists without the policy': { arrange: roleTrusting('444455556666'), params: PARAMS, expected: 'FIXED' },
    'policy names nobody who may assume it': { expected: 'REFUSED' },
    'a role of that name trusts somebody else': {
      arrange: roleTrusting('777788889999'),
      params: PARAMS,
      expected: 'REFUSED',
    },
    'a role of that name has the policy': { arrange: roleTrusting('777788889999', true), expected: 'COMPLIANT' },
    'another role has the policy': { arrange: somebodyHasIt('role'), params: PARAMS, expected: 'COMPLIANT' },
    'a user has the policy': { arrange: somebodyHasIt('user'), expected: 'COMPLIANT' },
    'a group has the policy': { arrange: somebodyHasIt('group'), expected: 'COMPLIANT' },
  },
});
