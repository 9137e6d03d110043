/** Service settings of Systems Manager, which belong to an account in one Region. */
import {
  GetServiceSettingCommand,
  ResetServiceSettingCommand,
  SSMClient,
  UpdateServiceSettingCommand,
} from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { accountTarget, defineRemediation, type Remediation } from '../../contract/remediation.ts';
import { declaredChange } from '../kit/owner-language.ts';

/** A setting in the language of the account's owner. CloudFormation does not have it. */
export const SERVICE_SETTING_WORDS = {
  cloudFormation: null,
  terraform: 'aws_ssm_service_setting',
  attributes: {
    id: { type: z.string(), default: '/ssm/documents/console/public-sharing-permission', terraform: 'setting_id' },
    value: { type: z.string(), default: 'Enable', terraform: 'setting_value' },
  },
} as const;

type ServiceSetting = Pick<Remediation, 'id' | 'title'> & {
  readonly control: `SSM.${number}`;
  /** Such as `/ssm/documents/console/public-sharing-permission`. */
  readonly setting: `/ssm/${string}`;
  /** The value that the control requires. */
  readonly value: string;
  /** Returns what a value means for people. */
  readonly text: (value: string) => string;
  /** Returns what the value costs. */
  readonly costs?: () => string;
};

/** Returns a remediation that sets a value. Its risk is disruptive: something stops working, or costs money. */
export function serviceSetting({ id, title, control, setting: SettingId, value, text, costs }: ServiceSetting) {
  const resources = [`arn:{partition}:ssm:{region}:{account}:servicesetting${SettingId}`] as const;
  return defineRemediation({
    id,
    title,
    handles: { controls: [control] },
    risk: 'disruptive',
    target: accountTarget,
    params: z.strictObject({}),
    state: z.strictObject({ value: z.string(), isDefault: z.boolean() }),
    reads: [{ actions: ['ssm:GetServiceSetting'], resources, because: 'the value of the setting' }],
    writes: [
      { actions: ['ssm:UpdateServiceSetting'], resources, because: 'sets the value; rollback sets the old one' },
    ],
    undoes: [{ actions: ['ssm:ResetServiceSetting'], resources, because: 'resets what nobody had set' }],
    clients: { ssm: SSMClient },
  }).by({
    async read({ ssm }) {
      const { ServiceSetting } = await ssm.send(new GetServiceSettingCommand({ SettingId }));
      return { value: ServiceSetting?.SettingValue ?? '', isDefault: ServiceSetting?.Status === 'Default' };
    },
    want: (state) => (state.value === value ? state : { value, isDefault: false }),
    async write({ ssm }, _, { value: SettingValue, isDefault }) {
      if (isDefault) await ssm.send(new ResetServiceSettingCommand({ SettingId }));
      else await ssm.send(new UpdateServiceSettingCommand({ SettingId, SettingValue }));
    },
    costs,
    declared: (_, to, { partition, region, account }) =>
      declaredChange(SERVICE_SETTING_WORDS, {
        id: `arn:${partition}:ssm:${region}:${account}:servicesetting${SettingId}`,
        value: to.value,
      }),
    summary: (_, to) => text(to.value),
  });
}
