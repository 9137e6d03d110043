/** AWS Account Management: the alternate contacts of the account that calls. */
import * as sdk from '@aws-sdk/client-account';
import { defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { sdkErrors } from '../../records/errors.ts';
import { recordOperations } from '../../records/operation.ts';
import type { RecordState } from '../../records/record.ts';
import { matching } from '../../records/rules.ts';
import { type AccountSetting, getsSetting, putsSetting, resetsSetting } from '../../records/settings.ts';
import { ACCOUNT_MANAGEMENT } from './state.ts';

const accountError = sdkErrors<typeof sdk>();

const CONTACT: AccountSetting = {
  name: 'contact',
  by: 'AlternateContactType',
  arn: 'arn:{partition}:account::{account}:account',
  invalid: (message) => accountError('ValidationException', message),
  missing: () => accountError('ResourceNotFoundException', 'No contact of the inputted alternate contact type found.'),
};

export const account = defineService<typeof sdk, RecordState>({
  ...ACCOUNT_MANAGEMENT,
  ...recordComparison([], [CONTACT]),
  sdk,
  client: sdk.AccountClient,
  prefix: 'account',
  globalRegions: { aws: 'us-east-1', 'aws-cn': 'cn-northwest-1', 'aws-us-gov': 'us-gov-west-1' },
  operations: recordOperations<typeof sdk>('account', {
    GetAlternateContact: getsSetting(CONTACT, {
      shows: (contact, _at, { AlternateContactType }) => ({ AlternateContact: { ...contact, AlternateContactType } }),
    }),
    PutAlternateContact: putsSetting(CONTACT, {
      takes: {
        EmailAddress: matching(/^\s*[\w+=.#|!&-]+@[\w.-]+\.\w+\s*$/),
        Name: matching(/^.{1,64}$/),
        PhoneNumber: matching(/^[\s0-9()+-]{1,25}$/),
        Title: matching(/^.{1,50}$/),
      },
    }),
    DeleteAlternateContact: resetsSetting(CONTACT),
  }),
});
