/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetServiceSetting.html */
import type * as sdk from '@aws-sdk/client-ssm';
import { AwsError } from '../../kernel/kernel.ts';
import { sdkErrors } from '../../records/errors.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordAt, RecordFields } from '../../records/record.ts';
import { matching } from '../../records/rules.ts';
import { type AccountSetting, getsSetting, putsSetting, resetsSetting, settingName } from '../../records/settings.ts';
import { notModelled } from '../requests.ts';

const ssmError = sdkErrors<typeof sdk>();

const PUBLIC_SHARING = 'ssm/documents/console/public-sharing-permission';

/** AWS's default values. The last two have none until somebody sets them. */
const DEFAULTS: Readonly<Record<string, string>> = {
  [PUBLIC_SHARING]: 'Enable',
  'ssm/managed-instance/activation-tier': 'standard',
  'ssm/parameter-store/default-parameter-tier': 'Standard',
  'ssm/parameter-store/high-throughput-enabled': 'false',
  'ssm/automation/customer-script-log-destination': '',
  'ssm/automation/customer-script-log-group-name': '',
};

/** Values that AWS accepts, of settings that do not take any text. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  [PUBLIC_SHARING]: ['Enable', 'Disable'],
  'ssm/automation/customer-script-log-destination': ['CloudWatch'],
};

export const SERVICE_SETTING: AccountSetting = {
  name: 'serviceSetting',
  by: 'SettingId',
  normalId: (given) => given.replace(/^arn:[^/]*:servicesetting/, '').replace(/^\//, ''),
  arn: 'arn:{partition}:ssm:{region}:{account}:servicesetting/{id}',
  invalid: (message) => new AwsError('ValidationException', message),
  initially: (id) => {
    const SettingValue = DEFAULTS[id];
    return SettingValue === undefined
      ? undefined
      : { SettingValue, Status: 'Default', LastModifiedDate: new Date(0), LastModifiedUser: 'System' };
  },
  missing: (id) => ssmError('ServiceSettingNotFound', `The specified service setting /${id} was not found.`),
  generated: ['LastModifiedDate', 'LastModifiedUser'],
};

type Settings = { readonly ServiceSetting: sdk.ServiceSetting };

const shown = (id: string, value: RecordFields, at: RecordAt): Settings => ({
  ServiceSetting: {
    ...value,
    SettingId: `/${id}`,
    ARN: `arn:${at.partition}:ssm:${at.region}:${at.account}:servicesetting/${id}`,
  },
});
const idOf = ({ SettingId = '' }: { readonly SettingId?: string }): string => SERVICE_SETTING.normalId!(SettingId);

export const serviceSettingOperations = recordOperations<typeof sdk>('ssm', {
  GetServiceSetting: getsSetting(SERVICE_SETTING, { shows: (value, at, input) => shown(idOf(input), value, at) }),
  UpdateServiceSetting: putsSetting(SERVICE_SETTING, {
    takes: { SettingValue: matching(/\S/) },
    check: ({ SettingValue = '', ...input }) => {
      const values = VALUES[idOf(input)];
      if (values && !values.includes(SettingValue))
        throw notModelled(`the value ${SettingValue} of ${input.SettingId}`);
    },
    also: (at) => ({
      Status: 'Customized',
      LastModifiedDate: new Date(at.kernel.clock.now()),
      LastModifiedUser: 'arn' in at.principal ? at.principal.arn : at.principal.service,
    }),
  }),
  ResetServiceSetting: resetsSetting(SERVICE_SETTING, { shows: (value, at, input) => shown(idOf(input), value, at) }),
});

export const mayBePublic = ({ state }: RecordAt): boolean =>
  state.settings[settingName(SERVICE_SETTING, PUBLIC_SHARING)]?.SettingValue !== 'Disable';
