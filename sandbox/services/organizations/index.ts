/** One organization for the whole sandbox. */
import * as sdk from '@aws-sdk/client-organizations';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { organizationsComparison } from './comparison.ts';
import { organizationPath, scpsByLevel } from './look-up.ts';
import { organizationOperations } from './operations.ts';
import { organizationPolicyResource } from './policies.ts';
import { ORGANIZATIONS, type OrganizationState } from './state.ts';

export const organizations: Service<typeof sdk, OrganizationState> = defineService<typeof sdk, OrganizationState>({
  ...ORGANIZATIONS,
  ...organizationsComparison,
  sdk,
  client: sdk.OrganizationsClient,
  prefix: 'organizations',
  globalRegions: { aws: 'us-east-1', 'aws-cn': 'cn-northwest-1', 'aws-us-gov': 'us-gov-west-1' },
  throttling: { code: 'TooManyRequestsException', status: 400 },
  hooks: { serviceControlPolicies: scpsByLevel, organizationPath },
  operations: organizationOperations,
  resources: { 'AWS::Organizations::Policy': organizationPolicyResource },
});
