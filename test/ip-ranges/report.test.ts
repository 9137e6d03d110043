/** The report of a run: metrics, a log line, and an event for each target that was changed. */
import { EventBridgeClient, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { logger, metrics } from '../../functions/aws/observe.ts';
import type { TargetAnswer } from '../../ip-ranges/contract/command.ts';
import { report } from '../../ip-ranges/function/report.ts';
import { documentOf } from './support.ts';

const DOCUMENT = documentOf([], { syncToken: '1761589700' });
const changed = (target: string, more: Partial<TargetAnswer> = {}): TargetAnswer => ({
  ...{ target, mode: 'security-groups', services: ['S3'], figures: { ranges: 48, groups: 2 } },
  calls: [
    { call: 'AuthorizeSecurityGroupIngress', on: 'sg-1', add: ['a', 'b'] },
    { call: 'RevokeSecurityGroupIngress', on: 'sg-1', remove: ['c'] },
  ],
  ...more,
});
const unchanged = (target: string) => changed(target, { calls: [] });

let addMetric: MockInstance;
let logged: { info: MockInstance; error: MockInstance };
beforeEach(() => {
  addMetric = vi.spyOn(metrics, 'addMetric').mockReturnValue(metrics);
  logged = {
    info: vi.spyOn(logger, 'info').mockReturnValue(undefined),
    error: vi.spyOn(logger, 'error').mockReturnValue(undefined),
  };
});
afterEach(() => {
  vi.restoreAllMocks();
});
const written = () => Object.fromEntries(addMetric.mock.calls.map(([name, unit, value]) => [name, [value, unit]]));

async function tell(answers: readonly TargetAnswer[], reply: object | Error = {}, nowSeconds = 1_761_589_760) {
  const batches: PutEventsRequestEntry[][] = [];
  const send = async ({ input }: { input: { Entries: PutEventsRequestEntry[] } }) => {
    batches.push(input.Entries);
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const events = Object.assign(new EventBridgeClient({}), { send }) as unknown as EventBridgeClient;
  await report(answers, DOCUMENT, { events, now: nowSeconds * 1000, orphans: 4 });
  return batches;
}

describe('metrics', () => {
  it('are sums over all targets, and the age of the document', async () => {
    const refused = changed('b', { error: { name: 'DocumentRefused', message: '' } });
    const blocked = changed('c', {
      calls: undefined,
      figures: undefined,
      error: { name: 'TargetBlocked', message: '' },
    });
    await tell([changed('a'), refused, blocked]);
    expect(written()).toEqual({
      IpRangesWanted: [96, 'Count'],
      IpRangesGroups: [4, 'Count'],
      IpRangesAdded: [4, 'Count'],
      IpRangesRemoved: [2, 'Count'],
      IpRangesRefused: [1, 'Count'],
      IpRangesTargetsFailed: [2, 'Count'],
      IpRangesOrphans: [4, 'Count'],
      IpRangesDocumentAge: [60, 'Seconds'],
    });
  });
  it('have no age below zero', async () => {
    await tell([], {}, 1_761_589_000);
    expect(written().IpRangesDocumentAge).toEqual([0, 'Seconds']);
  });
});

describe('an event', () => {
  it('is published for each target that was changed, ten in a call', async () => {
    const batches = await tell([...Array.from({ length: 11 }, (_, n) => changed(`t${n}`)), unchanged('same')]);
    expect(batches.map((entries) => entries.length)).toEqual([10, 1]);
    const [{ Detail, ...entry }] = batches[0]! as [PutEventsRequestEntry];
    expect(entry).toEqual({
      ...{ EventBusName: 'default', Source: 'suture' },
      ...{ DetailType: 'Suture IP Ranges Changed', Resources: ['t0'] },
    });
    expect(JSON.parse(Detail!)).toEqual({
      ...{ target: 't0', services: ['S3'], syncToken: '1761589700' },
      ...{ added: 2, removed: 1, groups: 2 },
    });
  });
  it('that EventBridge refuses or does not get is logged, and the run does not fail', async () => {
    await tell([changed('a')]);
    expect(logged.error).not.toHaveBeenCalled();
    await tell([changed('a')], { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] });
    const message = expect.stringContaining('InternalFailure');
    const refused = expect.objectContaining({ name: 'ServiceUnavailable', message });
    expect(logged.error).toHaveBeenLastCalledWith('the event was not published', { error: refused });
    const error = new Error('away');
    await tell([changed('a')], error);
    expect(logged.error).toHaveBeenLastCalledWith('the event was not published', { error });
  });
});

it('logs every answer', async () => {
  const answers = [changed('a'), unchanged('b')];
  await tell(answers);
  const { syncToken, createDate } = DOCUMENT;
  expect(logged.info.mock.calls).toEqual([['ip ranges', { syncToken, createDate, targets: answers }]]);
});
