/** One target, the ledger, and others who are at work on it: the state of all three afterwards. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { leaseKey, targetKey } from '../../ip-ranges/contract/targets.ts';
import { dynamoIpRanges, type IpRangesLedger } from '../../ip-ranges/function/ledger.ts';
import type { Site } from '../../ip-ranges/function/site.ts';
import { update } from '../../ip-ranges/function/update.ts';
import { callOf } from '../../ip-ranges/function/view.ts';
import { NOTHING_LEARNED } from '../../ip-ranges/planning/assign.ts';
import { converge } from '../../ip-ranges/planning/converge.ts';
import { learnt } from '../../ip-ranges/planning/learn.ts';
import { plan } from '../../ip-ranges/planning/plan.ts';
import { own, twoAccounts } from '../sandbox/support/two-accounts.ts';
import { clockOf, Model, ownRanges } from './model.ts';
import { documentOf, targetOf } from './support.ts';

const TABLE = 'ledger';
const target = targetOf();
let dynamo: DynamoDBClient;
let clock: ReturnType<typeof clockOf>;
let ledger: IpRangesLedger;
let model: Model;

beforeEach(async () => {
  const sandbox = await twoAccounts();
  dynamo = new DynamoDBClient({ ...sandbox.administrator(own), requestHandler: sandbox.inProcess, maxAttempts: 1 });
  await dynamo.send(
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
  clock = clockOf();
  ledger = dynamoIpRanges(TABLE, dynamo, clock.now);
  model = new Model();
});

const siteOn = (model: Model): Site => ({
  see: async () => ({ holders: [], attachedTo: 0 }),
  async look(document, options) {
    const { steps, ...planned } = plan(document, await model.read(), target, options);
    return { ...planned, calls: steps.map(callOf), holders: [], attachedTo: 0 };
  },
  async bring(document, options, clock) {
    const made = await converge({
      world: model,
      clock,
      plan: (state, learned) => plan(document, state, target, { ...options, learned }),
      learned: NOTHING_LEARNED,
      learn: learnt,
    });
    return { calls: made.done.map(callOf), figures: made.plan.figures, notes: [] };
  },
});
const bring = (ranges: readonly string[], syncToken: string, more: { run?: string; published?: boolean } = {}) =>
  update(target, documentOf(ranges, { syncToken }), {
    site: siteOn(model),
    ledger,
    clock,
    run: 'run-1',
    options: { allowShrink: true },
    published: true,
    ...more,
  });

describe('a target', () => {
  it('is brought to the document, and the ledger says so', async () => {
    expect(await bring(['192.0.2.0/24'], '7')).toMatchObject({ kind: 'changed' });
    expect(ownRanges(model)).toEqual(['192.0.2.0/24']);
    expect(await ledger.applied(target.key)).toMatchObject({ syncToken: 7, ranges: 1, groups: 1 });
  });
  it('never goes back to an older document', async () => {
    await bring(['192.0.2.0/24'], '7');
    expect(await bring(['198.51.100.0/24'], '6')).toEqual({ kind: 'superseded', by: 7 });
    expect(ownRanges(model)).toEqual(['192.0.2.0/24']);
    expect(await ledger.record(target.key, { syncToken: 6, at: '', ranges: 9, groups: 9 })).toBe(false);
    expect(await ledger.applied(target.key)).toMatchObject({ syncToken: 7, ranges: 1 });
  });
  it('is not written to, nor the ledger, by the same document again', async () => {
    await bring(['192.0.2.0/24'], '7');
    const before = await ledger.applied(target.key);
    const calls = model.calls.length;
    await clock.sleep(1000);
    expect(await bring(['192.0.2.0/24'], '7')).toMatchObject({ kind: 'unchanged' });
    expect([await ledger.applied(target.key), model.calls.length]).toEqual([before, calls]);
  });
  it('is put right by the same document, when people changed it', async () => {
    await bring(['192.0.2.0/24', '198.51.100.0/24'], '7');
    model.groups[0]!.rules.pop();
    expect(await bring(['192.0.2.0/24', '198.51.100.0/24'], '7')).toMatchObject({ kind: 'changed' });
    expect(ownRanges(model)).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
  });
  it('leaves no trace in the ledger of a document given by hand', async () => {
    await bring(['192.0.2.0/24'], '9999999999', { published: false });
    expect(ownRanges(model)).toEqual(['192.0.2.0/24']);
    expect(await ledger.applied(target.key)).toBeUndefined();
  });
  it('is given back after a failure, and the ledger does not claim what was not reached', async () => {
    model.fault = () => new Error('out of order');
    await expect(bring(['192.0.2.0/24'], '7')).rejects.toThrow('out of order');
    expect(await ledger.applied(target.key)).toBeUndefined();
    expect(await ledger.take(target.key, 'run-2', clock.deadline)).toBe(true);
  });
});

describe('two runs at once', () => {
  it('write one after the other, and the newer document wins', async () => {
    const writing: string[] = [];
    model.onCall = (step) => void writing.push(step.kind);
    const outcomes = await Promise.all([
      bring(['192.0.2.0/24'], '7', { run: 'run-1' }),
      bring(['192.0.2.0/24', '198.51.100.0/24'], '8', { run: 'run-2' }),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toContain('changed');
    expect(ownRanges(model)).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    expect(await ledger.applied(target.key)).toMatchObject({ syncToken: 8 });
    expect(model.groups).toHaveLength(1);
  });
  it('a lease is waited for, and its holder is never disturbed', async () => {
    expect(await ledger.take(target.key, 'other', clock.deadline + 60_000)).toBe(true);
    await expect(bring(['192.0.2.0/24'], '7')).rejects.toThrow(/Another run was writing/);
    expect(model.calls).toEqual([]);
    await ledger.release(target.key, 'run-1');
    expect(await ledger.take(target.key, 'run-1', clock.deadline)).toBe(false);
  });
  it('a lease that was left behind ends by itself', async () => {
    await ledger.take(target.key, 'dead', clock.now() + 30_000);
    expect(await bring(['192.0.2.0/24'], '7')).toMatchObject({ kind: 'changed' });
  });
  it('who waited looks again: the document may be old by then', async () => {
    await ledger.take(target.key, 'other', clock.now() + 10_000);
    const waiting = bring(['192.0.2.0/24'], '7');
    await ledger.record(target.key, { syncToken: 8, at: '2026-01-01T00:00:00.000Z', ranges: 1, groups: 1 });
    expect(await waiting).toEqual({ kind: 'superseded', by: 8 });
    expect(model.calls).toEqual([]);
  });
});

it('keeps to one partition of the ledger', () => {
  expect([targetKey('a').pk, leaseKey('a').pk]).toEqual(['ip-ranges', 'ip-ranges']);
});
