/** Answers to people, as far as no account is needed for them. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { IpRangesCommand } from '../../functions/domain/api-ip-ranges.ts';
import type { IpRangesRequest, IpRangesRequests } from '../../functions/ports/ip-ranges-requests.ts';
import type { IpRangesLedger } from '../../ip-ranges/function/ledger.ts';
import { answer, carryOutRequest, type OrderDeps, updateAll } from '../../ip-ranges/function/orders.ts';
import { problemOf } from '../../ip-ranges/function/site.ts';
import { clockOf } from './model.ts';
import { documentOf, OWN } from './support.ts';

const OLD = '333333333333/us-east-1/old';
const ledger = {
  known: async () => [{ key: OLD, mode: 'security-groups' }],
  read: async () => ({}),
} as unknown as IpRangesLedger;
const REQUEST: IpRangesRequest = {
  ...{ id: '0123456789ab', by: 'ada', reason: 'a trial', at: '2026-01-01T00:00:00.000Z' },
  command: { command: 'apply' },
};
const DOCUMENT = documentOf(['192.0.2.0/24'], { syncToken: '1761589700' });
const ask = (command: IpRangesCommand, more: Partial<IpRangesRequest> = {}) =>
  answer({ ...REQUEST, command, ...more }, deps());
const deps = (requests: Partial<IpRangesRequests> = {}): OrderDeps => ({
  targets: [],
  own: { partition: 'aws', account: OWN.account, run: 'run-1' },
  ledger,
  requests: { find: async () => undefined, ...requests } as IpRangesRequests,
  stop: async () => undefined,
  clock: clockOf(),
  download: async () => 'not a document',
  events: new EventBridgeClient({}),
});

describe('a plan that is refused and blocked', () => {
  it('says both, and one that is neither says nothing', () => {
    const refused = { name: 'DocumentRefused', message: 'too much goes. eni-1 is full' };
    expect(problemOf({ refused: 'too much goes.', blocked: ['eni-1 is full'] })).toMatchObject(refused);
    const blocked = { name: 'TargetBlocked', message: 'eni-1 is full; eni-2 too.' };
    expect(problemOf({ blocked: ['eni-1 is full', 'eni-2 too'] })).toMatchObject(blocked);
    expect(problemOf({ blocked: [] })).toBeUndefined();
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('an orphan', () => {
  it('whose account cannot be read is noted, and no failure', async () => {
    vi.stubEnv('MEMBER_ROLE', undefined);
    const { targets } = await ask({ command: 'status' });
    expect(targets).toEqual([
      {
        target: OLD,
        mode: 'security-groups',
        services: [],
        orphan: true,
        notes: [
          expect.stringMatching(/^an orphan/),
          expect.stringMatching(/^its account could not be read: .*MEMBER_ROLE/),
        ],
      },
    ]);
  });
  it.each(['apply', 'remove'] as const)('that no target is called is said: %s', async (command) => {
    const there = command === 'remove' ? OLD : 'none';
    await expect(ask({ command, targets: ['shpo'] })).rejects.toThrow(
      `There is nothing called shpo to ${command}; there are ${there}.`,
    );
  });
});

describe('a message', () => {
  it('brings no target to a document after stop --all, and fails not', async () => {
    const stop = async () => ({ at: 'noon', by: 'eve', reason: 'a trial', all: true as const });
    await expect(updateAll({ atLeast: 0, md5: new Map() }, { ...deps(), stop })).resolves.toEqual({ targets: [] });
  });
});

describe('a request', () => {
  it('is carried out once, and its failure is its result', async () => {
    const results: object[] = [];
    const finish = async (_: string, result: object) => void results.push(result);
    const request = { ...REQUEST, command: { command: 'apply' as const, targets: ['shpo'] } };
    await carryOutRequest(request.id, deps({ find: async () => request, finish }));
    expect(results).toMatchObject([{ error: { name: 'CommandInvalid', message: expect.stringMatching(/shpo/) } }]);
    await carryOutRequest(request.id, deps({ find: async () => ({ ...request, result: results[0] }), finish }));
    await carryOutRequest(request.id, deps({ finish }));
    expect(results).toHaveLength(1);
  });
  it('that Lambda delivers late is not carried out', async () => {
    await expect(ask({ command: 'apply' }, { at: '2025-12-31T23:40:00.000Z' })).rejects.toThrow(/began too late/);
    const approval = { by: 'eve', at: '2025-12-31T23:40:00.000Z', digest: '' };
    await expect(ask({ command: 'apply' }, { approval })).rejects.toThrow(/began too late/);
  });
});

describe('a proposal', () => {
  const find = async (id: string) => (id === REQUEST.id ? { ...REQUEST, document: DOCUMENT } : undefined);
  const plan = (proposal: string) =>
    answer({ ...REQUEST, id: 'ba9876543210', command: { command: 'plan', proposal } }, deps({ find }));
  const apply = (approval?: IpRangesRequest['approval'], document: unknown = DOCUMENT) =>
    ask({ command: 'apply' }, { document, approval });
  const approvedBy = (digest: string) => ({ by: 'eve', at: REQUEST.at, digest });

  it('is planned with a digest, and applied only with an approval of that digest', async () => {
    const { id, by, at, reason } = REQUEST;
    const { proposal } = await plan(id);
    expect(proposal).toEqual({ id, by, at, reason, digest: expect.stringMatching(/^[0-9a-f]{64}$/) });
    await expect(apply(approvedBy(proposal!.digest))).resolves.toEqual({ targets: [] });
    await expect(apply()).rejects.toThrow(/another person approves it first/);
    await expect(apply(approvedBy('0'.repeat(64)))).rejects.toMatchObject({ name: 'PlanChanged' });
    const other = documentOf(['198.51.100.0/24'], { syncToken: '1761589700' });
    await expect(apply(approvedBy(proposal!.digest), other)).rejects.toMatchObject({ name: 'PlanChanged' });
  });
  it('that does not exist, or is a request of another kind, has no plan', async () => {
    await expect(plan('ffffffffffff')).rejects.toThrow('There is no proposal ffffffffffff.');
    const plain = answer(
      { ...REQUEST, command: { command: 'plan', proposal: REQUEST.id } },
      deps({ find: async () => REQUEST }),
    );
    await expect(plain).rejects.toThrow(`There is no proposal ${REQUEST.id}.`);
  });
  it.each([
    ['in another format', { prefixes: [] }, /not in the published format/],
    ['of a day to come', { ...DOCUMENT, syncToken: '9999999999' }, /hours ahead of the clock/],
  ])('%s is refused', async (_, document, says) => {
    await expect(apply(approvedBy(''), document)).rejects.toMatchObject({
      name: 'CommandInvalid',
      message: expect.stringMatching(says),
    });
  });
});
