import {
  CreateSnapshotCommand,
  CreateVolumeCommand,
  DisableEbsEncryptionByDefaultCommand,
  DisableSnapshotBlockPublicAccessCommand,
  type EC2Client,
  ModifySnapshotAttributeCommand,
} from '@aws-sdk/client-ec2';
import { type Arrange, defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import makeSnapshotsPrivate from './index.ts';

/** Creates a snapshot for each list of those it is shared with: accounts, or `all`. */
const snapshots =
  (...shares: readonly string[][]): Arrange<{ readonly ec2: EC2Client }, {}> =>
  async ({ ec2 }, context) => {
    await ec2.send(new DisableSnapshotBlockPublicAccessCommand({}));
    // An encrypted snapshot cannot be public.
    await ec2.send(new DisableEbsEncryptionByDefaultCommand({}));
    const { VolumeId } = await ec2.send(new CreateVolumeCommand({ AvailabilityZone: `${context.region}a`, Size: 8 }));
    for (const share of shares) {
      const { SnapshotId } = await ec2.send(new CreateSnapshotCommand({ VolumeId }));
      const add = share.map((id) => (id === 'all' ? { Group: 'all' as const } : { UserId: id }));
      if (add.length > 0)
        await ec2.send(new ModifySnapshotAttributeCommand({ SnapshotId, CreateVolumePermission: { Add: add } }));
    }
    return accountResource(context);
  };

export default defineScenarios(makeSnapshotsPrivate, {
  faulty: snapshots(['all']),
  scenarios: {
    'a snapshot is public': { expected: 'FIXED' },
    'some are public, and shared with an account too': {
      arrange: snapshots(['all', '444455556666'], ['444455556666'], [], ['all']),
      expected: 'FIXED',
    },
    'one is shared with an account alone': { arrange: snapshots(['444455556666'], []), expected: 'COMPLIANT' },
  },
});
