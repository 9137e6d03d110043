/**
 * Amazon S3 Control, for the public access block of whole accounts. Its state is S3's.
 */
import * as sdk from '@aws-sdk/client-s3-control';
import { type At, defineService, type Need } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { accessDenied } from '../s3/access.ts';
import { accountBlockOf, setAccountBlock } from '../s3/index.ts';
import { noPublicAccessBlock } from '../s3/settings.ts';
import { blockFrom } from '../s3/state.ts';

const needs =
  (action: string) =>
  (_: unknown, at: At<{}>): Need[] => [
    { action: `s3:${action}`, resource: '*', context: { 's3:ResourceAccount': at.account } },
  ];

export const s3control = defineService<typeof sdk, {}>({
  name: 's3control',
  sdk,
  client: sdk.S3ControlClient,
  prefix: 's3',
  scope: 'account',
  state: () => ({}),
  operations: {
    GetPublicAccessBlock: {
      needs: needs('GetAccountPublicAccessBlock'),
      run: (input, at) => {
        onlyMembers('GetPublicAccessBlock', input, ['AccountId']);
        const block = accountBlockOf(at.kernel, own(input.AccountId, at));
        if (!block) throw noPublicAccessBlock();
        return { PublicAccessBlockConfiguration: block };
      },
    },
    PutPublicAccessBlock: {
      needs: needs('PutAccountPublicAccessBlock'),
      run: (input, at) => {
        onlyMembers('PutPublicAccessBlock', input, ['AccountId', 'PublicAccessBlockConfiguration']);
        setAccountBlock(at.kernel, own(input.AccountId, at), blockFrom(input.PublicAccessBlockConfiguration));
        return {};
      },
    },
    DeletePublicAccessBlock: {
      needs: needs('PutAccountPublicAccessBlock'),
      run: (input, at) => {
        onlyMembers('DeletePublicAccessBlock', input, ['AccountId']);
        setAccountBlock(at.kernel, own(input.AccountId, at), undefined);
        return {};
      },
    },
  },
});

/** The account in the request must be the caller's. */
function own(accountId: string | undefined, at: At<{}>): string {
  if (accountId !== at.account) throw accessDenied();
  return at.account;
}
