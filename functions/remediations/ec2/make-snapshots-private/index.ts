/**
 * EC2.1 (Config rule ebs-snapshot-public-restorable-check): no snapshot of the account in this Region may be restorable
 * by everybody. Its finding names the account.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-1
 */
import { EC2Client, ModifySnapshotAttributeCommand, paginateDescribeSnapshots } from '@aws-sdk/client-ec2';
import * as z from 'zod';
import { accountTarget, defineRemediation } from '../../../contract/remediation.ts';
import { orUndefined } from '../../kit/or-undefined.ts';

export default defineRemediation({
  id: 'ec2/make-snapshots-private',
  title: 'Make public EBS snapshots private',
  handles: { controls: ['EC2.1'] },
  risk: 'disruptive',
  target: accountTarget,
  found: z.strictObject({ snapshot: z.string() }),
  params: z.strictObject({}),
  state: z.strictObject({ public: z.array(z.string()) }),
  reads: [
    {
      actions: ['ec2:DescribeSnapshots'],
      resources: ['*'],
      because: 'the public snapshots of the account; EC2 takes no resource for Describe*',
    },
  ],
  writes: [
    {
      actions: ['ec2:ModifySnapshotAttribute'],
      resources: ['arn:{partition}:ec2:{region}::snapshot/{snapshot}'],
      because: 'makes the snapshot private; rollback makes it public again',
    },
  ],
  clients: { ec2: EC2Client },
}).by({
  async read({ ec2, account }) {
    const ids: string[] = [];
    const query = { OwnerIds: [account], RestorableByUserIds: ['all'] };
    for await (const { Snapshots = [] } of paginateDescribeSnapshots({ client: ec2, pageSize: 1000 }, query))
      ids.push(...Snapshots.map(({ SnapshotId }) => SnapshotId!));
    return { public: ids.sort() };
  },
  targets: ({ public: ids }) => ids.map((snapshot) => ({ snapshot })),
  want: () => ({ public: [] }),
  async write({ ec2, targets }, from, to) {
    for (const { snapshot: SnapshotId } of targets) {
      const isPublic = to.public.includes(SnapshotId);
      if (isPublic === from.public.includes(SnapshotId)) continue;
      const change = { Attribute: 'createVolumePermission', OperationType: isPublic ? 'add' : 'remove' } as const;
      const command = new ModifySnapshotAttributeCommand({ SnapshotId, ...change, GroupNames: ['all'] });
      await orUndefined(ec2.send(command), 'InvalidSnapshot.NotFound');
    }
  },
  summary: (from, to) =>
    to.public.length < from.public.length
      ? `private now: ${from.public.join(', ')}`
      : `public again: ${to.public.join(', ')}`,
});
