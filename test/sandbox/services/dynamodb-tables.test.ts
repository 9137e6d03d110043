import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { dynamodb } from '../../../sandbox/services/dynamodb/index.ts';
import { BACKFILL_MS } from '../../../sandbox/services/dynamodb/indexes.ts';
import { DYNAMODB } from '../../../sandbox/services/dynamodb/state.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { LEDGER_TABLE_ARN, TEST_TABLE, tableKey, tableSandbox } from '../support/dynamodb-ledger.ts';
import { HOME, smallKernel } from '../support/small-kernel.ts';

const DAY_MS = 86_400_000;

describe('a table', () => {
  it('returns expired items for a while and deletes them within two days', async () => {
    const { kernel, call, put, get } = await tableSandbox();
    await call('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
    const seconds = (ms: number) => ({ N: String(Math.floor((kernel.clock.now() + ms) / 1000)) });
    await put({ ...tableKey('short'), expires: seconds(60_000) });
    await put({ ...tableKey('long'), expires: seconds(30 * DAY_MS) });
    await put({ ...tableKey('mistaken'), expires: { N: '12' } });
    await kernel.clock.advance(3_600_000);
    expect(await get(tableKey('short'))).toBeDefined();
    await kernel.clock.advance(2 * DAY_MS);
    expect(await get(tableKey('short'))).toBeUndefined();
    expect(await get(tableKey('long'))).toBeDefined();
    expect(await get(tableKey('mistaken'))).toBeDefined();
  });

  it('cannot be deleted while deletion protection is on', async () => {
    const { call } = await tableSandbox();
    const protect = (DeletionProtectionEnabled: boolean) => call('UpdateTable', { DeletionProtectionEnabled });
    await protect(true);
    expect((await call('DescribeTable', {})).Table).toMatchObject({ DeletionProtectionEnabled: true });
    await expect(call('DeleteTable', {})).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(call('UpdateTable', {})).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(call('UpdateTable', { BillingMode: 'PROVISIONED' })).rejects.toMatchObject({ code: 'NotModelled' });
    await protect(false);
    await call('DeleteTable', {});
  });

  it('gets one index at a time, which cannot be read until it is filled', async () => {
    const { kernel, call, put } = await tableSandbox();
    await put({ ...tableKey('1'), colour: { S: 'red' } });
    const byColour = {
      IndexName: 'byColour',
      KeySchema: [{ AttributeName: 'colour', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    };
    const AttributeDefinitions = [{ AttributeName: 'colour', AttributeType: 'S' }];
    const update = (...GlobalSecondaryIndexUpdates: object[]) =>
      call('UpdateTable', { AttributeDefinitions, GlobalSecondaryIndexUpdates });
    const red = () =>
      call('Query', {
        IndexName: 'byColour',
        KeyConditionExpression: 'colour = :red',
        ExpressionAttributeValues: { ':red': { S: 'red' } },
      });
    const statusOf = async () =>
      (await call('DescribeTable', {})).Table.GlobalSecondaryIndexes.map((index: any) => index.IndexStatus);
    const another = { Create: { ...byColour, IndexName: 'another' } };
    await expect(update({ Create: byColour }, another)).rejects.toMatchObject({ code: 'LimitExceededException' });
    await expect(update({ Create: byColour })).resolves.toBeDefined();
    expect(await statusOf()).toEqual(['ACTIVE', 'CREATING']);
    await expect(red()).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(update(another)).rejects.toMatchObject({ code: 'LimitExceededException' });
    await put({ ...tableKey('2'), colour: { S: 'red' } });
    await kernel.clock.advance(BACKFILL_MS);
    expect(await statusOf()).toEqual(['ACTIVE', 'ACTIVE']);
    expect((await red()).Items.map(({ pk }: any) => pk.S).sort()).toEqual(['1', '2']);
    await update({ Delete: { IndexName: 'byOwner' } });
    const { Table } = await call('DescribeTable', {});
    expect(Table.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'byColour' }]);
    expect(Table.AttributeDefinitions.map((each: any) => each.AttributeName)).toEqual(['pk', 'sk', 'colour']);
    await put({ ...tableKey('3'), owner: { N: '7' } });
  });

  it('has tags', async () => {
    const { kernel } = await tableSandbox({ Tags: [{ Key: 'owner', Value: 'me' }] });
    const tags = async () =>
      (await kernel.as('dynamodb', 'ListTagsOfResource', { ResourceArn: LEDGER_TABLE_ARN })).Tags;
    await kernel.as('dynamodb', 'TagResource', {
      ResourceArn: LEDGER_TABLE_ARN,
      Tags: [{ Key: 'stage', Value: 'test' }],
    });
    expect(kernel.needed.at(-1)).toMatchObject({
      action: 'dynamodb:TagResource',
      resource: LEDGER_TABLE_ARN,
      context: { 'aws:RequestTag/stage': 'test', 'aws:TagKeys': ['stage'] },
    });
    await kernel.as('dynamodb', 'UntagResource', { ResourceArn: LEDGER_TABLE_ARN, TagKeys: ['owner'] });
    expect(await tags()).toEqual([{ Key: 'stage', Value: 'test' }]);
  });

  it('describes time to live and point-in-time recovery', async () => {
    const { call } = await tableSandbox();
    expect(await call('DescribeTimeToLive', {})).toEqual({ TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' } });
    await call('UpdateTimeToLive', { TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true } });
    expect(await call('DescribeTimeToLive', {})).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' },
    });
    const recovery = async () =>
      (await call('DescribeContinuousBackups', {})).ContinuousBackupsDescription.PointInTimeRecoveryDescription;
    expect(await recovery()).toEqual({ PointInTimeRecoveryStatus: 'DISABLED' });
    await call('UpdateContinuousBackups', { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
    expect(await recovery()).toMatchObject({ PointInTimeRecoveryStatus: 'ENABLED', RecoveryPeriodInDays: 35 });
  });

  it('is described, listed, and deleted unless it is protected', async () => {
    const { kernel, call } = await tableSandbox({ DeletionProtectionEnabled: true });
    expect((await call('DescribeTable', {})).Table).toMatchObject({
      TableArn: LEDGER_TABLE_ARN,
      TableStatus: 'ACTIVE',
      CreationDateTime: new Date(kernel.clock.now()),
      DeletionProtectionEnabled: true,
      GlobalSecondaryIndexes: [{ IndexArn: `${LEDGER_TABLE_ARN}/index/byOwner`, IndexStatus: 'ACTIVE' }],
    });
    await expect(call('DeleteTable', {})).rejects.toThrow('protected against deletion');
    await kernel.as('dynamodb', 'CreateTable', { ...TEST_TABLE, TableName: 'other' });
    await kernel.as('dynamodb', 'DeleteTable', { TableName: 'other' });
    expect(await kernel.as('dynamodb', 'ListTables', {})).toEqual({ TableNames: ['ledger'] });
  });

  it('cannot have a stream without a kind of images', async () => {
    await expect(tableSandbox({ StreamSpecification: { StreamEnabled: true } })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});

describe('a table in a template', () => {
  const { TableName: _, ...properties } = TEST_TABLE;
  const deploy = (kernel: ReturnType<typeof smallKernel>, Type: string, more: object) =>
    deployTemplate(kernel, HOME, 'app', { Resources: { Ledger: { Type, Properties: { ...properties, ...more } } } });

  it('has time to live, point-in-time recovery and encryption', async () => {
    const kernel = smallKernel(dynamodb, kms);
    const { Arn, KeyId } = (await kernel.as('kms', 'CreateKey', {})).KeyMetadata;
    await kernel.as('kms', 'CreateAlias', { AliasName: 'alias/ledger', TargetKeyId: KeyId });
    const stack = await deploy(kernel, 'AWS::DynamoDB::Table', {
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: 'alias/ledger' },
    });
    const { ref, attributes } = stack.resources.get('Ledger')!.created;
    expect(attributes!.Arn).toBe(`arn:aws:dynamodb:us-east-1:111122223333:table/${ref}`);
    const table = kernel.state(DYNAMODB, HOME).tables.get(ref)!;
    expect(table).toMatchObject({ timeToLive: { attribute: 'expires' }, recoveryDays: 35 });
    expect(table.description.SSEDescription?.KMSMasterKeyArn).toBe(Arn);
    expect(kernel.needed.map(({ action }) => action)).toContain('kms:CreateGrant');
  });

  it('changes deletion protection in place, not its keys', async () => {
    const kernel = smallKernel(dynamodb);
    const stack = await deploy(kernel, 'AWS::DynamoDB::Table', {});
    await deploy(kernel, 'AWS::DynamoDB::Table', { DeletionProtectionEnabled: true });
    const table = kernel.state(DYNAMODB, HOME).tables.get(stack.resources.get('Ledger')!.created.ref);
    expect(table?.deletionProtection).toBe(true);
    const otherKeys = { KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] };
    await expect(deploy(kernel, 'AWS::DynamoDB::Table', otherKeys)).rejects.toMatchObject({ code: 'NotModelled' });
  });

  it('can be a global table with one replica', async () => {
    const kernel = smallKernel(dynamodb);
    const replica = { Region: { Ref: 'AWS::Region' }, DeletionProtectionEnabled: true };
    const stack = await deploy(kernel, 'AWS::DynamoDB::GlobalTable', { Replicas: [replica] });
    expect(
      kernel.state(DYNAMODB, HOME).tables.get(stack.resources.get('Ledger')!.created.ref)?.deletionProtection,
    ).toBe(true);
    const two = { Replicas: [replica, { Region: 'eu-west-1' }] };
    await expect(deploy(smallKernel(dynamodb), 'AWS::DynamoDB::GlobalTable', two)).rejects.toThrow(
      'more than one replica',
    );
  });

  it('cannot have an unknown property', async () => {
    await expect(deploy(smallKernel(dynamodb), 'AWS::DynamoDB::Table', { StreamSpecification: {} })).rejects.toThrow(
      /Ledger.*StreamSpecification/,
    );
  });
});
