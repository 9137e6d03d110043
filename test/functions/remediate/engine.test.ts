import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type Switch, type SwitchState, switchAccount } from './switch.ts';

describe('a state with private data', () => {
  const PRIVATE = 'canary-0123';
  /** `on` is public; the owner is not. */
  const steps = {
    shown: ({ on }: SwitchState) => ({ on }),
    state: z.strictObject({ on: z.boolean(), owner: z.string() }),
    read: async ({ client }: { client: Switch }) => {
      const state = client.get();
      return state && { ...state, owner: PRIVATE };
    },
    want: (state: SwitchState) => ({ ...state, on: true }),
  };
  const texts = (value: unknown) => JSON.stringify(value) ?? '';
  const failure = (running: Promise<unknown>) => running.then(texts, (error: Error) => error.message);

  it('is complete in the journal, and in every result without private data', async () => {
    const { world, entries, go } = switchAccount({ on: false }, steps);
    const results = [await go('plan'), await go('apply')];
    expect(results).toMatchObject([
      { before: { on: false }, after: { on: true } },
      { before: { on: false }, after: { on: true } },
    ]);
    expect(texts(results)).not.toContain(PRIVATE);
    expect(texts(entries)).toContain(PRIVATE);
    world.state = { on: false };
    expect(texts(await go('rollback'))).not.toContain(PRIVATE);
  });

  it('is without private data in errors and refusals', async () => {
    const unverified = switchAccount({ on: false }, { ...steps, write: async () => {}, settleSeconds: 0 });
    expect(await failure(unverified.go('apply'))).toContain('not {"on":true}');
    expect(
      await failure(switchAccount({ on: false }, { ...steps, write: async () => {}, settleSeconds: 0 }).go('apply')),
    ).not.toContain(PRIVATE);
    const { entries, go } = switchAccount({ on: false }, steps);
    await go('apply');
    Object.assign(entries[0]!, { after: { on: true, owner: 'somebody else' } });
    const refusal = texts(await go('rollback'));
    expect(refusal).toContain('the resource has changed since');
    expect(refusal).not.toContain(PRIVATE);
    expect(refusal).not.toContain('somebody else');
  });

  it('is restored by a rollback', async () => {
    const { world, go } = switchAccount({ on: false }, steps);
    await go('apply');
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', before: { on: true }, after: { on: false } });
    expect(world.state).toEqual({ on: false });
  });
});

it('the cost of a change is in the plan and in the result of the fix', async () => {
  const steps = { costs: async () => '$9 a month' };
  for (const mode of ['plan', 'apply'] as const)
    expect(await switchAccount({ on: false }, steps).go(mode)).toMatchObject({ summary: 'false to true: $9 a month' });
});

describe('apply', () => {
  it('fixes a faulty resource and keeps the state before', async () => {
    const { world, entries, go } = switchAccount({ on: false });
    expect(await go('apply')).toEqual({
      kind: 'fixed',
      before: { on: false },
      after: { on: true },
      summary: 'false to true',
      version: 1,
    });
    expect(world.state).toEqual({ on: true });
    expect(entries).toMatchObject([{ status: 'done', before: { on: false }, after: { on: true } }]);
  });
  it("sorts a change after the previous one, even if that one's clock was ahead", async () => {
    const { world, entries, go, pass } = switchAccount({ on: false });
    await go('apply');
    world.state = { on: false };
    pass(-300_000);
    await go('apply', {}, { execution: 'arn:other' });
    expect(entries).toHaveLength(2);
    expect(entries[1]!.at > entries[0]!.at).toBe(true);
  });
  it('writes nothing to a compliant resource', async () => {
    const { world, entries, go } = switchAccount({ on: true });
    expect((await go('apply')).kind).toBe('compliant');
    expect([world.writes, entries.length]).toEqual([0, 0]);
  });
  it('is compliant if the resource is gone', async () => {
    expect((await switchAccount(undefined).go('apply')).kind).toBe('compliant');
  });
  it('is refused if want refuses', async () => {
    const { world, go } = switchAccount({ on: false });
    expect(await go('apply', { never: true })).toEqual({ kind: 'refused', because: 'policy says never' });
    expect(world.writes).toBe(0);
  });
  it('is refused if the organization asks for more than policy, unless the resource is gone', async () => {
    const unmet = { unmet: 'the organization asks for 14' };
    const { world, go } = switchAccount({ on: false });
    expect(await go('apply', {}, unmet)).toEqual({ kind: 'refused', because: 'the organization asks for 14' });
    expect(world.writes).toBe(0);
    world.state = undefined;
    expect(await go('apply', {}, unmet)).toMatchObject({ kind: 'compliant' });
  });
  it('fails for parameters that the module does not have', async () => {
    await expect(switchAccount({ on: false }).go('apply', { surplus: 1 })).rejects.toMatchObject({
      name: 'ConfigurationInvalid',
    });
  });
  it('waits within the invocation for a change that shows late', async () => {
    const { world, deps, go } = switchAccount({ on: false });
    const { mark } = deps.journal;
    deps.journal.mark = async (entry, status, at) => {
      await mark(entry, status, at);
      if (status === 'written') world.stale = 2;
    };
    expect((await go('apply')).kind).toBe('fixed');
  });
});

describe('an execution that has made its change', () => {
  const CHANGE_MADE = { kind: 'refused', before: { on: false }, after: { on: true }, summary: 'false to true' };

  it('does not repeat it if the resource has changed since, once a read can no longer be stale', async () => {
    const { world, go, pass } = switchAccount({ on: false });
    await go('apply');
    world.state = { on: false };
    await expect(go('apply')).rejects.toMatchObject({ name: 'ChangePending' });
    pass(60_000);
    expect(await go('apply')).toMatchObject({ ...CHANGE_MADE, because: expect.stringContaining('changed since') });
    expect(world.writes).toBe(1);
  });
  it('does not repeat it after a rollback, also by another execution', async () => {
    const { world, go } = switchAccount({ on: false });
    await go('apply');
    await go('rollback', {}, { execution: 'arn:undo' });
    expect(await go('apply')).toMatchObject({ ...CHANGE_MADE, because: expect.stringContaining('rolled back') });
    expect(world.state).toEqual({ on: false });
    expect(await go('apply', {}, { execution: 'arn:next' })).toMatchObject({ kind: 'fixed' });
    expect(await go('plan')).toMatchObject({ kind: 'compliant' });
  });
});

describe('a change that does not show', () => {
  const hidden = () => {
    const it = switchAccount({ on: false });
    const { mark } = it.deps.journal;
    it.deps.journal.mark = async (entry, status, at) => {
      await mark(entry, status, at);
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
  it('is ChangeNotVerified after settleSeconds, then planned again with the original state before', async () => {
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
    const { world, deps, go } = switchAccount({ on: false });
    const mark = deps.journal.mark;
    deps.journal.mark = async () => Promise.reject(new Error('killed'));
    await expect(go('apply')).rejects.toThrow('killed');
    deps.journal.mark = mark;
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
    expect(world.writes).toBe(1);
  });
  it('before its write is repeated', async () => {
    const { deps, go } = switchAccount({ on: false });
    const session = deps.session;
    let sessions = 0;
    deps.session = async () => (++sessions === 2 ? Promise.reject(new Error('killed')) : session());
    await expect(go('apply')).rejects.toThrow('killed');
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
  });
});

describe('plan', () => {
  it('returns the change and writes nothing', async () => {
    const { world, entries, go } = switchAccount({ on: false });
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
  const { pass, go } = switchAccount({ on: false }, { want });
  await go('plan');
  pass(3 * 86_400_000);
  await go('apply');
  expect(new Set(times)).toEqual(new Set(['2026-11-01T00:00:00.000Z']));
});

describe('a change for which AWS has no room', () => {
  const noRoom = { refused: 'no room' };
  it('is refused, and leaves nothing to undo if nothing was written', async () => {
    const { entries, go } = switchAccount({ on: false }, { write: async () => noRoom });
    expect(await go('apply')).toEqual({ kind: 'refused', because: 'no room' });
    expect(entries).toMatchObject([{ status: 'rolledBack' }]);
    expect(await go('rollback', {}, { execution: 'arn:undo' })).toMatchObject({ kind: 'refused' });
  });
  it('can be undone if a part was written', async () => {
    const states: object[] = [];
    const write = async (_: unknown, __: unknown, to: { on: boolean }) => {
      states.push(to);
      world.state = to.on ? ({ on: false, by: 'half' } as never) : to;
      return to.on ? noRoom : undefined;
    };
    const { world, entries, go } = switchAccount({ on: false }, { write });
    expect(await go('apply')).toMatchObject({
      kind: 'refused',
      because: 'false to false; for the rest, no room',
      before: { on: false },
      after: { by: 'half' },
    });
    expect(entries).toMatchObject([{ status: 'done', after: { by: 'half' } }]);
    expect(await go('rollback', {}, { execution: 'arn:undo' })).toMatchObject({ kind: 'fixed', after: { on: false } });
    expect(states).toHaveLength(2);
  });
  it('in a rollback is refused too, and can be rolled back later', async () => {
    const write = async ({ client }: any, _: unknown, to: { on: boolean }) => (to.on ? client.set(true) : noRoom);
    const { entries, go } = switchAccount({ on: false }, { write });
    await go('apply');
    expect(await go('rollback', {}, { execution: 'arn:undo' })).toEqual({ kind: 'refused', because: 'no room' });
    expect(entries).toMatchObject([{ status: 'done' }]);
  });
});
