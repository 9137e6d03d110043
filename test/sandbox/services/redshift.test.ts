import {
  CreateClusterCommand,
  CreateTagsCommand,
  DeleteClusterCommand,
  DescribeClustersCommand,
  ModifyClusterCommand,
  type ModifyClusterCommandInput,
  RedshiftClient,
} from '@aws-sdk/client-redshift';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { redshift } from '../../../sandbox/services/redshift/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

const MINUTE_MS = 60_000;
const ARN = 'arn:aws:redshift:eu-central-1:111122223333:cluster:sales';
const NAME = 'sales';

let sandbox: Sandbox;
let client: RedshiftClient;

beforeEach(async () => {
  sandbox = await sandboxFor(redshift);
  client = administratorClient(sandbox, RedshiftClient);
  const cluster = { ClusterIdentifier: NAME, NodeType: 'ra3.large', MasterUsername: 'sales', PubliclyAccessible: true };
  await client.send(new CreateClusterCommand(cluster));
  await minutesLater(5);
});
afterEach(() => sandbox.close());

const minutesLater = (minutes: number) => sandbox.kernel.clock.advance(minutes * MINUTE_MS);
const modify = (change: Partial<ModifyClusterCommandInput>) =>
  client.send(new ModifyClusterCommand({ ClusterIdentifier: NAME, ...change }));
const shown = async () => (await client.send(new DescribeClustersCommand({ ClusterIdentifier: NAME }))).Clusters![0]!;

it('a cluster takes minutes to become private', async () => {
  await modify({ PubliclyAccessible: false, AutomatedSnapshotRetentionPeriod: 7 });
  expect(await shown()).toMatchObject({
    ClusterStatus: 'modifying',
    PubliclyAccessible: true,
    AutomatedSnapshotRetentionPeriod: 7,
    PendingModifiedValues: { PubliclyAccessible: false },
  });
  await expect(modify({ AllowVersionUpgrade: false })).rejects.toMatchObject({ name: 'InvalidClusterStateFault' });
  await minutesLater(3);
  expect(await shown()).toMatchObject({ ClusterStatus: 'available', PubliclyAccessible: false });
});

it('a cluster stays available when its upgrades or snapshots change', async () => {
  await modify({ AllowVersionUpgrade: false, AutomatedSnapshotRetentionPeriod: 0 });
  expect(await shown()).toMatchObject({
    ClusterStatus: 'available',
    AllowVersionUpgrade: false,
    AutomatedSnapshotRetentionPeriod: 0,
  });
  await expect(modify({ AutomatedSnapshotRetentionPeriod: 36 })).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
});

it('a cluster shows its tags, and takes minutes to be deleted', async () => {
  await client.send(new CreateTagsCommand({ ResourceName: ARN, Tags: [{ Key: 'owner', Value: 'me' }] }));
  expect((await shown()).Tags).toEqual([{ Key: 'owner', Value: 'me' }]);
  await client.send(new DeleteClusterCommand({ ClusterIdentifier: NAME, SkipFinalClusterSnapshot: true }));
  expect((await shown()).ClusterStatus).toBe('deleting');
  await minutesLater(3);
  await expect(shown()).rejects.toMatchObject({ name: 'ClusterNotFoundFault' });
});
