/**
 * S3.1: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-1
 * All four settings must be on (its parameters cannot be changed); an account that never made them fails.
 */
import {
  DeletePublicAccessBlockCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand,
  S3ControlClient,
} from '@aws-sdk/client-s3-control';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { Block, blockIn, changeInWords, EVERYTHING } from '../block.ts';

export default defineRemediation({
  id: 's3/block-account-public-access',
  title: 'Block public access to all buckets of the account',
  handles: { controls: ['S3.1'] },
  risk: 'disruptive',
  global: true,
  // The settings reach the Regions one after the other; AWS names no time.
  settles: 300,
  target: accountTarget,
  params: z.strictObject({}),
  state: z.strictObject({ block: Block.optional() }),
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
      because: 'an account setting has no ARN; the same action takes the settings away again on rollback',
    },
  ],
  clients: { s3control: S3ControlClient },
}).by({
  async read({ s3control, account: AccountId }) {
    return { block: await blockIn(s3control.send(new GetPublicAccessBlockCommand({ AccountId }))) };
  },
  want: () => ({ block: EVERYTHING }),
  async write({ s3control, account: AccountId }, _, { block }) {
    if (!block) await s3control.send(new DeletePublicAccessBlockCommand({ AccountId }));
    else await s3control.send(new PutPublicAccessBlockCommand({ AccountId, PublicAccessBlockConfiguration: block }));
  },
  summary: (from, to) => `for the whole account, ${changeInWords(from.block, to.block)}`,
});
