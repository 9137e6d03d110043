/** AWS Account Management: the alternate contacts of the caller's account, and of members for their administrators. */
import * as sdk from '@aws-sdk/client-account';
import { AwsError, defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { sdkErrors } from '../../records/errors.ts';
import { type RecordVerb, recordOperations } from '../../records/operation.ts';
import type { RecordAt, RecordState } from '../../records/record.ts';
import { matching } from '../../records/rules.ts';
import { type AccountSetting, getsSetting, putsSetting, resetsSetting } from '../../records/settings.ts';
import { organizationState } from '../organizations/look-up.ts';
import { ACCOUNT_MANAGEMENT } from './state.ts';

const accountError = sdkErrors<typeof sdk>();

const CONTACT: AccountSetting = {
  name: 'contact',
  by: 'AlternateContactType',
  arn: 'arn:{partition}:account::{account}:account',
  invalid: (message) => accountError('ValidationException', message),
  missing: () => accountError('ResourceNotFoundException', 'No contact of the inputted alternate contact type found.'),
};

const MEMBER = 'arn:{partition}:account::{management}:account/o-{organization}/{member}';
const SERVICE = 'account.amazonaws.com';

type MemberOf = { readonly AccountId?: string | undefined };

/**
 * A verb that also takes `AccountId`, a member account of the caller's organization.
 * https://docs.aws.amazon.com/accounts/latest/reference/using-orgs-delegated-admin.html
 */
const alsoOfMembers =
  <I extends MemberOf, O>(own: RecordVerb<I, O>): RecordVerb<I, O> =>
  (action) => {
    const operation = own(action);
    const ofCaller = ({ AccountId: _, ...input }: I) => input as unknown as I;
    return {
      ...operation,
      arns: [...operation.arns, MEMBER],
      members: [...operation.members, 'AccountId'],
      needs: (input, at) =>
        input.AccountId === undefined
          ? (operation.needs?.(ofCaller(input), at) ?? [])
          : [
              {
                action: `${action.prefix}:${action.operation}`,
                resource: memberArn(input.AccountId, at),
                owner: at.account,
              },
            ],
      run: (input, at) =>
        operation.run(ofCaller(input), input.AccountId === undefined ? at : inMember(input.AccountId, at)),
    };
  };

function memberArn(member: string, { kernel, partition, account: caller }: RecordAt): string {
  const { organization } = organizationState(kernel);
  return `arn:${partition}:account::${organization?.managementAccount ?? caller}:account/${organization?.id ?? '*'}/${member}`;
}

/** @throws AwsError AccessDeniedException, ValidationException */
function inMember(member: string, at: RecordAt): RecordAt {
  const { organization, accounts, delegated, trusted } = organizationState(at.kernel);
  const administers =
    trusted.has(SERVICE) && (organization?.managementAccount === at.account || delegated.get(SERVICE)?.has(at.account));
  if (!administers || !accounts.has(member))
    throw new AwsError('AccessDeniedException', 'You do not have access to perform this action', 403);
  // For its own contacts, the management account must omit AccountId.
  if (organization?.managementAccount === member)
    throw accountError(
      'ValidationException',
      'The management account can only be managed using the standalone context.',
    );
  const place = { partition: at.partition, region: at.region, account: member };
  return { ...at, ...place, state: at.kernel.state(ACCOUNT_MANAGEMENT, place) };
}

export const account = defineService<typeof sdk, RecordState>({
  ...ACCOUNT_MANAGEMENT,
  ...recordComparison([], [CONTACT]),
  sdk,
  client: sdk.AccountClient,
  prefix: 'account',
  globalRegions: { aws: 'us-east-1', 'aws-cn': 'cn-northwest-1', 'aws-us-gov': 'us-gov-west-1' },
  operations: recordOperations<typeof sdk>('account', {
    GetAlternateContact: alsoOfMembers(
      getsSetting(CONTACT, {
        shows: (contact, _at, { AlternateContactType }) => ({ AlternateContact: { ...contact, AlternateContactType } }),
      }),
    ),
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
