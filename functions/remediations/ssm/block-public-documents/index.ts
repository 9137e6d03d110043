/**
 * SSM.7 (Config rule ssm-automation-block-public-sharing), of the account in one Region.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ssm-controls.html#ssm-7
 */
import {
  GetServiceSettingCommand,
  ResetServiceSettingCommand,
  SSMClient,
  UpdateServiceSettingCommand,
} from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';

const SHARING = '/ssm/documents/console/public-sharing-permission';
const SETTING = 'arn:{partition}:ssm:{region}:{account}:servicesetting/ssm/documents/console/public-sharing-permission';

export default defineRemediation({
  id: 'ssm/block-public-documents',
  title: 'Block public sharing of Systems Manager documents',
  handles: { controls: ['SSM.7'] },
  risk: 'disruptive',
  target: accountTarget,
  params: z.strictObject({}),
  state: z.strictObject({ sharing: z.string(), isDefault: z.boolean() }),
  reads: [{ actions: ['ssm:GetServiceSetting'], resources: [SETTING], because: 'whether sharing is blocked' }],
  writes: [
    { actions: ['ssm:UpdateServiceSetting'], resources: [SETTING], because: 'blocks; rollback sets the old value' },
  ],
  undoes: [{ actions: ['ssm:ResetServiceSetting'], resources: [SETTING], because: 'resets what nobody had set' }],
  clients: { ssm: SSMClient },
}).by({
  async read({ ssm }) {
    const { ServiceSetting } = await ssm.send(new GetServiceSettingCommand({ SettingId: SHARING }));
    return { sharing: ServiceSetting!.SettingValue!, isDefault: ServiceSetting!.Status === 'Default' };
  },
  want: (state) => (state.sharing === 'Disable' ? state : { sharing: 'Disable', isDefault: false }),
  async write({ ssm }, _, { sharing, isDefault }) {
    if (isDefault) await ssm.send(new ResetServiceSettingCommand({ SettingId: SHARING }));
    else await ssm.send(new UpdateServiceSettingCommand({ SettingId: SHARING, SettingValue: sharing }));
  },
  summary: (from, to) => `public sharing of documents: ${to.sharing}, was ${from.sharing}`,
});
