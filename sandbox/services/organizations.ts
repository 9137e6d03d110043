/** AWS Organizations: one for the whole sandbox. */
import * as sdk from '@aws-sdk/client-organizations';
import { defineService, type Service } from '../kernel.ts';
import { organizationOperations } from './organizations/operations.ts';
import { policies } from './organizations/policies.ts';
import type { OrganizationState } from './organizations/state.ts';

export { isMember, organizationOf, pathTo, scpsOf } from './organizations/look-up.ts';
export { attachScp, joinOrganization, type OrganizationOptions, setUpOrganization } from './organizations/set-up.ts';
export type { AccountRecord, OrganizationState } from './organizations/state.ts';

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
