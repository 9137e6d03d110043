/** AWS Identity and Access Management: one per account. */
import * as sdk from '@aws-sdk/client-iam';
import { defineService, type Service } from '../kernel.ts';
import { accessKeyOperations } from './iam/access-keys.ts';
import { accountOperations } from './iam/account.ts';
import { groupOperations } from './iam/groups.ts';
import { instanceProfileOperations } from './iam/instance-profiles.ts';
import { policyOperations } from './iam/policies.ts';
import { iamResources } from './iam/resources.ts';
import { roleOperations } from './iam/roles.ts';
import { emptyIam, type IamState } from './iam/state.ts';
import { userOperations } from './iam/users.ts';

export { passRoleNeed } from './iam/needs.ts';
export { createRole } from './iam/roles.ts';
export type { IamQuotas, IamState } from './iam/state.ts';

export const iam: Service<typeof sdk, IamState> = defineService<typeof sdk, IamState>({
  name: 'iam',
  sdk,
  client: sdk.IAMClient,
  prefix: 'iam',
  scope: 'account',
  state: emptyIam,
  operations: {
    ...roleOperations,
    ...policyOperations,
    ...userOperations,
    ...groupOperations,
    ...accessKeyOperations,
    ...accountOperations,
    ...instanceProfileOperations,
  },
  resources: iamResources,
});
