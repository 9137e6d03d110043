import {
  CreateCacheClusterCommand,
  CreateReplicationGroupCommand,
  DeleteReplicationGroupCommand,
  DescribeCacheClustersCommand,
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyCacheClusterCommand,
  ModifyReplicationGroupCommand,
} from '@aws-sdk/client-elasticache';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { elasticache } from '../../../sandbox/services/elasticache/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
let client: ElastiCacheClient;
const minutesLater = (minutes: number) => sandbox.kernel.clock.advance(minutes * 60_000);
const clusters = async () => (await client.send(new DescribeCacheClustersCommand({}))).CacheClusters!;

beforeEach(async () => {
  sandbox = await sandboxFor(elasticache);
  client = administratorClient(sandbox, ElastiCacheClient);
});
afterEach(() => sandbox.close());

it('a cluster takes minutes to be created and changed', async () => {
  const CacheClusterId = 'sessions';
  await client.send(
    new CreateCacheClusterCommand({ CacheClusterId: 'Sessions', Engine: 'redis', CacheNodeType: 'cache.t4g.micro' }),
  );
  const retain = () =>
    client.send(new ModifyCacheClusterCommand({ CacheClusterId, SnapshotRetentionLimit: 7, ApplyImmediately: true }));
  await expect(retain()).rejects.toMatchObject({ name: 'InvalidCacheClusterStateFault' });
  await minutesLater(5);
  expect((await retain()).CacheCluster).toMatchObject({ CacheClusterStatus: 'modifying', SnapshotRetentionLimit: 0 });
  await minutesLater(2);
  expect(await clusters()).toMatchObject([
    { CacheClusterId, CacheClusterStatus: 'available', SnapshotRetentionLimit: 7, AutoMinorVersionUpgrade: true },
  ]);
});

it('Memcached takes no snapshots', async () => {
  const memcached = { CacheClusterId: 'pages', Engine: 'memcached', SnapshotRetentionLimit: 1 };
  await expect(client.send(new CreateCacheClusterCommand(memcached))).rejects.toMatchObject({
    name: 'InvalidParameterCombinationException',
  });
});

it('a change of a replication group changes its clusters', async () => {
  const ReplicationGroupId = 'carts';
  await client.send(
    new CreateReplicationGroupCommand({ ReplicationGroupId, ReplicationGroupDescription: 'x', NumCacheClusters: 2 }),
  );
  await minutesLater(5);
  const { ReplicationGroups } = await client.send(new DescribeReplicationGroupsCommand({}));
  expect(ReplicationGroups).toMatchObject([{ Status: 'available', MemberClusters: ['carts-001', 'carts-002'] }]);
  const alone = { CacheClusterId: 'carts-001', SnapshotRetentionLimit: 3 };
  await expect(client.send(new ModifyCacheClusterCommand(alone))).rejects.toMatchObject({ name: 'NotModelled' });
  const change = { ReplicationGroupId, SnapshotRetentionLimit: 3, ReplicationGroupDescription: 'carts' };
  await client.send(new ModifyReplicationGroupCommand(change));
  await minutesLater(2);
  expect((await clusters()).map(({ SnapshotRetentionLimit }) => SnapshotRetentionLimit)).toEqual([3, 3]);
  await client.send(new DeleteReplicationGroupCommand({ ReplicationGroupId }));
  await minutesLater(3);
  expect(await clusters()).toEqual([]);
});
