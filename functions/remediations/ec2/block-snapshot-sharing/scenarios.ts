import {
  DisableSnapshotBlockPublicAccessCommand,
  type EC2Client,
  EnableSnapshotBlockPublicAccessCommand,
  type SnapshotBlockPublicAccessState,
} from '@aws-sdk/client-ec2';
import { defineScenarios } from '../../../contract/scenario.ts';
import { accountResource } from '../../kit/account.ts';
import blockSnapshotSharing from './index.ts';

const block = (ec2: EC2Client, State: SnapshotBlockPublicAccessState) =>
  ec2.send(new EnableSnapshotBlockPublicAccessCommand({ State }));

export default defineScenarios(blockSnapshotSharing, {
  async faulty({ ec2 }, context) {
    await ec2.send(new DisableSnapshotBlockPublicAccessCommand({}));
    return accountResource(context);
  },
  scenarios: {
    'nothing is blocked': { expected: 'FIXED' },
    'new sharing alone is blocked': {
      async arrange({ ec2 }, context) {
        await block(ec2, 'block-new-sharing');
        return accountResource(context);
      },
      expected: 'FIXED',
    },
    'all sharing is blocked already': {
      async arrange({ ec2 }, context) {
        await block(ec2, 'block-all-sharing');
        return accountResource(context);
      },
      expected: 'COMPLIANT',
    },
  },
});
