/** The scenarios of every service setting of Systems Manager. */
import { SSMClient, UpdateServiceSettingCommand } from '@aws-sdk/client-ssm';
import type { Clients, Remediation } from '../../contract/remediation.ts';
import { type Arrange, defineScenarios, type Scenarios } from '../../contract/scenario.ts';
import { accountResource } from '../kit/account.ts';

const CLIENTS = { ssm: SSMClient };
type SettingArrange = Arrange<Clients<typeof CLIENTS>, any>;

/** Returns a step that gives a setting of the account this value. */
export const settingValue =
  (SettingId: string, SettingValue: string): SettingArrange =>
  async ({ ssm }, context) => {
    await ssm.send(new UpdateServiceSettingCommand({ SettingId, SettingValue }));
    return accountResource(context);
  };

const asItIs: SettingArrange = async (_, context) => accountResource(context);

/** `wrong` is a value that somebody can set and that fails the control; without it, only AWS's default does. */
export const serviceSettingScenarios = (
  remediation: Remediation,
  setting: string,
  { right, wrong }: { readonly right: string; readonly wrong?: string },
  more: Scenarios<any, any, typeof CLIENTS>['scenarios'] = {},
) =>
  defineScenarios(remediation, {
    clients: CLIENTS,
    faulty: wrong === undefined ? asItIs : settingValue(setting, wrong),
    scenarios: {
      ...(wrong !== undefined && { 'somebody set another value': { expected: 'FIXED' } }),
      'nobody ever set a value': { arrange: asItIs, expected: 'FIXED' },
      'it is right already': { arrange: settingValue(setting, right), expected: 'COMPLIANT' },
      ...more,
    },
  });
