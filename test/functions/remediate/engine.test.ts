import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { accountTarget, defineRemediation, refused } from '../../../functions/contract/remediation.ts';
import type { RemediationRequest } from '../../../functions/domain/job.ts';
import type { JournalEntry } from '../../../functions/domain/journal.ts';
import type { Journal } from '../../../functions/ports/journal.ts';
import { runRemediation } from '../../../functions/remediate/engine.ts';

/** Returns an account with one switch and a client for it; `steps` replaces steps of its remediation. */
function account(start: { on: boolean } | undefined, steps: object = {}) {
  const world = { state: start, writes: 0, shown: start, stale: 0 };
  class Switch {
    get() {
      if (world.stale > 0) {
        world.stale -= 1;
        return world.shown;
      }
      return world.state;
    }
    set(on: boolean) {
      world.writes += 1;
      world.shown = world.state;
      world.state = { on };
    }
  }
  const entries: JournalEntry[] = [];
  const journal: Journal = {
    newest: async (key) => structuredClone(entries.filter((entry) => entry.key === key).at(-1)),
    put: async (entry) => {
      const at = entries.findIndex(({ key, at }) => key === entry.key && at === entry.at);
      if (at < 0) entries.push(structuredClone(entry));
      else entries[at] = structuredClone(entry);
    },
    mark: async ({ key, at }, status, writtenAt) => {
      const entry = entries.find((each) => each.key === key && each.at === at)!;
      Object.assign(entry, { status, ...(writtenAt !== undefined && { writtenAt }) });
    },
  };
  let now = Date.parse('2026-11-01T00:00:00Z');
  const deps = {
    journal,
    session: async () => ({ client: new Switch() }),
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
  };
  const module = defineRemediation({
    id: 'toy/switch-on',
    title: 'Switch on',
    handles: { controls: ['Toy.1'] },
    risk: 'safe',
    target: accountTarget,
    params: z.strictObject({ never: z.boolean().default(false) }),
    state: z.strictObject({ on: z.boolean() }),
    reads: [{ actions: ['ec2:Read'], resources: ['*'], because: 'a toy' }],
    writes: [{ actions: ['ec2:Write'], resources: ['*'], because: 'a toy' }],
    clients: { client: Switch as never as new () => Switch },
  }).by({
    read: async ({ client }) => client.get(),
    want: (_, { params }) => (params.never ? refused('policy says never') : { on: true }),
    write: async ({ client }, _, to) => client.set(to.on),
    summary: (from, to) => `${from.on} to ${to.on}`,
  });
  const request = (mode: RemediationRequest['mode'], params = {}): RemediationRequest => ({
    v: 2,
    mode,
    execution: 'arn:execution',
    started: '2026-11-01T00:00:00Z',
    finding: {
      id: 'f',
      productArn: 'p',
      control: 'Toy.1',
      account: '333333333333',
      region: 'us-east-1',
      partition: 'aws',
    },
    target: {},
    policy: { mode: 'auto', tags: {} },
    approved: false,
    params,
  });
  const go = (mode: RemediationRequest['mode'], params = {}, more: Partial<RemediationRequest> = {}) =>
    runRemediation({ ...module, ...steps } as never, { ...request(mode, params), ...more }, deps);
  const pass = (ms: number) => {
    now += ms;
  };
  return { world, entries, deps, go, pass };
}

describe('apply', () => {
  it('fixes a faulty resource and keeps the state before', async () => {
    const { world, entries, go } = account({ on: false });
    expect(await go('apply')).toEqual({
      kind: 'fixed',
      before: { on: false },
      after: { on: true },
      summary: 'false to true',
    });
    expect(world.state).toEqual({ on: true });
    expect(entries).toMatchObject([{ status: 'done', before: { on: false }, after: { on: true } }]);
  });
  it('sorts a change after the last one, although the clock of that one was ahead', async () => {
    const { world, entries, go, pass } = account({ on: false });
    await go('apply');
    world.state = { on: false };
    pass(-300_000);
    await go('apply', {}, { execution: 'arn:other' });
    expect(entries).toHaveLength(2);
    expect(entries[1]!.at > entries[0]!.at).toBe(true);
  });
  it('writes nothing to a compliant resource', async () => {
    const { world, entries, go } = account({ on: true });
    expect((await go('apply')).kind).toBe('compliant');
    expect([world.writes, entries.length]).toEqual([0, 0]);
  });
  it('is compliant where the resource is gone', async () => {
    expect((await account(undefined).go('apply')).kind).toBe('compliant');
  });
  it('refuses what want refuses', async () => {
    const { world, go } = account({ on: false });
    expect(await go('apply', { never: true })).toEqual({ kind: 'refused', because: 'policy says never' });
    expect(world.writes).toBe(0);
  });
  it('refuses parameters that the module does not take', async () => {
    await expect(account({ on: false }).go('apply', { surplus: 1 })).rejects.toMatchObject({
      name: 'ConfigurationInvalid',
    });
  });
  it('waits within the invocation for a change that shows late', async () => {
    const { world, deps, go } = account({ on: false });
    const open = deps.journal.mark;
    deps.journal.mark = async (entry, status, at) => {
      await open(entry, status, at);
      if (status === 'written') world.stale = 2;
    };
    expect((await go('apply')).kind).toBe('fixed');
  });
});

describe('a change that does not show', () => {
  const hidden = () => {
    const it = account({ on: false });
    const open = it.deps.journal.mark;
    it.deps.journal.mark = async (entry, status, at) => {
      await open(entry, status, at);
      if (status === 'written') it.world.stale = 100;
    };
    return it;
  };
  it('is pending, and the next run verifies it without writing', async () => {
    const { world, go } = hidden();
    await expect(go('apply')).rejects.toMatchObject({ name: 'ChangePending' });
    await expect(go('apply')).rejects.toMatchObject({ name: 'ChangePending' });
    world.stale = 0;
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
    expect(world.writes).toBe(1);
  });
  it('is ChangeNotVerified after it must have settled, and is planned again with the original before', async () => {
    const { world, go, pass } = hidden();
    await expect(go('apply')).rejects.toMatchObject({ name: 'ChangePending' });
    pass(60_000);
    await expect(go('apply')).rejects.toMatchObject({
      name: 'ChangeNotVerified',
      message: expect.stringContaining('"on":false'),
    });
    world.stale = 0;
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
  });
});

describe('a run that died', () => {
  it('after its write is finished with the original before, not reported as compliant', async () => {
    const { world, deps, go } = account({ on: false });
    const mark = deps.journal.mark;
    deps.journal.mark = async () => Promise.reject(new Error('killed'));
    await expect(go('apply')).rejects.toThrow('killed');
    deps.journal.mark = mark;
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
    expect(world.writes).toBe(1);
  });
  it('before its write is repeated', async () => {
    const { deps, go } = account({ on: false });
    const session = deps.session;
    let sessions = 0;
    deps.session = async () => (++sessions === 2 ? Promise.reject(new Error('killed')) : session());
    await expect(go('apply')).rejects.toThrow('killed');
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
  });
});

describe('plan', () => {
  it('returns the change and writes nothing', async () => {
    const { world, entries, go } = account({ on: false });
    expect(await go('plan')).toMatchObject({ kind: 'planned', before: { on: false }, after: { on: true } });
    expect([world.writes, entries.length]).toEqual([0, 0]);
  });
});

it('counts ages from the start of the execution, also in an apply that waited for its approval', async () => {
  const times: string[] = [];
  const want = (_: unknown, { now }: { now: Date }) => {
    times.push(now.toISOString());
    return { on: true };
  };
  const { pass, go } = account({ on: false }, { want });
  await go('plan');
  pass(3 * 86_400_000);
  await go('apply');
  expect(new Set(times)).toEqual(new Set(['2026-11-01T00:00:00.000Z']));
});

describe('rollback', () => {
  it('restores the state before', async () => {
    const { world, entries, go } = account({ on: false });
    await go('apply');
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', after: { on: false } });
    expect(world.state).toEqual({ on: false });
    expect(entries.at(-1)!.status).toBe('rolledBack');
  });
  it('is refused where nothing was changed', async () => {
    expect(await account({ on: true }).go('rollback')).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('no change'),
    });
  });
  it('is refused where the change lost something permanently', async () => {
    const { world, go } = account({ on: false }, { loses: (from: unknown, to: unknown) => JSON.stringify([from, to]) });
    await go('apply');
    const because = 'cannot be undone: [{"on":false},{"on":true}]';
    expect(await go('rollback')).toEqual({ kind: 'refused', because });
    expect(world.state).toEqual({ on: true });
  });
  it('is refused where the resource has changed since', async () => {
    const { world, go } = account({ on: false });
    await go('apply');
    world.state = { on: true, by: 'somebody' } as never;
    expect(await go('rollback')).toMatchObject({ kind: 'refused', because: expect.stringContaining('changed since') });
  });
  it('restores a resource that has changed since where that is forced', async () => {
    const { world, go } = account({ on: false });
    await go('apply');
    world.state = { on: true, by: 'somebody' } as never;
    expect(await go('rollback', {}, { force: true })).toMatchObject({ kind: 'fixed', before: { by: 'somebody' } });
    expect(world.state).toEqual({ on: false });
  });
  it('is refused where the resource is gone, forced or not', async () => {
    const { world, go } = account({ on: false });
    await go('apply');
    world.state = undefined;
    const gone = { kind: 'refused', because: 'the resource is gone' };
    expect(await go('rollback')).toEqual(gone);
    expect(await go('rollback', {}, { force: true })).toEqual(gone);
  });
  it('continues its own partial rollback, but not that of another execution', async () => {
    let isHalf = true;
    const write = async ({ client }: any, _: unknown, to: { on: boolean }) => {
      client.set(to.on);
      if (!to.on && isHalf) {
        world.state = { on: 'half' } as never;
        throw new Error('killed');
      }
    };
    const { world, go } = account({ on: false }, { write });
    await go('apply');
    await expect(go('rollback')).rejects.toThrow('killed');
    isHalf = false;
    const other = { execution: 'arn:other' };
    expect(await go('rollback', {}, other)).toMatchObject({ because: expect.stringContaining('changed since') });
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', after: { on: false } });
  });
  it('repeats its result when it runs again, but not for another execution', async () => {
    const { go } = account({ on: false });
    await go('apply');
    await go('rollback');
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', after: { on: false } });
    expect(await go('rollback', {}, { execution: 'arn:other' })).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('already'),
    });
  });
});
