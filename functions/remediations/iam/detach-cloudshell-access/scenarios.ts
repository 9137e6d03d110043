import type { IAMClient } from '@aws-sdk/client-iam';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { attachManagedPolicy } from '../attached-policies.ts';
import { awsPolicy, identityResource, type NewIdentity, newIdentity, tagIdentity } from '../identity-fixtures.ts';
import type { IamIdentity } from '../identity-target.ts';
import detachCloudshellAccess from './index.ts';

const NAME = 'AWSCloudShellFullAccess';

const identity =
  (wanted: NewIdentity): Arrange<{ readonly iam: IAMClient }, IamIdentity> =>
  (clients, context) =>
    newIdentity(clients, context, wanted);

export default defineScenarios(detachCloudshellAccess, {
  faulty: identity({ kind: 'role', policies: [NAME] }),
  fault: ({ iam }, context) => attachManagedPolicy(iam, context.target, awsPolicy(context, NAME)),
  tag: tagIdentity,
  scenarios: {
    'a role has the policy': { expected: 'FIXED' },
    'a role has it beside others, and Terraform manages the role': {
      arrange: identity({ kind: 'role', policies: ['AWSSupportAccess', NAME], tags: { ManagedBy: 'terraform' } }),
      expected: 'FIXED',
    },
    'a user with a path has it, and a tag': {
      arrange: identity({ kind: 'user', path: '/division/team/', policies: [NAME], tags: { team: 'shop' } }),
      expected: 'FIXED',
    },
    'a group has it': { arrange: identity({ kind: 'group', policies: [NAME] }), expected: 'FIXED' },
    'IAM Identity Center manages the role': {
      arrange: identity({ kind: 'role', path: '/aws-reserved/sso.amazonaws.com/eu-west-1/', policies: [NAME] }),
      expected: 'REFUSED',
    },
    'a role has another policy': {
      arrange: identity({ kind: 'role', policies: ['AWSSupportAccess'] }),
      expected: 'COMPLIANT',
    },
    'a user has none': { arrange: identity({ kind: 'user', policies: [] }), expected: 'COMPLIANT' },
    'a group is gone': {
      arrange: async (_, context) => identityResource(context, { kind: 'group', identity: context.name }),
      expected: 'COMPLIANT',
    },
  },
});
