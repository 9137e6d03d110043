/** AWS Organizations: one for the whole sandbox. */
import * as sdk from '@aws-sdk/client-organizations';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { organizationOperations } from './operations.ts';
import { policies } from './policies.ts';
import type { OrganizationState } from './state.ts';

export { isMember, organizationOf, pathTo, scpsOf } from './look-up.ts';
export { attachScp, joinOrganization, type OrganizationOptions, setUpOrganization } from './set-up.ts';
export type { AccountRecord, OrganizationState } from './state.ts';

export const organizations: Service<typeof sdk, OrganizationState> = defineService<typeof sdk, OrganizationState>({
  name: 'organizations',
  sdk,
  client: sdk.OrganizationsClient,
  prefix: 'organizations',
  scope: 'partition',
  state: () => ({
    units: new Map(),
    accounts: new Map(),
    delegated: new Map(),
    trusted: new Set(),
    policies: new Map(),
    attached: new Map(),
  }),
  operations: organizationOperations,
  resources: { 'AWS::Organizations::Policy': policies },
});
