import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { accountTarget, defineRemediation, refused } from '../../../functions/contract/remediation.ts';
import type { RemediationRequest } from '../../../functions/domain/job.ts';
import type { JournalEntry } from '../../../functions/domain/journal.ts';
import type { Journal } from '../../../functions/ports/journal.ts';
import type { LockedCopies } from '../../../functions/ports/locked-copies.ts';
import { runRemediation } from '../../../functions/remediate/engine.ts';

const EXECUTION = 'arn:execution';
const CHANGE = { execution: EXECUTION, version: 1 };

type SwitchState = { readonly on: boolean };

/** The next `stale` reads show the state before the last write. */
class Switch {
  state: SwitchState | undefined;
  writes = 0;
  stale = 0;
  #shown: SwitchState | undefined;

  constructor(state: SwitchState | undefined) {
    this.state = state;
    this.#shown = state;
  }
  get(): SwitchState | undefined {
    if (this.stale === 0) return this.state;
    this.stale -= 1;
    return this.#shown;
  }
  set(on: boolean): void {
    this.writes += 1;
    this.#shown = this.state;
    this.state = { on };
  }
}

const MODULE = defineRemediation({
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

const requestFor = (mode: RemediationRequest['mode'], params: object): RemediationRequest => ({
  v: 3,
  mode,
  execution: EXECUTION,
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
  params,
  ...(mode === 'rollback' && { undo: CHANGE }),
});

function memoryJournal(entries: JournalEntry[]): Journal {
  const isSame = (one: Pick<JournalEntry, 'key' | 'at'>) => (other: JournalEntry) =>
    one.key === other.key && one.at === other.at;
  return {
    entries: async (key) => structuredClone(entries.filter((entry) => entry.key === key).reverse()),
    put: async (entry) => {
      const at = entries.findIndex(isSame(entry));
      if (at < 0) entries.push(structuredClone(entry));
      else entries[at] = structuredClone(entry);
    },
    mark: async (marked, status, writtenAt) => {
      Object.assign(entries.find(isSame(marked))!, { status, ...(writtenAt !== undefined && { writtenAt }) });
    },
  };
}

const memoryCopies = (copies: Map<string, JournalEntry>): LockedCopies => ({
  async keep(entry) {
    const kept = copies.get(entry.execution) ?? structuredClone(entry);
    copies.set(entry.execution, kept);
    return kept;
  },
  oldest: async (_, execution) => copies.get(execution),
});

/** The account has one switch; `steps` replaces steps of its remediation. */
function account(start: SwitchState | undefined, steps: object = {}) {
  const world = new Switch(start);
  const entries: JournalEntry[] = [];
  const copies = new Map<string, JournalEntry>();
  const alerts: string[] = [];
  let now = Date.parse('2026-11-01T00:00:00Z');
  const pass = (ms: number) => {
    now += ms;
  };
  const deps = {
    journal: memoryJournal(entries),
    copies: memoryCopies(copies),
    alert: (message: string) => void alerts.push(message),
    session: async () => ({ client: world }),
    findStack: async () => undefined,
    findWrite: async () => undefined,
    now: () => now,
    sleep: async (ms: number) => pass(ms),
  };
  const go = (mode: RemediationRequest['mode'], params = {}, more: Partial<RemediationRequest> = {}) =>
    runRemediation({ ...MODULE, ...steps } as never, { ...requestFor(mode, params), ...more }, deps);
  return { world, entries, copies, alerts, deps, go, pass };
}

/** An hour after the clock of `account` begins. */
const UNTIL = '2026-11-01T01:00:00.000Z';

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
    const { world, entries, go } = account({ on: false }, steps);
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
    const unverified = account({ on: false }, { ...steps, write: async () => {}, settleSeconds: 0 });
    expect(await failure(unverified.go('apply'))).toContain('not {"on":true}');
    expect(
      await failure(account({ on: false }, { ...steps, write: async () => {}, settleSeconds: 0 }).go('apply')),
    ).not.toContain(PRIVATE);
    const { entries, go } = account({ on: false }, steps);
    await go('apply');
    Object.assign(entries[0]!, { after: { on: true, owner: 'somebody else' } });
    const refusal = texts(await go('rollback'));
    expect(refusal).toContain('the resource has changed since');
    expect(refusal).not.toContain(PRIVATE);
    expect(refusal).not.toContain('somebody else');
  });

  it('is restored by a rollback', async () => {
    const { world, go } = account({ on: false }, steps);
    await go('apply');
    expect(await go('rollback')).toMatchObject({ kind: 'fixed', before: { on: true }, after: { on: false } });
    expect(world.state).toEqual({ on: false });
  });
});

it('the cost of a change is in the plan and in the result of the fix', async () => {
  const steps = { costs: async () => '$9 a month' };
  for (const mode of ['plan', 'apply'] as const)
    expect(await account({ on: false }, steps).go(mode)).toMatchObject({ summary: 'false to true: $9 a month' });
});

describe('apply', () => {
  it('fixes a faulty resource and keeps the state before', async () => {
    const { world, entries, go } = account({ on: false });
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
  it('is compliant if the resource is gone', async () => {
    expect((await account(undefined).go('apply')).kind).toBe('compliant');
  });
  it('is refused if want refuses', async () => {
    const { world, go } = account({ on: false });
    expect(await go('apply', { never: true })).toEqual({ kind: 'refused', because: 'policy says never' });
    expect(world.writes).toBe(0);
  });
  it('is refused if the organization asks for more than policy, unless the resource is gone', async () => {
    const unmet = { unmet: 'the organization asks for 14' };
    const { world, go } = account({ on: false });
    expect(await go('apply', {}, unmet)).toEqual({ kind: 'refused', because: 'the organization asks for 14' });
    expect(world.writes).toBe(0);
    world.state = undefined;
    expect(await go('apply', {}, unmet)).toMatchObject({ kind: 'compliant' });
  });
  it('fails for parameters that the module does not have', async () => {
    await expect(account({ on: false }).go('apply', { surplus: 1 })).rejects.toMatchObject({
      name: 'ConfigurationInvalid',
    });
  });
  it('waits within the invocation for a change that shows late', async () => {
    const { world, deps, go } = account({ on: false });
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
    const { world, go, pass } = account({ on: false });
    await go('apply');
    world.state = { on: false };
    await expect(go('apply')).rejects.toMatchObject({ name: 'ChangePending' });
    pass(60_000);
    expect(await go('apply')).toMatchObject({ ...CHANGE_MADE, because: expect.stringContaining('changed since') });
    expect(world.writes).toBe(1);
  });
  it('does not repeat it after a rollback, also by another execution', async () => {
    const { world, go } = account({ on: false });
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
    const it = account({ on: false });
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

describe('a rollback that does not show', () => {
  const hidden = async () => {
    const it = account({ on: false });
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
  it('is refused if nothing was changed', async () => {
    expect(await account({ on: true }).go('rollback')).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('no change'),
    });
  });
  it('is refused if the change lost something permanently', async () => {
    const { world, go } = account({ on: false }, { loses: (from: unknown, to: unknown) => JSON.stringify([from, to]) });
    await go('apply');
    const because = 'cannot be undone: [{"on":false},{"on":true}]';
    expect(await go('rollback')).toEqual({ kind: 'refused', because });
    expect(world.state).toEqual({ on: true });
  });
  it('is refused if the resource has changed since', async () => {
    const { world, go } = account({ on: false });
    await go('apply');
    world.state = { on: true, by: 'somebody' } as never;
    expect(await go('rollback')).toMatchObject({ kind: 'refused', because: expect.stringContaining('changed since') });
  });
  it('restores a resource that has changed since if forced', async () => {
    const { world, go } = account({ on: false });
    await go('apply');
    world.state = { on: true, by: 'somebody' } as never;
    expect(await go('rollback', {}, { force: true })).toMatchObject({ kind: 'fixed', before: { by: 'somebody' } });
    expect(world.state).toEqual({ on: false });
  });
  it('is refused if the resource is gone, forced or not', async () => {
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
  it('repeats its result for its own execution, but not for another one', async () => {
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

describe('the locked copy', () => {
  it('is kept once, before the first write', async () => {
    const { world, copies, go, deps } = account({ on: false });
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
    const { world, deps, go } = account({ on: false });
    deps.copies.keep = async () => Promise.reject(new Error('no bucket'));
    await expect(go('apply')).rejects.toThrow('no bucket');
    expect(world.writes).toBe(0);
  });

  it.each<[string, Partial<JournalEntry>, string]>([
    ['the state before', { before: { on: 'elsewhere' } }, 'before is {"on":"elsewhere"}, in the copy {"on":false}'],
    ['the parameters', { params: { never: true } }, 'params is {"never":true}'],
  ])('refuses a rollback, and raises the alarm, if the table has other values of %s', async (_, forged, difference) => {
    const { world, entries, alerts, go } = account({ on: false }, { state: z.any() });
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
    const { entries, go } = account({ on: false }, { write });
    await go('apply');
    entries[0]!.targets = [{ group: 'sg-another' }];
    expect(await go('rollback')).toMatchObject({ kind: 'fixed' });
    expect(written[1]).toEqual(written[0]);
  });

  it('is missing for a change of an earlier version: a rollback is refused without an alarm', async () => {
    const { copies, alerts, go } = account({ on: false });
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
    const account_ = account({ on: false }, { write, ...more });
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
    const { world, go } = account({ on: false }, { write });
    await go('apply');
    await expect(go('rollback')).rejects.toThrow('killed');
    isKilled = false;
    expect(await go('apply', {}, OTHER)).toMatchObject({ kind: 'planned', awaits: 'approval' });
  });
});

describe('a change whose risk depends on the transition', () => {
  const BY_RISK = { policy: { mode: 'approve' as const, byRisk: true as const, tags: {} } };
  const risky = (risk: string) => account({ on: false }, { risk: 'disruptive', riskOf: () => risk });

  it('is made if it is safe and policy names no mode', async () => {
    const { world, go } = risky('safe');
    expect(await go('apply', {}, BY_RISK)).toMatchObject({ kind: 'fixed' });
    expect(world.state).toEqual({ on: true });
  });
  it('waits for approval if it is disruptive, and the approved plan is applied', async () => {
    const { world, go } = risky('disruptive');
    const planned = await go('apply', {}, BY_RISK);
    expect(planned).toMatchObject({ kind: 'planned', awaits: 'approval', risk: 'disruptive' });
    expect(world.writes).toBe(0);
    const approval = { by: 'ada', at: '2026-11-01T00:00:00Z', plan: (planned as { plan: string }).plan };
    expect(await go('apply', {}, { ...BY_RISK, approval, approvedUntil: UNTIL })).toMatchObject({ kind: 'fixed' });
  });
  it('obeys the mode that policy names', async () => {
    const approve = { policy: { mode: 'approve' as const, tags: {} } };
    expect(await risky('safe').go('apply', {}, approve)).toMatchObject({ awaits: 'approval', risk: 'safe' });
    expect(await risky('disruptive').go('apply')).toMatchObject({ kind: 'fixed' });
  });
  it('obeys the rule for a live tag', async () => {
    const { go } = account(
      { on: false },
      { risk: 'disruptive', riskOf: () => 'safe', tags: async () => ({ stage: 'prod' }) },
    );
    const byTag = { policy: { ...BY_RISK.policy, tags: { 'stage=prod': 'approve' as const } } };
    expect(await go('apply', {}, byTag)).toMatchObject({ kind: 'planned', awaits: 'approval' });
  });
});

describe('an approval', () => {
  const APPROVE = { policy: { mode: 'approve' as const, tags: {} } };
  const approved = (plan: string, at = '2026-11-01T00:00:00Z', approvedUntil = UNTIL) => ({
    ...APPROVE,
    approval: { by: 'ada', at, plan },
    approvedUntil,
  });
  const planIn = async (go: ReturnType<typeof account>['go'], params = {}, more = {}) =>
    ((await go('plan', params, { ...APPROVE, ...more })) as { plan: string }).plan;

  it('applies exactly the plan that it names', async () => {
    const { world, entries, go } = account({ on: false });
    expect(await go('apply', {}, approved(await planIn(go)))).toMatchObject({ kind: 'fixed' });
    expect(world.state).toEqual({ on: true });
    expect(entries).toMatchObject([{ approval: { by: 'ada' }, version: 1, account: '333333333333', params: {} }]);
  });
  it.each<[string, string, string | undefined]>([
    ['has ended', '2026-10-31T00:00:00Z', '2026-11-01T00:00:00.000Z'],
    ['has no end', '2026-11-01T00:00:00Z', undefined],
    ['is older than any policy allows, whatever its end', '2026-10-04T00:00:00Z', '2030-01-01T00:00:00.000Z'],
    ['is from the future', '2026-11-01T00:06:00Z', '2026-11-02T00:00:00.000Z'],
    ['has an unreadable time', 'soon', UNTIL],
  ])('that %s permits nothing, and the plan waits for approval', async (_, at, approvedUntil) => {
    const { world, go } = account({ on: false });
    const request = { ...approved(await planIn(go), at), approvedUntil };
    expect(await go('apply', {}, request)).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(world.state).toEqual({ on: false });
  });

  const first = '0'.repeat(64);
  const finding = {
    id: 'f',
    productArn: 'p',
    control: 'Toy.1',
    account: '333333333333',
    region: 'us-east-1',
    partition: 'aws',
  };
  it.each<[string, (a: ReturnType<typeof account>) => Promise<string>]>([
    ['of a plan that Suture never showed', async () => first],
    [
      'of the same change in another account',
      ({ go }) => planIn(go, {}, { finding: { ...finding, account: '444444444444' } }),
    ],
    [
      'of the same change in another Region',
      ({ go }) => planIn(go, {}, { finding: { ...finding, region: 'eu-west-1' } }),
    ],
    [
      'of the same change for another control',
      ({ go }) => planIn(go, {}, { finding: { ...finding, control: 'Toy.2' } }),
    ],
    ['of another target', ({ go }) => planIn(go, {}, { target: { name: 'other' } })],
    ['with other parameters', ({ go }) => planIn(go, { never: false })],
    [
      'of an earlier state',
      async ({ go, world }) => {
        const plan = await planIn(go);
        world.state = { on: false, by: 'somebody' } as never;
        return plan;
      },
    ],
  ])('%s permits nothing, and the plan waits for approval', async (_, plan) => {
    const toy = account({ on: false });
    const asked = await plan(toy);
    expect(await toy.go('apply', {}, approved(asked))).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect([toy.world.writes, toy.entries]).toEqual([0, []]);
  });
  it.each([
    ['another version of the module', { version: 2 }],
    ['what the change loses now', { loses: () => 'a password' }],
    ['what the change does now', { want: () => ({ on: true, more: 1 }) }],
    ['another summary', { summary: () => 'something else' }],
    ['what the change costs now', { costs: () => '$9 a month' }],
  ])('does not cover %s', async (_, steps) => {
    const plan = await planIn(account({ on: false }).go);
    const { world, go } = account({ on: false }, steps);
    expect(await go('apply', {}, approved(plan))).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(world.writes).toBe(0);
  });
  it('still restricts the change to its plan if policy has become auto since', async () => {
    const { world, go } = account({ on: false });
    const { approval } = approved(first);
    expect(await go('apply', {}, { approval })).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(world.writes).toBe(0);
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
    const { world, go } = account({ on: false });
    await go('apply');
    expect(await go('rollback', {}, more)).toEqual({ kind: 'refused', because: expect.stringContaining(because) });
    expect(world.state).toEqual({ on: true });
  });
  it('is refused even if forced', async () => {
    const { world, go } = account({ on: false });
    await go('apply');
    const undo = { ...CHANGE, execution: 'arn:other' };
    expect(await go('rollback', {}, { undo, force: true })).toMatchObject({ kind: 'refused' });
    expect(world.state).toEqual({ on: true });
  });
  it('is refused if the module has another version now, or another schema of its state', async () => {
    const made = account({ on: false }, {});
    await made.go('apply');
    made.entries[0]!.before = { off: true };
    expect(await made.go('rollback')).toMatchObject({
      because: expect.stringContaining('its state before is not one'),
    });
    const newer = account({ on: false }, { version: 2 });
    await newer.go('apply');
    newer.entries[0]!.version = 1;
    expect(await newer.go('rollback')).toMatchObject({ because: expect.stringContaining('made by version 1') });
  });
  it('is refused until later changes of the target are undone', async () => {
    const { world, go } = account({ on: false });
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

describe('a change for which AWS has no room', () => {
  const noRoom = { refused: 'no room' };
  it('is refused, and leaves nothing to undo if nothing was written', async () => {
    const { entries, go } = account({ on: false }, { write: async () => noRoom });
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
    const { world, entries, go } = account({ on: false }, { write });
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
    const { entries, go } = account({ on: false }, { write });
    await go('apply');
    expect(await go('rollback', {}, { execution: 'arn:undo' })).toEqual({ kind: 'refused', because: 'no room' });
    expect(entries).toMatchObject([{ status: 'done' }]);
  });
});
