import { CreateTableCommand, DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { dynamoIpRangesRequests } from '../../functions/ledger/ip-ranges-requests.ts';
import { dynamoKillSwitch } from '../../functions/ledger/kill-switch.ts';
import type { IpRangesRequests } from '../../functions/ports/ip-ranges-requests.ts';
import { OWN_ACCOUNT, twoAccounts } from '../sandbox/support/two-accounts.ts';

const TABLE = 'ledger';
let client: DynamoDBClient;
let requests: IpRangesRequests;
beforeAll(async () => {
  const sandbox = await twoAccounts();
  client = new DynamoDBClient({ ...sandbox.administrator(OWN_ACCOUNT), requestHandler: sandbox.inProcess });
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await sandbox.kernel.clock.advance(60_000);
  requests = dynamoIpRangesRequests(TABLE, client);
});

const STOPS = { FilterExpression: 'pk = :stop', ExpressionAttributeValues: { ':stop': { S: 'stop' } } };
const ASKED = { at: '2026-01-01T00:00:00.000Z', by: 'ada', reason: 'a trial', command: { command: 'apply' as const } };

describe('a request', () => {
  it('is returned as it was stored, and keeps its first result', async () => {
    const request = { id: 'a', ...ASKED, document: { syncToken: '7', prefixes: [] } };
    expect(await requests.add(request)).toBe(true);
    expect(await requests.find('a')).toEqual(request);
    await requests.finish('a', { targets: [] });
    await requests.finish('a', { error: {} });
    expect(await requests.find('a')).toEqual({ ...request, result: { targets: [] } });
    expect(await requests.find('b')).toBeUndefined();
  });
  it('starts without a result, and cannot be added twice', async () => {
    await requests.add({ id: 'c', ...ASKED, approved: 'd', result: {} });
    expect(await requests.find('c')).toEqual({ id: 'c', ...ASKED, approved: 'd' });
    await expect(requests.add({ id: 'c', ...ASKED })).rejects.toThrow('The conditional request failed');
  });
  it('refuses a document larger than an item', async () => {
    const noise = Array.from({ length: 60_000 }, () => Math.random());
    expect(await requests.add({ id: 'e', ...ASKED, document: noise })).toBe(false);
    expect(await requests.find('e')).toBeUndefined();
  });
});

describe('the kill switch', () => {
  it('has its scope and everybody who stopped, and is released with all its copies, only as it was read', async () => {
    const killSwitch = dynamoKillSwitch(TABLE, client);
    const line = { at: ASKED.at, by: 'eve', reason: 'a trial' };
    expect(await killSwitch.read()).toBeUndefined();
    expect([await killSwitch.set(line), await killSwitch.set(line)]).toEqual([true, false]);
    expect(await killSwitch.read()).toEqual(line);
    const later = { at: '2026-01-02T00:00:00.000Z', by: 'grace', reason: 'more' };
    expect([await killSwitch.set(later), await killSwitch.set(later)]).toEqual([true, false]);
    expect(await killSwitch.set(line)).toBe(false);
    expect(await killSwitch.set({ ...line, all: true })).toBe(true);
    expect(await killSwitch.set({ ...later, all: true })).toBe(false);
    const stopped = { ...line, also: ['grace'], all: true as const };
    expect(await killSwitch.read()).toEqual(stopped);
    const copies = () => client.send(new ScanCommand({ TableName: TABLE, ...STOPS }));
    expect((await copies()).Count).toBe(11);
    // As it was read before grace joined, or before it was widened.
    for (const read of [line, { ...line, all: true as const }, { ...line, also: ['grace'] }])
      expect(await killSwitch.release(read, line)).toBe(false);
    expect([await killSwitch.read(), (await copies()).Count]).toEqual([stopped, 11]);
    expect(await killSwitch.release(stopped, line)).toBe(true);
    expect([await killSwitch.read(), (await copies()).Count]).toEqual([undefined, 0]);
  });
});
