/**
 * Amazon EC2, as far as network access, prefix lists and account-wide settings go. No instances.
 */
import * as sdk from '@aws-sdk/client-ec2';
import { defineService } from '../../kernel/kernel.ts';
import { accountSettingOperations } from './account-settings.ts';
import { networkInterfaceOperations } from './network-interfaces.ts';
import { prefixListOperations } from './prefix-lists.ts';
import { securityGroupRuleOperations } from './security-group-rules.ts';
import { securityGroupOperations, securityGroupResource } from './security-groups.ts';
import { type Ec2State, initialState } from './state.ts';
import { tagOperations } from './tags.ts';
import { vpcOperations, vpcResource } from './vpcs.ts';

export const ec2 = defineService<typeof sdk, Ec2State>({
  name: 'ec2',
  sdk,
  client: sdk.EC2Client,
  prefix: 'ec2',
  scope: 'region',
  state: initialState,
  operations: {
    ...vpcOperations,
    ...securityGroupOperations,
    ...securityGroupRuleOperations,
    ...networkInterfaceOperations,
    ...prefixListOperations,
    ...accountSettingOperations,
    ...tagOperations,
  },
  resources: {
    'AWS::EC2::SecurityGroup': securityGroupResource,
    'AWS::EC2::VPC': vpcResource,
  },
});
