/** VPCs, what is in them, and settings of the account. Nothing runs, and no traffic flows. */
import * as sdk from '@aws-sdk/client-ec2';
import { defineService } from '../../kernel/kernel.ts';
import { accountSettingOperations } from './account-settings.ts';
import { ec2Comparison } from './comparison.ts';
import { ebsOperations } from './ebs.ts';
import { emptyEc2Reads } from './empty-reads.ts';
import { flowLogOperations } from './flow-logs.ts';
import { imageOperations } from './images.ts';
import { ec2InstanceOperations } from './instances.ts';
import { networkAclOperations } from './network-acls.ts';
import { networkInterfaceOperations } from './network-interfaces.ts';
import { prefixListOperations } from './prefix-lists.ts';
import { routeTableOperations } from './route-tables.ts';
import { securityGroupRuleOperations } from './security-group-rules.ts';
import { securityGroupOperations, securityGroupResource } from './security-groups.ts';
import { EC2, type Ec2State } from './state.ts';
import { tagOperations } from './tags.ts';
import { transitGatewayOperations } from './transit-gateways.ts';
import { vpcOperations, vpcResource } from './vpcs.ts';

export const ec2 = defineService<typeof sdk, Ec2State>({
  ...EC2,
  ...ec2Comparison,
  sdk,
  client: sdk.EC2Client,
  prefix: 'ec2',
  trail: { errorPrefix: 'Client.' },
  throttling: { code: 'RequestLimitExceeded', status: 503, message: 'Request limit exceeded.' },
  denial: { code: 'UnauthorizedOperation', status: 403 },
  operations: {
    ...vpcOperations,
    ...securityGroupOperations,
    ...securityGroupRuleOperations,
    ...networkInterfaceOperations,
    ...prefixListOperations,
    ...networkAclOperations,
    ...ebsOperations,
    ...imageOperations,
    ...ec2InstanceOperations,
    ...flowLogOperations,
    ...transitGatewayOperations,
    ...accountSettingOperations,
    ...tagOperations,
    ...routeTableOperations,
    ...emptyEc2Reads,
  },
  resources: {
    'AWS::EC2::SecurityGroup': securityGroupResource,
    'AWS::EC2::VPC': vpcResource,
  },
});
