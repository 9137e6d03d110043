/** A run for one target: groups, ledger and lease afterwards, also with a second run at the same time. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { leaseKey, targetKey } from '../../ip-ranges/contract/targets.ts';
import { callOf } from '../../ip-ranges/function/calls.ts';
import { converge } from '../../ip-ranges/function/converge.ts';
import { dynamoIpRanges, type IpRangesLedger } from '../../ip-ranges/function/ledger.ts';
import { type BringOptions, problemOf, type TargetSite } from '../../ip-ranges/function/site.ts';
import { update } from '../../ip-ranges/function/update.ts';
import { wantedRanges } from '../../ip-ranges/planning/document.ts';
import { heldRanges, planGroups } from '../../ip-ranges/planning/plan.ts';
import { type GroupState, rulesFor } from '../../ip-ranges/planning/state.ts';
import { OWN_ACCOUNT, twoAccounts } from '../sandbox/support/two-accounts.ts';
import { clockOf, Model, ownRanges } from './model.ts';
import { documentOf, rangesTarget } from './support.ts';

const TABLE = 'ledger';
const target = rangesTarget();
let dynamo: DynamoDBClient;
let clock: ReturnType<typeof clockOf>;
let ledger: IpRangesLedger;
let model: Model;

beforeEach(async () => {
  const sandbox = await twoAccounts();
  dynamo = new DynamoDBClient({
    ...sandbox.administrator(OWN_ACCOUNT),
    requestHandler: sandbox.inProcess,
    maxAttempts: 1,
  });
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

const siteOn = (model: Model): Pick<TargetSite, 'look' | 'bring'> => ({
  async look(document, options) {
    const state = await model.read();
    const planned = planGroups(document, state, target, options);
    const { figures, notes } = planned;
    const report = { holders: [], attachedTo: 0, notes: [...notes] };
    const plan = { calls: planned.steps.map(callOf), notes: [...notes], figures, error: problemOf(planned) };
    return { report, plan, held: heldRanges(state) };
  },
  async bring(document, options, clock) {
    const planFor = (state: GroupState) => planGroups(document, state, target, options);
    const { plan, done } = await converge(model, planFor, clock);
    return { calls: done.map(callOf), figures: plan.figures, notes: [], error: problemOf(plan) };
  },
});
const CHANGED = { calls: expect.arrayContaining([expect.objectContaining({ call: expect.any(String) })]) };
const superseded = (by: number) => ({
  calls: [],
  notes: [`the target was brought to the newer syncToken ${by} already`],
});
const applied = async () => (await ledger.read(target.key)).applied;
/** The ledger's item of a target after a document was applied. */
const appliedAt = (syncToken: number, ranges = 1) => ({
  syncToken,
  createDate: '2025-10-27-18-28-20',
  services: ['CLOUDFRONT'],
  at: '2026-01-01T00:00:00.000Z',
  ranges,
  groups: 1,
});
const bring = (
  ranges: readonly string[],
  syncToken: string,
  { options = { allowShrink: true }, ...more }: { run?: string; options?: Partial<BringOptions> } = {},
) =>
  update(
    target,
    documentOf(ranges, { syncToken }),
    { isPublished: true, ...options },
    {
      site: siteOn(model),
      ledger,
      clock,
      run: 'run-1',
      ...more,
    },
  );

describe('a target', () => {
  it('gets the ranges of the document, and the ledger records it', async () => {
    expect(await bring(['192.0.2.0/24'], '7')).toMatchObject(CHANGED);
    expect(ownRanges(model)).toEqual(['192.0.2.0/24']);
    expect(await applied()).toEqual({
      ...appliedAt(7),
      services: ['CLOUDFRONT_ORIGIN_FACING'],
      at: expect.stringMatching(/^2026-01-01T/),
    });
  });
  it('ignores a document older than the applied one', async () => {
    await bring(['192.0.2.0/24'], '7');
    expect(await bring(['198.51.100.0/24'], '6')).toEqual(superseded(7));
    expect(ownRanges(model)).toEqual(['192.0.2.0/24']);
    expect(await ledger.record(target, appliedAt(6, 9), [])).toBe(false);
    expect(await applied()).toMatchObject({ syncToken: 7, ranges: 1 });
  });
  it('is unchanged by the same document, and so is the ledger', async () => {
    await bring(['192.0.2.0/24'], '7');
    const before = await applied();
    const calls = model.calls.length;
    await clock.sleep(1000);
    expect(await bring(['192.0.2.0/24'], '7')).toMatchObject({ calls: [] });
    expect([await applied(), model.calls.length]).toEqual([before, calls]);
  });
  it('is corrected by the same document after people changed it', async () => {
    await bring(['192.0.2.0/24', '198.51.100.0/24'], '7');
    model.groups[0]!.rules.pop();
    expect(await bring(['192.0.2.0/24', '198.51.100.0/24'], '7')).toMatchObject(CHANGED);
    expect(ownRanges(model)).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
  });
  it('has no record in the ledger for a document given by hand', async () => {
    await bring(['192.0.2.0/24'], '9999999999', { options: { isPublished: false } });
    expect(ownRanges(model)).toEqual(['192.0.2.0/24']);
    expect(await applied()).toBeUndefined();
  });
  it('that refuses a part of a document gets the rest, and the ledger does not record the document', async () => {
    await bring(['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'], '7');
    const outcome = await bring(['192.0.2.0/24', '203.0.112.0/24'], '8', { options: {} });
    expect(outcome).toMatchObject({ ...CHANGED, error: { name: 'DocumentRefused' } });
    expect(ownRanges(model)).toHaveLength(4);
    expect(await applied()).toMatchObject({ syncToken: 7 });
  });
  it('has why the last run failed in the ledger, until a document is applied', async () => {
    const failure = { name: 'TargetBlocked', message: 'no room.', syncToken: '8', createDate: '', at: '' };
    await ledger.recordFailure(target, await ledger.read(target.key), failure);
    expect(await ledger.known()).toEqual([]);
    await bring(['192.0.2.0/24'], '7');
    const before = await ledger.read(target.key);
    await ledger.recordFailure(target, before, failure);
    expect(await ledger.read(target.key)).toEqual({ ...before, lastFailure: failure });
    // The same document, to which nothing is to be done.
    await bring(['192.0.2.0/24'], '7');
    expect((await ledger.read(target.key)).lastFailure).toBeUndefined();
    await bring(['198.51.100.0/24'], '9');
    expect(await ledger.recordFailure(target, before, failure)).toBe(false);
    expect(await ledger.read(target.key)).toMatchObject({ applied: { syncToken: 9 }, lastFailure: undefined });
  });
  it('stays refused until somebody allows the shrink, however many ranges were added', async () => {
    const [before, after] = [20, 40].map((from) => Array.from({ length: 20 }, (_, n) => `198.${from + n}.0.0/24`));
    await bring(before!, '7');
    for (const syncToken of ['8', '8', '9']) {
      const outcome = await bring(after!, syncToken, { options: {} });
      expect(outcome).toMatchObject({
        error: { message: expect.stringMatching(/100 % of the IPv4 ranges \(20 of 20\)/) },
      });
      expect(ownRanges(model)).toEqual([...before!, ...after!].sort());
    }
    await bring(after!, '9');
    expect(ownRanges(model)).toEqual(after);
  });
  it('without a record in the ledger is compared with its ranges before the first change', async () => {
    const [before, after] = [20, 40].map((from) => Array.from({ length: 20 }, (_, n) => `198.${from + n}.0.0/24`));
    const held = wantedRanges(documentOf(before!), target).ranges;
    model.allow(model.add({ name: 'AUTOUPDATE-1' }), rulesFor(held, target.ports), true);
    const outcome = await bring(after!, '8', { options: {} });
    expect(outcome).toMatchObject({ error: { name: 'DocumentRefused' } });
    expect(ownRanges(model)).toHaveLength(40);
  });
  it('is in the ledger from its first change until it is removed', async () => {
    expect(await ledger.known()).toEqual([]);
    model.fault = (step) => (step.kind === 'seal' ? new Error('out of order') : undefined);
    await expect(bring(['192.0.2.0/24'], '7')).rejects.toThrow('out of order');
    expect(await ledger.known()).toEqual([{ key: target.key, mode: 'security-groups' }]);
    model.fault = () => undefined;
    await bring(['192.0.2.0/24'], '7');
    expect(await ledger.known()).toEqual([{ key: target.key, mode: 'security-groups' }]);
    await ledger.forget(target.key);
    expect([await ledger.known(), await applied()]).toEqual([[], undefined]);
  });
  it('is stored with its mode and with ranges of both families', async () => {
    const { ranges } = wantedRanges(documentOf(['192.0.2.0/24', '2001:db8::/32']), target);
    await ledger.register({ key: 'a list', mode: 'prefix-list' }, ranges);
    expect(await ledger.known()).toEqual([{ key: 'a list', mode: 'prefix-list' }]);
    expect(await ledger.read('a list')).toEqual({ applied: undefined, baseline: ranges });
  });
  it('has no applied document in the ledger while Suture is stopped', async () => {
    const site = siteOn(model);
    const halted = {
      ...site,
      bring: async (...of: Parameters<TargetSite['bring']>) => ({ ...(await site.bring(...of)), halted: true }),
    };
    const document = documentOf(['192.0.2.0/24'], { syncToken: '7' });
    await update(target, document, { isPublished: true }, { site: halted, ledger, clock, run: 'run-1' });
    expect([ownRanges(model), await applied()]).toEqual([['192.0.2.0/24'], undefined]);
  });
  it('releases its lease after a failure, and the ledger does not record the document', async () => {
    model.fault = () => new Error('out of order');
    await expect(bring(['192.0.2.0/24'], '7')).rejects.toThrow('out of order');
    expect(await applied()).toBeUndefined();
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
    expect(outcomes.some(({ calls }) => calls.length > 0)).toBe(true);
    expect(ownRanges(model)).toEqual(['192.0.2.0/24', '198.51.100.0/24']);
    expect(await applied()).toMatchObject({ syncToken: 8 });
    expect(model.groups).toHaveLength(1);
  });
  it('wait for the lease, and never release that of another run', async () => {
    expect(await ledger.take(target.key, 'other', clock.deadline + 60_000)).toBe(true);
    await expect(bring(['192.0.2.0/24'], '7')).rejects.toThrow(/Another run was writing/);
    expect(model.calls).toEqual([]);
    await ledger.release(target.key, 'run-1');
    expect(await ledger.take(target.key, 'run-1', clock.deadline)).toBe(false);
  });
  it('need no lease if there is nothing to change', async () => {
    await bring(['192.0.2.0/24'], '7');
    expect(await ledger.take(target.key, 'other', clock.deadline + 60_000)).toBe(true);
    expect(await bring(['192.0.2.0/24'], '8')).toMatchObject({ calls: [] });
    expect(await applied()).toMatchObject({ syncToken: 8 });
  });
  it('take a lease that a dead run left, after it expires', async () => {
    await ledger.take(target.key, 'dead', clock.now() + 30_000);
    expect(await bring(['192.0.2.0/24'], '7')).toMatchObject(CHANGED);
  });
  it('check the ledger again after waiting, because the document may be outdated', async () => {
    await ledger.take(target.key, 'other', clock.now() + 10_000);
    const waiting = bring(['192.0.2.0/24'], '7');
    await ledger.record(target, appliedAt(8), []);
    expect(await waiting).toEqual(superseded(8));
    expect(model.calls).toEqual([]);
  });
});

it('keeps to one partition of the ledger', () => {
  expect([targetKey('a').pk, leaseKey('a').pk]).toEqual(['ip-ranges', 'ip-ranges']);
});
