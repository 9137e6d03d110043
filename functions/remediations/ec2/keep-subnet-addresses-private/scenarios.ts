import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { ec2Subnets } from '../subnet-fixtures.ts';
import keepSubnetAddressesPrivate from './index.ts';

export default settingScenarios(keepSubnetAddressesPrivate, ec2Subnets, {
  wrong: { MapPublicIpOnLaunch: true, AssignIpv6AddressOnCreation: true },
  half: { MapPublicIpOnLaunch: true, AssignIpv6AddressOnCreation: false },
  right: { MapPublicIpOnLaunch: false, AssignIpv6AddressOnCreation: false },
});
