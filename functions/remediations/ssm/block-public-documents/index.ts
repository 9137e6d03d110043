/**
 * SSM.7 (Config rule ssm-automation-block-public-sharing), of the account in one Region.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ssm-controls.html#ssm-7
 */
import { serviceSetting } from '../service-setting.ts';

export const SHARING = '/ssm/documents/console/public-sharing-permission';

export default serviceSetting({
  id: 'ssm/block-public-documents',
  title: 'Block public sharing of Systems Manager documents',
  control: 'SSM.7',
  setting: SHARING,
  value: 'Disable',
  text: (value) => `public sharing of documents: ${value}`,
});
