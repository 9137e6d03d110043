import { type SSMClient, UpdateServiceSettingCommand } from '@aws-sdk/client-ssm';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import blockPublicDocuments from './index.ts';

const SHARING = '/ssm/documents/console/public-sharing-permission';

const sharing =
  (SettingValue: string): Arrange<{ readonly ssm: SSMClient }, {}> =>
  async ({ ssm }, context) => {
    await ssm.send(new UpdateServiceSettingCommand({ SettingId: SHARING, SettingValue }));
    return accountResource(context);
  };

export default defineScenarios(blockPublicDocuments, {
  faulty: sharing('Enable'),
  scenarios: {
    'somebody permitted public sharing': { expected: 'FIXED' },
    'nobody ever set a value': { arrange: async (_, context) => accountResource(context), expected: 'FIXED' },
    'public sharing is blocked already': { arrange: sharing('Disable'), expected: 'COMPLIANT' },
  },
});
