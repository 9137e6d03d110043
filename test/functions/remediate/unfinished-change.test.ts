import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JournalEntry } from '../../../functions/domain/journal.ts';
import { EXECUTION, type SwitchState, switchAccount, UNTIL } from './switch.ts';

describe('the locked copy', () => {
  it('is kept once, before the first write', async () => {
    const { world, copies, go, deps } = switchAccount({ on: false });
    const { keep } = deps.copies;
    const writes: number[] = [];
    deps.copies.keep = (entry) => {
      writes.push(world.writes);
      return keep(entry);
    };
    await go('apply');
    expect(writes).toEqual([0]);
    expect(copies.get('arn:execution')).toMatchObject({ before: { on: false }, status: 'open' });
    const before = structuredClone(copies);
    world.state = { on: false };
    await go('apply', {}, { execution: 'arn:next' });
    expect(copies.get('arn:execution')).toEqual(before.get('arn:execution'));
    expect([...copies.keys()]).toEqual(['arn:execution', 'arn:next']);
  });

  it('that cannot be written stops the change', async () => {
    const { world, deps, go } = switchAccount({ on: false });
    deps.copies.keep = async () => Promise.reject(new Error('no bucket'));
    await expect(go('apply')).rejects.toThrow('no bucket');
    expect(world.writes).toBe(0);
  });

  it.each<[string, Partial<JournalEntry>, string]>([
    ['the state before', { before: { on: 'elsewhere' } }, 'before is {"on":"elsewhere"}, in the copy {"on":false}'],
    ['the parameters', { params: { never: true } }, 'params is {"never":true}'],
  ])('refuses a rollback, and raises the alarm, if the table has other values of %s', async (_, forged, difference) => {
    const { world, entries, alerts, go } = switchAccount({ on: false }, { state: z.any() });
    await go('apply');
    Object.assign(entries[0]!, forged);
    const { writes } = world;
    const request = 'params' in forged ? (forged.params as object) : {};
    expect(await go('rollback', request)).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining(difference),
    });
    expect([world.writes, alerts.length]).toEqual([writes, 1]);
  });

  it('decides the targets of a rollback, whatever the table has', async () => {
    const written: unknown[] = [];
    const write = async ({ client, targets }: any, _: unknown, to: SwitchState) => {
      written.push(targets);
      client.set(to.on);
    };
    const { entries, go } = switchAccount({ on: false }, { write });
    await go('apply');
    entries[0]!.targets = [{ group: 'sg-another' }];
    expect(await go('rollback')).toMatchObject({ kind: 'fixed' });
    expect(written[1]).toEqual(written[0]);
  });

  it('is missing for a change of an earlier version: a rollback is refused without an alarm', async () => {
    const { copies, alerts, go } = switchAccount({ on: false });
    await go('apply');
    copies.clear();
    expect(await go('rollback')).toMatchObject({ kind: 'refused', because: expect.stringContaining('no locked copy') });
    expect(alerts).toEqual([]);
  });
});

describe('an unfinished change', () => {
  const OTHER = { execution: 'arn:other' };
  const APPROVE = { policy: { mode: 'approve' as const, tags: {} } };
  const approved = (plan: string) => ({
    approval: { by: 'ada', at: '2026-11-01T00:00:00Z', plan },
    approvedUntil: UNTIL,
  });

  /** The remediation died in its write, which left the state `left`. */
  async function abandoned(left: object, more: object = {}) {
    let isKilled = true;
    const write = async ({ client }: any, _: unknown, to: { on: boolean }) => {
      if (isKilled) {
        world.state = left as never;
        throw new Error('killed');
      }
      client.set(to.on);
    };
    const account_ = switchAccount({ on: false }, { write, ...more });
    const { world, go } = account_;
    await expect(go('apply')).rejects.toThrow('killed');
    isKilled = false;
    return account_;
  }

  it('gives another execution no permission: policy and approval decide as for any change', async () => {
    const { world, go } = await abandoned({ on: false });
    expect(await go('apply', {}, { ...OTHER, ...APPROVE })).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(await go('apply', {}, { ...OTHER, policy: { mode: 'observe', tags: {} } })).toMatchObject({
      kind: 'planned',
    });
    expect([world.state, world.writes]).toEqual([{ on: false }, 0]);
  });
  it('gives its own execution no permission after policy or approval has ended', async () => {
    const { world, go } = await abandoned({ on: false });
    expect(await go('apply', {}, APPROVE)).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(await go('apply', {}, { policy: { mode: 'observe', tags: {} } })).toMatchObject({ kind: 'planned' });
    expect(world.writes).toBe(0);
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
  });
  it('without a locked copy is ignored: its execution begins with the state that it reads', async () => {
    const { world, entries, copies, go } = await abandoned({ on: false });
    copies.clear();
    Object.assign(entries[0]!, { before: { on: 'forged' } });
    expect(await go('apply')).toMatchObject({ kind: 'fixed', before: { on: false } });
    expect(entries).toMatchObject([{ status: 'done', before: { on: false } }]);
    expect(await go('rollback')).toMatchObject({ kind: 'fixed' });
    expect(world.state).toEqual({ on: false });
  });
  it('that differs from its locked copy is refused, and raises the alarm', async () => {
    const { world, entries, alerts, go } = await abandoned({ on: false });
    Object.assign(entries[0]!, { before: { on: 'forged' } });
    expect(await go('apply')).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('changed the journal'),
    });
    expect([world.writes, alerts.length]).toEqual([0, 1]);
  });
  it('respects the objection of the module when another execution continues it', async () => {
    const objection = { current: undefined as object | undefined };
    const { world, go } = await abandoned({ on: false }, { objection: async () => objection.current });
    objection.current = { refused: 'in use' };
    expect(await go('apply', {}, OTHER)).toEqual({ kind: 'refused', because: 'in use' });
    expect(world.writes).toBe(0);
  });
  it('keeps its state before if another execution completes it while the resource is unchanged', async () => {
    const { entries, go } = await abandoned({ on: false });
    expect(await go('apply', {}, OTHER)).toMatchObject({ kind: 'fixed', before: { on: false } });
    expect(entries).toMatchObject([{ execution: OTHER.execution, status: 'done', before: { on: false } }]);
  });
  it('that took effect stays the change of its execution, and another execution can roll it back', async () => {
    const { world, entries, go } = await abandoned({ on: true });
    expect(await go('apply', {}, OTHER)).toMatchObject({ kind: 'compliant' });
    expect(entries).toMatchObject([{ execution: EXECUTION, status: 'done', before: { on: false } }]);
    expect(await go('rollback', {}, { execution: 'arn:third' })).toMatchObject({ kind: 'fixed' });
    expect(world.state).toEqual({ on: false });
  });
  it('that left neither state makes another execution ask for approval, and the plan names the loss', async () => {
    const half = { on: false, by: 'half' };
    const { world, entries, go } = await abandoned(half);
    const plan: any = await go('apply', {}, OTHER);
    expect(plan).toMatchObject({ kind: 'planned', awaits: 'approval', before: half });
    expect(plan.loses).toContain(`what ${EXECUTION} left unfinished: the state before was {"on":false}`);
    expect(world.state).toEqual(half);
    expect(await go('apply', {}, { ...OTHER, ...approved(plan.plan) })).toMatchObject({ kind: 'fixed', before: half });
    expect(entries).toMatchObject([
      { execution: EXECUTION, status: 'open', before: { on: false } },
      { execution: OTHER.execution, status: 'done', before: half, approval: { by: 'ada' } },
    ]);
  });
  it('of a rollback that stopped half-way makes another execution ask for approval', async () => {
    let isKilled = true;
    const write = async ({ client }: any, _: unknown, to: { on: boolean }) => {
      client.set(to.on);
      if (!to.on && isKilled) {
        world.state = { on: 'half' } as never;
        throw new Error('killed');
      }
    };
    const { world, go } = switchAccount({ on: false }, { write });
    await go('apply');
    await expect(go('rollback')).rejects.toThrow('killed');
    isKilled = false;
    expect(await go('apply', {}, OTHER)).toMatchObject({ kind: 'planned', awaits: 'approval' });
  });
});
