/** The public access blocks of whole accounts, which are in S3's state. */
import * as sdk from '@aws-sdk/client-s3-control';
import { wholeState } from '../../kernel/comparison.ts';
import { type At, defineService, type Need } from '../../kernel/kernel.ts';
import { emptyRead } from '../empty-reads.ts';
import { locateNothing } from '../locate.ts';
import { onlyMembers } from '../requests.ts';
import { accessDenied } from '../s3/access.ts';
import { noPublicAccessBlock } from '../s3/settings.ts';
import { accountPublicAccessBlock, publicAccessBlockOf, S3, setAccountPublicAccessBlock } from '../s3/state.ts';
import { S3CONTROL } from './state.ts';

const needs =
  (action: string) =>
  (_: unknown, at: At<{}>): Need[] => [
    { action: `s3:${action}`, resource: '*', context: { 's3:ResourceAccount': at.account } },
  ];

export const s3control = defineService<typeof sdk, {}>({
  ...S3CONTROL,
  sdk,
  client: sdk.S3ControlClient,
  prefix: 's3',
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
  trail: {
    names: {
      DeletePublicAccessBlock: 'DeleteAccountPublicAccessBlock',
      GetPublicAccessBlock: 'GetAccountPublicAccessBlock',
      PutPublicAccessBlock: 'PutAccountPublicAccessBlock',
    },
  },
  comparable: wholeState,
  locate: locateNothing,
  alsoWrites: [S3],
  throttling: { code: 'SlowDown', status: 503 },
  denial: { code: 'AccessDenied', status: 403 },
  operations: {
    ListAccessPoints: {
      needs: needs('ListAccessPoints'),
      ...emptyRead('ListAccessPoints', ['AccountId', 'Bucket', 'NextToken', 'MaxResults'], { AccessPointList: [] }),
    },
    ListMultiRegionAccessPoints: {
      needs: needs('ListMultiRegionAccessPoints'),
      ...emptyRead('ListMultiRegionAccessPoints', ['AccountId', 'NextToken', 'MaxResults'], { AccessPoints: [] }),
    },
    GetPublicAccessBlock: {
      needs: needs('GetAccountPublicAccessBlock'),
      run: (input, at) => {
        onlyMembers('GetPublicAccessBlock', input, ['AccountId']);
        const block = accountPublicAccessBlock(at.kernel, ownAccount(input.AccountId, at));
        if (!block) throw noPublicAccessBlock();
        return { PublicAccessBlockConfiguration: block };
      },
    },
    PutPublicAccessBlock: {
      needs: needs('PutAccountPublicAccessBlock'),
      run: (input, at) => {
        onlyMembers('PutPublicAccessBlock', input, ['AccountId', 'PublicAccessBlockConfiguration']);
        setAccountPublicAccessBlock(
          at.kernel,
          ownAccount(input.AccountId, at),
          publicAccessBlockOf(input.PublicAccessBlockConfiguration),
        );
        return {};
      },
    },
    DeletePublicAccessBlock: {
      needs: needs('PutAccountPublicAccessBlock'),
      run: (input, at) => {
        onlyMembers('DeletePublicAccessBlock', input, ['AccountId']);
        setAccountPublicAccessBlock(at.kernel, ownAccount(input.AccountId, at), undefined);
        return {};
      },
    },
  },
});

/** @throws AwsError AccessDenied if the request is for another account */
function ownAccount(accountId: string | undefined, at: At<{}>): string {
  if (accountId !== at.account) throw accessDenied();
  return at.account;
}
