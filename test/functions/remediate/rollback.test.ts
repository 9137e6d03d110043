import { describe, expect, it } from 'vitest';
import type { RemediationRequest } from '../../../functions/domain/job.ts';
import { CHANGE, switchAccount } from './switch.ts';

describe('a rollback that does not show', () => {
  const hidden = async () => {
    const it = switchAccount({ on: false });
    await it.go('apply');
    const mark = it.deps.journal.mark;
    it.deps.journal.mark = async (entry, status, at) => {
      await mark(entry, status, at);
      if (status === 'rollingBack') it.world.stale = 100;
    };
    return it;
  };
  it('is pending, and the next run verifies it without writing', async () => {
    const { world, go } = await hidden();
    await expect(go('rollback')).rejects.toMatchObject({ name: 'ChangePending' });
    await expect(go('rollback')).rejects.toMatchObject({ name: 'ChangePending' });
    world.stale = 0;
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', before: { on: true }, after: { on: false } });
    expect(world.writes).toBe(2);
  });
  it('is RollbackFailed after settleSeconds, and is written again by a redrive', async () => {
    const { world, go, pass } = await hidden();
    await expect(go('rollback')).rejects.toMatchObject({ name: 'ChangePending' });
    pass(60_000);
    await expect(go('rollback')).rejects.toMatchObject({ name: 'RollbackFailed' });
    Object.assign(world, { stale: 0, state: { on: true } });
    await expect(go('rollback')).rejects.toMatchObject({ name: 'ChangePending' });
    expect(world).toMatchObject({ writes: 3, state: { on: false } });
  });
});

describe('rollback', () => {
  it('restores the state before', async () => {
    const { world, entries, go } = switchAccount({ on: false });
    await go('apply');
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', after: { on: false } });
    expect(world.state).toEqual({ on: false });
    expect(entries.at(-1)!.status).toBe('rolledBack');
  });
  it('is refused if nothing was changed', async () => {
    expect(await switchAccount({ on: true }).go('rollback')).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('no change'),
    });
  });
  it('is refused if the change lost something permanently', async () => {
    const { world, go } = switchAccount(
      { on: false },
      { loses: (from: unknown, to: unknown) => JSON.stringify([from, to]) },
    );
    await go('apply');
    const because = 'cannot be undone: [{"on":false},{"on":true}]';
    expect(await go('rollback')).toEqual({ kind: 'refused', because });
    expect(world.state).toEqual({ on: true });
  });
  it('is refused if the resource has changed since', async () => {
    const { world, go } = switchAccount({ on: false });
    await go('apply');
    world.state = { on: true, by: 'somebody' } as never;
    expect(await go('rollback')).toMatchObject({ kind: 'refused', because: expect.stringContaining('changed since') });
  });
  it('restores a resource that has changed since if forced', async () => {
    const { world, go } = switchAccount({ on: false });
    await go('apply');
    world.state = { on: true, by: 'somebody' } as never;
    expect(await go('rollback', {}, { force: true })).toMatchObject({ kind: 'fixed', before: { by: 'somebody' } });
    expect(world.state).toEqual({ on: false });
  });
  it('is refused if the resource is gone, forced or not', async () => {
    const { world, go } = switchAccount({ on: false });
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
    const { world, go } = switchAccount({ on: false }, { write });
    await go('apply');
    await expect(go('rollback')).rejects.toThrow('killed');
    isHalf = false;
    const other = { execution: 'arn:other' };
    expect(await go('rollback', {}, other)).toMatchObject({ because: expect.stringContaining('changed since') });
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', after: { on: false } });
  });
  it('repeats its result for its own execution, but not for another one', async () => {
    const { go } = switchAccount({ on: false });
    await go('apply');
    await go('rollback');
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', after: { on: false } });
    expect(await go('rollback', {}, { execution: 'arn:other' })).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('already'),
    });
  });
});

describe('a rollback that names another change', () => {
  const finding = {
    id: 'f',
    productArn: 'p',
    control: 'Toy.1',
    account: '333333333333',
    region: 'us-east-1',
    partition: 'aws',
  };
  it.each<[string, Partial<RemediationRequest>, string]>([
    [
      'account',
      { finding: { ...finding, account: '444444444444' } },
      'the journal holds no change of arn:aws:iam::444444444444:root',
    ],
    ['Region', { finding: { ...finding, region: 'eu-west-1' } }, 'the journal holds no change'],
    ['partition', { finding: { ...finding, partition: 'aws-cn' } }, 'the journal holds no change of arn:aws-cn:'],
    ['parameters', { params: { never: false } }, 'params is {"never":false}, in the journal {}'],
    ['module version', { undo: { ...CHANGE, version: 2 } }, 'version is 2, in the journal 1'],
    [
      'execution',
      { undo: { ...CHANGE, execution: 'arn:other' } },
      'execution is "arn:other", in the journal "arn:execution"',
    ],
    [
      'approval',
      { undo: { ...CHANGE, approval: { by: 'eve', at: 'a', plan: '0'.repeat(64) } } },
      'approval is {"by":"eve"',
    ],
  ])('by its %s is refused, and the reason names the difference', async (_, more, because) => {
    const { world, go } = switchAccount({ on: false });
    await go('apply');
    expect(await go('rollback', {}, more)).toEqual({ kind: 'refused', because: expect.stringContaining(because) });
    expect(world.state).toEqual({ on: true });
  });
  it('is refused even if forced', async () => {
    const { world, go } = switchAccount({ on: false });
    await go('apply');
    const undo = { ...CHANGE, execution: 'arn:other' };
    expect(await go('rollback', {}, { undo, force: true })).toMatchObject({ kind: 'refused' });
    expect(world.state).toEqual({ on: true });
  });
  it('is refused if the module has another version now, or another schema of its state', async () => {
    const made = switchAccount({ on: false }, {});
    await made.go('apply');
    made.entries[0]!.before = { off: true };
    expect(await made.go('rollback')).toMatchObject({
      because: expect.stringContaining('its state before is not one'),
    });
    const newer = switchAccount({ on: false }, { version: 2 });
    await newer.go('apply');
    newer.entries[0]!.version = 1;
    expect(await newer.go('rollback')).toMatchObject({ because: expect.stringContaining('made by version 1') });
  });
  it('is refused until later changes of the target are undone', async () => {
    const { world, go } = switchAccount({ on: false });
    await go('apply');
    world.state = { on: false };
    const later = { execution: 'arn:later' };
    await go('apply', {}, later);
    const undoing = (execution: string, change: object = {}) =>
      go('rollback', {}, { execution, undo: { ...CHANGE, ...change } });
    expect(await undoing('arn:undo-1')).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('arn:later'),
    });
    expect(await undoing('arn:undo-2', later)).toMatchObject({ kind: 'fixed' });
    world.state = { on: true };
    expect(await undoing('arn:undo-3')).toMatchObject({ kind: 'fixed' });
  });
});
