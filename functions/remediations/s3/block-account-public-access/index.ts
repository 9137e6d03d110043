/**
 * S3.1: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-1
 * All four settings must be on (its parameters cannot be changed); an account without the settings fails.
 */
import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  S3ControlClient,
} from '@aws-sdk/client-s3-control';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { BLOCK_EVERYTHING, BlockSettings, blockChangeText, declaredAccountBlock, parseBlock } from '../block.ts';

export default defineRemediation({
  id: 's3/block-account-public-access',
  title: 'Block public access to all buckets of the account',
  handles: { controls: ['S3.1'] },
  risk: 'disruptive',
  global: true,
  // S3 applies the settings in one Region after the other. AWS documents no duration.
  settleSeconds: 300,
  target: accountTarget,
  params: z.strictObject({}),
  state: z.strictObject({ block: BlockSettings.optional() }),
  reads: [
    {
      actions: ['s3:GetAccountPublicAccessBlock'],
      resources: ['*'],
      because: 'an account setting has no ARN',
    },
  ],
  writes: [
    {
      actions: ['s3:PutAccountPublicAccessBlock'],
      resources: ['*'],
      because: 'rollback deletes the settings by the same action',
      wildcardBecause: 'an account setting has no ARN',
    },
  ],
  clients: { s3control: S3ControlClient },
}).by({
  async read({ s3control, account: AccountId }) {
    return { block: await parseBlock(s3control.send(new GetPublicAccessBlockCommand({ AccountId }))) };
  },
  want: () => ({ block: BLOCK_EVERYTHING }),
  async write({ s3control, account: AccountId }, _, { block }) {
    if (!block) await s3control.send(new DeletePublicAccessBlockCommand({ AccountId }));
    else await s3control.send(new PutPublicAccessBlockCommand({ AccountId, PublicAccessBlockConfiguration: block }));
  },
  declared: (from, to) => declaredAccountBlock(from.block, to.block),
  summary: (from, to) => `for the whole account, ${blockChangeText(from.block, to.block)}`,
});
