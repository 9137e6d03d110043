import { DescribeDBClustersCommand as DescribeDocumentClustersCommand, DocDBClient } from '@aws-sdk/client-docdb';
import {
  NeptuneClient,
  ModifyDBClusterSnapshotAttributeCommand as ShareGraphSnapshotCommand,
} from '@aws-sdk/client-neptune';
import {
  CreateDBClusterCommand,
  type CreateDBClusterCommandInput,
  CreateDBClusterSnapshotCommand,
  CreateDBInstanceCommand,
  CreateDBSnapshotCommand,
  DeleteDBClusterCommand,
  DeleteDBSnapshotCommand,
  DescribeDBClusterSnapshotAttributesCommand,
  DescribeDBClustersCommand,
  DescribeDBSnapshotAttributesCommand,
  DescribeDBSnapshotsCommand,
  ModifyDBClusterCommand,
  type ModifyDBClusterCommandInput,
  ModifyDBSnapshotAttributeCommand,
  type ModifyDBSnapshotAttributeCommandInput,
  RDSClient,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { rds } from '../../../sandbox/services/rds/index.ts';
import { RDS } from '../../../sandbox/services/rds/state.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

const MINUTE_MS = 60_000;

let sandbox: Sandbox;
let client: RDSClient;

beforeEach(async () => {
  sandbox = await sandboxFor(rds);
  client = administratorClient(sandbox, RDSClient);
});
afterEach(() => sandbox.close());

const minutesLater = (minutes: number) => sandbox.kernel.clock.advance(minutes * MINUTE_MS);
const createCluster = async (more: Partial<CreateDBClusterCommandInput> = {}) => {
  const input = { DBClusterIdentifier: 'orders', Engine: 'aurora-mysql', ...more };
  await client.send(new CreateDBClusterCommand(input));
  await minutesLater(5);
};
const modify = (change: Partial<ModifyDBClusterCommandInput>) =>
  client.send(new ModifyDBClusterCommand({ DBClusterIdentifier: 'orders', ...change }));
const cluster = async () => {
  const { DBClusters } = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'orders' }));
  return DBClusters![0]!;
};

describe('a DB cluster', () => {
  it('has the defaults of AWS, and settings that change at once', async () => {
    await createCluster();
    expect(await cluster()).toMatchObject({
      Status: 'available',
      BackupRetentionPeriod: 1,
      DeletionProtection: false,
      CopyTagsToSnapshot: false,
    });
    await modify({ BackupRetentionPeriod: 7, DeletionProtection: true, CopyTagsToSnapshot: true });
    expect(await cluster()).toMatchObject({
      Status: 'available',
      BackupRetentionPeriod: 7,
      DeletionProtection: true,
      CopyTagsToSnapshot: true,
    });
  });

  it('changes its authentication in the maintenance window, or in minutes', async () => {
    await createCluster();
    await modify({ EnableIAMDatabaseAuthentication: true });
    expect((await cluster()).PendingModifiedValues).toEqual({ IAMDatabaseAuthenticationEnabled: true });
    await modify({ ApplyImmediately: true });
    expect(await cluster()).toMatchObject({ Status: 'modifying', IAMDatabaseAuthenticationEnabled: false });
    await minutesLater(2);
    expect(await cluster()).toMatchObject({ Status: 'available', IAMDatabaseAuthenticationEnabled: true });
  });

  it('takes minutes to be deleted, unless it is protected', async () => {
    await createCluster({ DeletionProtection: true });
    const remove = () =>
      client.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'orders', SkipFinalSnapshot: true }));
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await modify({ DeletionProtection: false });
    await remove();
    await minutesLater(3);
    await expect(cluster()).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  });

  it('has a backup retention of at least a day', async () => {
    await createCluster();
    await expect(modify({ BackupRetentionPeriod: 0 })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

it('shows DocumentDB clusters by engine, among all that share the API', async () => {
  await createCluster();
  await createCluster({ DBClusterIdentifier: 'papers', Engine: 'docdb' });
  const documents = administratorClient(sandbox, DocDBClient);
  const identifiersOf = async (Filters: { Name: string; Values: string[] }[]) => {
    const { DBClusters } = await documents.send(new DescribeDocumentClustersCommand({ Filters }));
    return DBClusters!.map(({ DBClusterIdentifier }) => DBClusterIdentifier);
  };
  expect(await identifiersOf([{ Name: 'engine', Values: ['docdb'] }])).toEqual(['papers']);
  expect(await identifiersOf([])).toEqual(['orders', 'papers']);
  await expect(identifiersOf([{ Name: 'domain', Values: ['d-1'] }])).rejects.toMatchObject({ name: 'NotModelled' });
});

it('finds a cluster by its resource id only as a filter', async () => {
  await createCluster();
  await createCluster({ DBClusterIdentifier: 'papers', Engine: 'docdb' });
  const { DBClusterArn, DbClusterResourceId } = await cluster();
  expect(DbClusterResourceId).toMatch(/^cluster-[A-Z0-9]{26}$/);
  const find = async (resourceId: string) => {
    const Filters = [{ Name: 'db-cluster-resource-id', Values: [resourceId] }];
    const { DBClusters } = await client.send(new DescribeDBClustersCommand({ Filters }));
    return DBClusters!.map((found) => found.DBClusterArn);
  };
  expect(await find(DbClusterResourceId!)).toEqual([DBClusterArn]);
  expect(await find('orders')).toEqual([]);
  await expect(
    client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: DbClusterResourceId })),
  ).rejects.toMatchObject({ name: 'DBClusterNotFoundFault' });
  const place = { partition: 'aws', account: '111122223333', region: 'eu-central-1' };
  const located = (arn: string) => rds.locate!(arn, sandbox.kernel.state(RDS, place), place);
  const alias = `arn:aws:rds:eu-central-1:111122223333:dbcluster/${DbClusterResourceId}`;
  expect(located(alias)).toEqual([['clusters', 'orders']]);
});

describe('a snapshot of a DB instance', () => {
  const share = (change: Omit<ModifyDBSnapshotAttributeCommandInput, 'DBSnapshotIdentifier' | 'AttributeName'>) =>
    client.send(
      new ModifyDBSnapshotAttributeCommand({ DBSnapshotIdentifier: 'backup', AttributeName: 'restore', ...change }),
    );
  const accounts = async () => {
    const command = new DescribeDBSnapshotAttributesCommand({ DBSnapshotIdentifier: 'backup' });
    const { DBSnapshotAttributesResult } = await client.send(command);
    return DBSnapshotAttributesResult!.DBSnapshotAttributes;
  };
  const createSnapshot = async (more: object = {}) => {
    await client.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'orders',
        DBInstanceClass: 'db.t4g.micro',
        Engine: 'mysql',
        Tags: [{ Key: 'owner', Value: 'shop' }],
        ...more,
      }),
    );
    const names = { DBSnapshotIdentifier: 'backup', DBInstanceIdentifier: 'orders' };
    const early = client.send(new CreateDBSnapshotCommand(names));
    await expect(early).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    await minutesLater(5);
    await client.send(new CreateDBSnapshotCommand(names));
    await expect(share({ ValuesToAdd: ['all'] })).rejects.toMatchObject({ name: 'InvalidDBSnapshotStateFault' });
    await minutesLater(3);
  };

  it('can be shared with accounts or everybody, and made private again', async () => {
    await createSnapshot();
    expect(await accounts()).toEqual([{ AttributeName: 'restore', AttributeValues: [] }]);
    await share({ ValuesToAdd: ['all', '444455556666'] });
    expect(await accounts()).toEqual([{ AttributeName: 'restore', AttributeValues: ['444455556666', 'all'] }]);
    await share({ ValuesToRemove: ['all'] });
    expect(await accounts()).toEqual([{ AttributeName: 'restore', AttributeValues: ['444455556666'] }]);
  });

  it('has the tags of its instance if the instance copies them', async () => {
    const tags = async () => {
      const { DBSnapshots } = await client.send(new DescribeDBSnapshotsCommand({ DBInstanceIdentifier: 'orders' }));
      return DBSnapshots![0]!.TagList;
    };
    await createSnapshot({ CopyTagsToSnapshot: true });
    expect(await tags()).toEqual([{ Key: 'owner', Value: 'shop' }]);
    await client.send(new DeleteDBSnapshotCommand({ DBSnapshotIdentifier: 'backup' }));
    await expect(accounts()).rejects.toMatchObject({ name: 'DBSnapshotNotFoundFault' });
  });

  it.each([
    [{ ValuesToAdd: ['everybody'] }, 'InvalidParameterValue'],
    [{ ValuesToAdd: Array.from({ length: 21 }, (_, n) => String(100_000_000_000 + n)) }, 'SharedSnapshotQuotaExceeded'],
  ])('refuses %o', async (change, name) => {
    await createSnapshot();
    await expect(share(change)).rejects.toMatchObject({ name: expect.stringContaining(name) });
  });

  it('is not modelled as public if it is encrypted', async () => {
    await createSnapshot({ StorageEncrypted: true });
    await expect(share({ ValuesToAdd: ['all'] })).rejects.toMatchObject({ name: 'NotModelled' });
  });
});

it('shares the snapshot of a Neptune cluster', async () => {
  await createCluster({ Engine: 'neptune' });
  const names = { DBClusterSnapshotIdentifier: 'graph', DBClusterIdentifier: 'orders' };
  await client.send(new CreateDBClusterSnapshotCommand(names));
  await minutesLater(3);
  const neptune = administratorClient(sandbox, NeptuneClient);
  const DBClusterSnapshotIdentifier = 'graph';
  const share = { DBClusterSnapshotIdentifier, AttributeName: 'restore', ValuesToAdd: ['all'] };
  await neptune.send(new ShareGraphSnapshotCommand(share));
  const { DBClusterSnapshotAttributesResult } = await client.send(
    new DescribeDBClusterSnapshotAttributesCommand({ DBClusterSnapshotIdentifier }),
  );
  expect(DBClusterSnapshotAttributesResult!.DBClusterSnapshotAttributes).toEqual([
    { AttributeName: 'restore', AttributeValues: ['all'] },
  ]);
});
