/** AWS Identity and Access Management: one per account. */
import * as sdk from '@aws-sdk/client-iam';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { accessKeyOperations } from './access-keys.ts';
import { accountOperations } from './account.ts';
import { groupOperations } from './groups.ts';
import { instanceProfileOperations } from './instance-profiles.ts';
import { policyOperations } from './policies.ts';
import { iamResources } from './resources.ts';
import { roleOperations } from './roles.ts';
import { emptyIam, type IamState } from './state.ts';
import { userOperations } from './users.ts';

export { passRoleNeed } from './needs.ts';
export { createRole } from './roles.ts';
export type { IamQuotas, IamState } from './state.ts';

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
