import { settingScenarios } from '../../kit/setting-scenarios.ts';
import { transitGateways } from '../transit-gateway-fixtures.ts';
import holdGatewayAttachments from './index.ts';

export default settingScenarios(holdGatewayAttachments, transitGateways, {
  wrong: { AutoAcceptSharedAttachments: 'enable' },
  right: { AutoAcceptSharedAttachments: 'disable' },
});
