/** Runs that messages and people start, with sites and a ledger in memory. */
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { logger, metrics } from '../../functions/aws/observe.ts';
import type { IpRangesCommand } from '../../functions/domain/api-ip-ranges.ts';
import type { IpRangesRequest, IpRangesRequests } from '../../functions/ports/ip-ranges-requests.ts';
import type { LastFailure } from '../../ip-ranges/contract/command.ts';
import type { IpRangesTarget } from '../../ip-ranges/contract/targets.ts';
import type { IpRangesLedger, TargetRecord } from '../../ip-ranges/function/ledger.ts';
import { answer, carryOutRequest, type OrderDeps, updateAll } from '../../ip-ranges/function/orders.ts';
import { problemOf, type TargetSite } from '../../ip-ranges/function/site.ts';
import { clockOf } from './model.ts';
import { documentOf, rangesTarget } from './support.ts';

const OLD = '333333333333/us-east-1/old';
const [WEB, API] = ['web', 'api'].map((name) => rangesTarget({ name })) as [IpRangesTarget, IpRangesTarget];
const DOCUMENT = documentOf(['192.0.2.0/24'], { syncToken: '1761589700' });
const APPLIED = { createDate: '', services: [], at: '', ranges: 1, groups: 1 };
const NOTHING = { atLeast: 0, md5: new Map<number, string>() };

/** The calls that were made, in order. */
let done: string[];
let records: Map<string, TargetRecord>;
let targets: IpRangesTarget[];
let failing: Record<string, Error>;
let left: Error | undefined;
let published: object;
beforeEach(() => {
  done = [];
  records = new Map();
  targets = [WEB, API];
  failing = {};
  left = undefined;
  published = DOCUMENT;
});

const ledger = {
  known: async () => [OLD, WEB.key].map((key) => ({ key, mode: 'security-groups' })),
  read: async (key: string) => records.get(key) ?? {},
  take: async (key: string, run: string) => done.push(`take ${key} ${run}`),
  release: async (key: string, run: string) => void done.push(`release ${key} ${run}`),
  record: async ({ key }: IpRangesTarget) => done.push(`record ${key}`),
  recordFailure: async ({ key }: IpRangesTarget, _: TargetRecord, { name, syncToken }: LastFailure) =>
    done.push(`record ${name} of ${syncToken} ${key}`),
  register: async () => true,
  forget: async (key: string) => void done.push(`forget ${key}`),
} as unknown as IpRangesLedger;

const SEEN = { holders: [], attachedTo: 3, notes: ['seen'] };
const FIGURES = { ranges: 1, groups: 1 };
const siteOf = async ({ key }: IpRangesTarget) => {
  if (failing[key]) throw failing[key];
  const site: TargetSite = {
    see: async () => SEEN,
    look: async (_, { baseline, allowShrink, adopt }) => {
      done.push(`look ${key} ${JSON.stringify({ baseline, allowShrink, adopt })}`);
      return { report: SEEN, plan: { calls: [], notes: SEEN.notes, figures: FIGURES }, held: [] };
    },
    bring: async () => ({ calls: [], notes: [], figures: FIGURES }),
    removal: async () => ({
      report: SEEN,
      calls: [{ call: 'DeleteSecurityGroup', on: 'sg-1' }],
      error: left as never,
      carryOut: async () => {
        done.push(`carry out ${key}`);
        if (failing.carryOut) throw failing.carryOut;
      },
    }),
  };
  return site;
};
const deps = (more: Partial<OrderDeps> = {}): OrderDeps => ({
  targets,
  siteOf,
  run: 'run-1',
  ledger,
  requests: { find: async () => undefined } as unknown as IpRangesRequests,
  stop: async () => undefined,
  clock: clockOf(),
  download: async () => JSON.stringify(published),
  events: new EventBridgeClient({}),
  ...more,
});
const requestsWith = (of: Partial<IpRangesRequests>) => ({ requests: of as IpRangesRequests });
const REQUEST: IpRangesRequest = {
  ...{ id: '0123456789ab', by: 'ada', reason: 'a trial', at: '2026-01-01T00:00:00.000Z' },
  command: { command: 'apply' },
};
const ask = (command: IpRangesCommand, more: Partial<IpRangesRequest> = {}) =>
  answer({ ...REQUEST, command, ...more }, deps());
const looks = () => done.filter((line) => line.startsWith('look'));

describe('a plan that is refused and blocked', () => {
  it('has both reasons, and a plan that is neither has no error', () => {
    const refused = {
      name: 'DocumentRefused',
      message: 'eni-1 is full. too much goes.',
      reasons: [
        { name: 'TargetBlocked', lines: ['eni-1 is full.'] },
        { name: 'DocumentRefused', lines: ['too much goes.'] },
      ],
    };
    expect(problemOf({ refused: 'too much goes.', blocked: ['eni-1 is full'] })).toMatchObject(refused);
    const blocked = { name: 'TargetBlocked', message: 'eni-1 is full. eni-2 too.' };
    expect(problemOf({ blocked: ['eni-1 is full', 'eni-2 too'] })).toMatchObject(blocked);
    expect(problemOf({ blocked: [] })).toBeUndefined();
  });
});

describe('a message', () => {
  it('applies the document to every target, and records it in ledger and metrics', async () => {
    const addMetric = vi.spyOn(metrics, 'addMetric').mockReturnValue(metrics);
    const { targets: answers } = await updateAll(NOTHING, deps());
    expect(answers).toMatchObject([
      { target: WEB.key, syncToken: '1761589700' },
      { target: API.key, syncToken: '1761589700' },
    ]);
    expect(done.filter((line) => line.startsWith('record'))).toEqual([`record ${WEB.key}`, `record ${API.key}`]);
    expect(addMetric).toHaveBeenCalledWith('IpRangesOrphans', 'Count', 1);
    addMetric.mockRestore();
  });
  it('refuses a document that is older than the newest of any target, or than announced', async () => {
    records.set(API.key, { applied: { ...APPLIED, syncToken: 1_761_589_701 } });
    await expect(updateAll(NOTHING, deps())).rejects.toThrow(/an old copy, of syncToken 1761589700; 1761589701/);
    records.clear();
    await expect(updateAll({ ...NOTHING, atLeast: 1_761_589_702 }, deps())).rejects.toThrow(/1761589702 is published/);
    expect(done).toEqual([]);
  });
  it('applies the document to the other targets, then fails with the reasons of those that failed', async () => {
    const error = vi.spyOn(logger, 'error').mockReturnValue(undefined);
    failing[WEB.key] = Object.assign(new Error('its role is gone'), { name: 'MemberRoleUnavailable' });
    await expect(updateAll(NOTHING, deps())).rejects.toMatchObject({
      name: 'TargetsFailed',
      message: `1 of 2 targets failed. ${WEB.key}: MemberRoleUnavailable: its role is gone`,
    });
    expect(done).toContain(`record ${API.key}`);
    expect(done).toContain(`record MemberRoleUnavailable of 1761589700 ${WEB.key}`);
    expect(error).toHaveBeenCalledWith('target failed', { target: WEB.key, error: failing[WEB.key] });
    error.mockRestore();
  });
  it('changes no target after stop --all, and does not fail', async () => {
    const stop = async () => ({ at: 'noon', by: 'eve', reason: 'a trial', all: true as const });
    await expect(updateAll(NOTHING, deps({ stop }))).resolves.toEqual({ targets: [] });
    expect(done).toEqual([]);
  });
});

describe('a plan', () => {
  it('compares with the ranges of the last document, and names orphans', async () => {
    records.set(WEB.key, { applied: { ...APPLIED, syncToken: 7 }, baseline: [] });
    const { targets: answers } = await ask({ command: 'plan', allowShrink: true, adopt: true });
    expect(looks()[0]).toBe(`look ${WEB.key} {"baseline":[],"allowShrink":true,"adopt":true}`);
    expect(answers).toMatchObject([
      { target: WEB.key, notes: ['seen'], applied: { syncToken: 7 }, attachedTo: 3 },
      { target: API.key },
      { target: OLD, orphan: true, services: [], notes: [expect.stringMatching(/^an orphan/), 'seen'] },
    ]);
  });
  it('of a document older than the applied one says so', async () => {
    records.set(API.key, { applied: { ...APPLIED, syncToken: 1_761_589_701 } });
    const { targets: answers } = await ask({ command: 'plan' }, { document: DOCUMENT });
    expect(answers.map(({ notes }) => notes!.join())).toEqual([
      'seen',
      expect.stringMatching(/brought to the newer syncToken 1761589701 already/),
      expect.anything(),
    ]);
  });
});

describe('status', () => {
  it('shows each target and orphan with its record in the ledger', async () => {
    records.set(WEB.key, { applied: { ...APPLIED, syncToken: 7 } }).set(OLD, { applied: { ...APPLIED, syncToken: 6 } });
    const { targets: answers } = await ask({ command: 'status' });
    expect(answers.map(({ target, applied, orphan }) => [target, applied?.syncToken, orphan])).toEqual([
      [WEB.key, 7, undefined],
      [API.key, undefined, undefined],
      [OLD, 6, true],
    ]);
    expect(looks()).toEqual([]);
  });
  it('says whether a newer document is published, and whether the daily run should have applied it', async () => {
    const HOUR_S = 3600;
    const now = clockOf().now() / 1000;
    const newerOf = async (token: number, syncToken: number) => {
      records.set(WEB.key, { applied: { ...APPLIED, syncToken } });
      published = documentOf(['192.0.2.0/24'], { syncToken: String(token) });
      const [web, api] = (await ask({ command: 'status' })).targets;
      expect(api!.newer).toBeUndefined();
      return web!.newer;
    };
    const recent = now - 24 * HOUR_S;
    expect(await newerOf(recent, recent)).toBeUndefined();
    expect(await newerOf(recent, recent + 1)).toBeUndefined();
    expect(await newerOf(recent, 7)).toEqual({
      syncToken: String(recent),
      createDate: expect.any(String),
      late: false,
    });
    expect(await newerOf(now - 26 * HOUR_S, 7)).toMatchObject({ late: true });
  });
  it('notes that the published document cannot be read, and asks for it once', async () => {
    records.set(WEB.key, { applied: { ...APPLIED, syncToken: 7 } });
    published = {};
    const { targets: answers } = await ask({ command: 'status' });
    expect(answers[0]).toMatchObject({ applied: { syncToken: 7 }, attachedTo: 3 });
    expect(answers[0]!.notes).toEqual([
      'seen',
      expect.stringMatching(/^the published document could not be read, so .*: it is not in the published format/),
    ]);
  });
  it('notes an orphan whose account cannot be read, and does not fail', async () => {
    failing[OLD] = new Error('no role');
    const { targets: answers } = await ask({ command: 'status', targets: ['old'] });
    const notes = [expect.stringMatching(/^an orphan/), 'its account could not be read: Error: no role'];
    expect(answers).toEqual([{ target: OLD, mode: 'security-groups', services: [], orphan: true, notes }]);
  });
});

describe('a removal', () => {
  it('holds the lease of the target, then deletes its record from the ledger', async () => {
    const { targets: answers } = await ask({ command: 'remove' });
    expect(done).toEqual([`take ${OLD} run-1`, `carry out ${OLD}`, `forget ${OLD}`, `release ${OLD} run-1`]);
    expect(answers).toMatchObject([{ target: OLD, orphan: true, services: [], calls: [{ on: 'sg-1' }] }]);
    expect(answers[0]).not.toHaveProperty('carryOut');
  });
  it('keeps the record if something is left, and releases the lease if it fails', async () => {
    left = problemOf({ blocked: ['eni-1 needs it'] });
    await ask({ command: 'remove' });
    expect(done).toEqual([`take ${OLD} run-1`, `carry out ${OLD}`, `release ${OLD} run-1`]);
    failing.carryOut = new Error('no');
    const { targets: answers } = await ask({ command: 'remove' });
    expect([answers[0]!.error, done.at(-1)]).toEqual([{ name: 'Error', message: 'no' }, `release ${OLD} run-1`]);
  });
  it('is planned without a lease', async () => {
    const { targets: answers } = await ask({ command: 'plan-removal' });
    expect([done, answers[0]!.calls!.length]).toEqual([[], 1]);
    expect(answers[0]).not.toHaveProperty('carryOut');
  });
});

describe('targets', () => {
  it('are chosen by name or key', async () => {
    for (const name of ['api', API.key])
      expect((await ask({ command: 'status', targets: [name] })).targets.map(({ target }) => target)).toEqual([
        API.key,
      ]);
  });
  it.each<[IpRangesCommand['command'], string, string]>([
    ['apply', 'shpo', `. There are: ${WEB.key}, ${API.key}`],
    ['apply', 'weeb', `; did you mean web? There are: ${WEB.key}, ${API.key}`],
    ['apply', 'old', `. There are: ${WEB.key}, ${API.key}`],
    ['plan', 'shpo', `. There are: ${WEB.key}, ${API.key}, ${OLD}`],
    ['remove', 'web', `. There are: ${OLD}`],
    ['plan-removal', 'shpo', `. There are: ${OLD}`],
  ])('that do not exist are refused with those that do: to %s %s', async (command, name, there) => {
    await expect(ask({ command, targets: [name] })).rejects.toMatchObject({
      name: 'CommandInvalid',
      message: `There is no target "${name}" to ${command}${there}.`,
    });
    expect(done).toEqual([]);
  });
});

describe('a request', () => {
  it('is executed once, and its failure is its result', async () => {
    const results: object[] = [];
    const error = vi.spyOn(logger, 'error').mockReturnValue(undefined);
    const finish = async (_: string, result: object) => void results.push(result);
    const request = { ...REQUEST, command: { command: 'apply' as const, targets: ['shpo'] } };
    const carryOut = (found: IpRangesRequest | undefined) =>
      carryOutRequest(REQUEST.id, deps(requestsWith({ find: async () => found, finish })));
    await carryOut(request);
    expect(results).toMatchObject([{ error: { name: 'CommandInvalid', message: expect.stringMatching(/shpo/) } }]);
    expect(error).toHaveBeenCalledWith('the request failed', { request: REQUEST.id, error: expect.any(Error) });
    error.mockRestore();
    await carryOut({ ...request, result: results[0] });
    await carryOut(undefined);
    expect(results).toHaveLength(1);
    await carryOut({ ...request, command: { command: 'status', targets: ['web'] } });
    expect(results[1]).toMatchObject({ targets: [{ target: WEB.key }] });
  });
  it('that Lambda delivers late is refused', async () => {
    await expect(ask({ command: 'apply' }, { at: '2025-12-31T23:40:00.000Z' })).rejects.toThrow(/began too late/);
    await expect(ask({ command: 'apply' }, { at: '2025-12-31T23:50:00.000Z' })).resolves.toBeDefined();
    expect(done.filter((line) => line.startsWith('record'))).toHaveLength(2);
  });
});

describe('a proposed document', () => {
  const PROPOSED: IpRangesRequest = { ...REQUEST, document: DOCUMENT, command: { command: 'apply', targets: ['web'] } };
  const apply = (approved: string | undefined, more: Partial<IpRangesRequest> = {}) =>
    answer({ ...PROPOSED, approved, ...more }, deps());

  it('is planned for its targets, with a digest, and applied only with an approval of that digest', async () => {
    const { digest, targets: answers } = await answer(
      { ...PROPOSED, command: { ...PROPOSED.command, command: 'plan' } },
      deps(),
    );
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(answers.map(({ target }) => target)).toEqual([WEB.key]);
    done = [];
    await expect(apply(digest)).resolves.toMatchObject({ targets: [{ target: WEB.key }] });
    expect(done.filter((line) => line.startsWith('record'))).toEqual([]);
    done = [];
    await expect(apply(undefined)).rejects.toThrow(/not approved/);
    const changed = { name: 'PlanChanged' };
    await expect(apply('0'.repeat(64))).rejects.toMatchObject(changed);
    const document = documentOf(['198.51.100.0/24'], { syncToken: '1761589700' });
    await expect(apply(digest, { document })).rejects.toMatchObject(changed);
    const command = { ...PROPOSED.command, allowShrink: true };
    await expect(apply(digest, { command })).rejects.toMatchObject(changed);
    targets = [rangesTarget({ name: 'web', ports: ['22'] }), API];
    await expect(apply(digest)).rejects.toMatchObject(changed);
    expect(done).toEqual([]);
  });
  it.each([
    ['in another format', { prefixes: [] }, /not in the published format/],
    ['from the future', { ...DOCUMENT, syncToken: '9999999999' }, /hours ahead of the clock/],
  ])('%s is refused', async (_, document, says) => {
    await expect(apply('', { document })).rejects.toMatchObject({
      name: 'CommandInvalid',
      message: expect.stringMatching(says),
    });
  });
});
