/**
 * EC2.182 (Config rule ebs-snapshot-block-public-access), of the account in one Region: all public sharing must be
 * blocked, and not only new sharing. The state block-all-sharing leaves the permissions of snapshots as they are.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-182
 * https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html
 */
import {
  DisableSnapshotBlockPublicAccessCommand,
  EC2Client,
  EnableSnapshotBlockPublicAccessCommand,
  GetSnapshotBlockPublicAccessStateCommand,
} from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { defineRemediation, refused } from '../../../contract/remediation.ts';
import { settingWrite } from '../../kit/account-setting.ts';
import { declaredChange } from '../../kit/owner-language.ts';
import { SNAPSHOT_BLOCK_WORDS } from '../account-words.ts';
import { snapshotBlockTarget } from '../snapshot-block-target.ts';

export default defineRemediation({
  id: 'ec2/block-snapshot-sharing',
  title: 'Block public sharing of EBS snapshots',
  handles: { controls: ['EC2.182'] },
  risk: 'disruptive',
  target: snapshotBlockTarget,
  params: z.strictObject({}),
  state: z.strictObject({ state: z.enum(['unblocked', 'block-new-sharing', 'block-all-sharing']) }),
  reads: [
    {
      actions: ['ec2:GetSnapshotBlockPublicAccessState'],
      resources: ['*'],
      because: 'what is blocked; an account setting has no ARN',
    },
  ],
  writes: [settingWrite('ec2:EnableSnapshotBlockPublicAccess', 'blocks; rollback sets an earlier, weaker block')],
  undoes: [settingWrite('ec2:DisableSnapshotBlockPublicAccess', 'unblocks again')],
  clients: { ec2: EC2Client },
}).by({
  async read({ ec2 }) {
    const { State } = await ec2.send(new GetSnapshotBlockPublicAccessStateCommand({}));
    return { state: State ?? 'unblocked' };
  },
  want: () => ({ state: 'block-all-sharing' }),
  async objection({ ec2 }) {
    const { ManagedBy } = await ec2.send(new GetSnapshotBlockPublicAccessStateCommand({}));
    return ManagedBy === 'declarative-policy'
      ? refused('a declarative policy of the organization manages the setting: change it there')
      : undefined;
  },
  async write({ ec2 }, _, { state }) {
    if (state === 'unblocked') await ec2.send(new DisableSnapshotBlockPublicAccessCommand({}));
    else await ec2.send(new EnableSnapshotBlockPublicAccessCommand({ State: state }));
  },
  declared: (_, { state }) => declaredChange(SNAPSHOT_BLOCK_WORDS, { state }),
  summary: (from, to) => `public sharing of EBS snapshots: ${to.state}, was ${from.state}`,
});
