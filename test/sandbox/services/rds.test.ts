import {
  AddTagsToResourceCommand,
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ListTagsForResourceCommand,
  ModifyDBInstanceCommand,
  type ModifyDBInstanceCommandInput,
  paginateDescribeDBInstances,
  RDSClient,
  RemoveTagsFromResourceCommand,
} from '@aws-sdk/client-rds';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { rds } from '../../../sandbox/services/rds/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

const MINUTE_MS = 60_000;
const ARN = 'arn:aws:rds:eu-central-1:111122223333:db:orders';

let sandbox: Sandbox;
let client: RDSClient;

beforeEach(async () => {
  sandbox = await sandboxFor(rds);
  client = administratorClient(sandbox, RDSClient);
});
afterEach(() => sandbox.close());

const minutesLater = (minutes: number) => sandbox.kernel.clock.advance(minutes * MINUTE_MS);
const create = (DBInstanceIdentifier = 'orders', more: object = {}) =>
  client.send(
    new CreateDBInstanceCommand({ DBInstanceIdentifier, DBInstanceClass: 'db.t4g.micro', Engine: 'mysql', ...more }),
  );
const createAvailable = async (more: object = {}) => {
  await create('orders', more);
  await minutesLater(5);
};
const modify = (change: Partial<ModifyDBInstanceCommandInput>) =>
  client.send(new ModifyDBInstanceCommand({ DBInstanceIdentifier: 'orders', ...change }));
const shown = async (DBInstanceIdentifier = 'orders') => {
  const { DBInstances } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  return DBInstances![0]!;
};

describe('a DB instance', () => {
  it('takes minutes to be created, then is available with the defaults of AWS', async () => {
    const { DBInstance } = await create('Orders', { MasterUserPassword: 'secret-1' });
    expect(DBInstance).toMatchObject({ DBInstanceIdentifier: 'orders', DBInstanceStatus: 'creating' });
    await expect(modify({ DeletionProtection: true })).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    await minutesLater(5);
    const instance = await shown();
    expect(instance).toMatchObject({
      DBInstanceArn: ARN,
      DBInstanceStatus: 'available',
      AutoMinorVersionUpgrade: true,
      BackupRetentionPeriod: 1,
      DeletionProtection: false,
      PubliclyAccessible: false,
    });
    expect(JSON.stringify(instance)).not.toContain('secret-1');
    await expect(create()).rejects.toMatchObject({ name: 'DBInstanceAlreadyExistsFault' });
  });

  it('is found by its ARN, and by no other name', async () => {
    await createAvailable();
    expect(await shown(ARN)).toMatchObject({ DBInstanceIdentifier: 'orders' });
    await expect(shown('invoices')).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
      message: 'DBInstance invoices not found.',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('stays available when only its settings change', async () => {
    await createAvailable();
    const { DBInstance } = await modify({ DeletionProtection: true, CopyTagsToSnapshot: true });
    expect(DBInstance).toMatchObject({
      DBInstanceStatus: 'available',
      DeletionProtection: true,
      CopyTagsToSnapshot: true,
    });
  });

  it('takes minutes to lose a public address', async () => {
    await createAvailable({ PubliclyAccessible: true });
    await modify({ PubliclyAccessible: false });
    expect(await shown()).toMatchObject({ DBInstanceStatus: 'modifying', PubliclyAccessible: true });
    await expect(modify({ DeletionProtection: true })).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    await minutesLater(3);
    expect(await shown()).toMatchObject({ DBInstanceStatus: 'available', PubliclyAccessible: false });
  });

  it('enables backups in the maintenance window, or at once together with all pending changes', async () => {
    await createAvailable({ BackupRetentionPeriod: 0 });
    await modify({ MultiAZ: true });
    const { DBInstance } = await modify({ BackupRetentionPeriod: 7 });
    expect(DBInstance).toMatchObject({
      DBInstanceStatus: 'available',
      BackupRetentionPeriod: 0,
      PendingModifiedValues: { MultiAZ: true, BackupRetentionPeriod: 7 },
    });
    await modify({ BackupRetentionPeriod: 8, ApplyImmediately: true });
    expect(await shown()).toMatchObject({
      DBInstanceStatus: 'modifying',
      BackupRetentionPeriod: 0,
      PendingModifiedValues: { MultiAZ: true, BackupRetentionPeriod: 8 },
    });
    await minutesLater(3);
    const instance = await shown();
    expect(instance).toMatchObject({ DBInstanceStatus: 'available', BackupRetentionPeriod: 8, MultiAZ: true });
    expect(instance.PendingModifiedValues).toEqual({});
  });

  it('gets a longer backup retention without a maintenance window', async () => {
    await createAvailable({ BackupRetentionPeriod: 3 });
    await modify({ BackupRetentionPeriod: 7 });
    await minutesLater(3);
    expect(await shown()).toMatchObject({ BackupRetentionPeriod: 7, PendingModifiedValues: {} });
  });

  it('takes minutes to be deleted, unless it is protected', async () => {
    await createAvailable({ DeletionProtection: true });
    const remove = () =>
      client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'orders', SkipFinalSnapshot: true }));
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidParameterCombination' });
    await modify({ DeletionProtection: false });
    await remove();
    expect(await shown()).toMatchObject({ DBInstanceStatus: 'deleting' });
    await expect(remove()).rejects.toMatchObject({ name: 'InvalidDBInstanceStateFault' });
    await minutesLater(3);
    await expect(shown()).rejects.toMatchObject({ name: 'DBInstanceNotFoundFault' });
  });

  it('has tags', async () => {
    await createAvailable({ Tags: [{ Key: 'owner', Value: 'shop' }] });
    await client.send(new AddTagsToResourceCommand({ ResourceName: ARN, Tags: [{ Key: 'stage', Value: 'test' }] }));
    expect((await shown()).TagList).toEqual([
      { Key: 'owner', Value: 'shop' },
      { Key: 'stage', Value: 'test' },
    ]);
    await client.send(new RemoveTagsFromResourceCommand({ ResourceName: ARN, TagKeys: ['owner'] }));
    const { TagList } = await client.send(new ListTagsForResourceCommand({ ResourceName: ARN }));
    expect(TagList).toEqual([{ Key: 'stage', Value: 'test' }]);
    const other = ARN.replace('orders', 'invoices');
    await expect(client.send(new ListTagsForResourceCommand({ ResourceName: other }))).rejects.toMatchObject({
      name: 'DBInstanceNotFoundFault',
    });
  });
});

it('lists instances in pages of at least twenty', async () => {
  for (let n = 0; n < 25; n++) await create(`orders-${n}`);
  const sizes: number[] = [];
  for await (const { DBInstances } of paginateDescribeDBInstances({ client, pageSize: 20 }, {}))
    sizes.push(DBInstances!.length);
  expect(sizes).toEqual([20, 5]);
  await expect(client.send(new DescribeDBInstancesCommand({ MaxRecords: 5 }))).rejects.toMatchObject({
    name: 'InvalidParameterValue',
  });
});

it.each([
  [{ StorageType: 'gp3' }, 'NotModelled', 'The sandbox does not model the member StorageType of CreateDBInstance.'],
  [
    { Engine: 'oracle-ee' },
    'NotModelled',
    'The sandbox does not model the value "oracle-ee" of Engine in CreateDBInstance.',
  ],
  [{ BackupRetentionPeriod: 36 }, 'InvalidParameterValue', /BackupRetentionPeriod: must be from 0 to 35/],
])('refuses %o', async (more, name, message) => {
  await expect(create('orders', more)).rejects.toMatchObject({
    name,
    message: typeof message === 'string' ? message : expect.stringMatching(message),
  });
});

it('has a quota of instances', async () => {
  for (let n = 0; n < 40; n++) await create(`orders-${n}`);
  await expect(create('one-more')).rejects.toMatchObject({ name: 'InstanceQuotaExceededFault' });
});
