import { describe, expect, it } from 'vitest';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import type { LedgerRecord } from '../../../functions/ports/ledger-queries.ts';
import { type ReleaseDeps, releaseSuppressed } from '../../../functions/recurring-findings/release-suppressed.ts';
import { controlFinding } from '../../../lab/organization/finding.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const ACCOUNT = '333333333333';
const findingNamed = (name: string) => ({
  ...controlFinding({
    control: 'EC2.13',
    account: ACCOUNT,
    region: 'us-east-1',
    resource: { Type: 'AwsEc2SecurityGroup', Id: `arn:aws:ec2:us-east-1:${ACCOUNT}:security-group/sg-${name}` },
    name,
    at: new Date(NOON),
  }),
  Workflow: { Status: 'SUPPRESSED' },
});

/** Findings of a suppression that policy no longer has. `seconds`: the time of the run. */
function installation(names: readonly string[], { seconds = 900 } = {}) {
  const world = {
    now: NOON,
    held: new Set(names),
    events: [] as string[],
    live: new Map<string, object>(),
    policy: [] as object[],
    checked: undefined as string | undefined,
  };
  for (const name of names) world.live.set(name, findingNamed(name));
  const started = world.now;
  const record = (findingId: string) =>
    ({
      findingId,
      changedAt: '',
      ofSuppression: 'old',
      job: { finding: { id: findingId, control: 'EC2.13' } },
    }) as LedgerRecord;
  const deps: ReleaseDeps = {
    now: () => world.now,
    sleep: async (ms) => {
      world.now += ms;
    },
    timeLeft: () => started + seconds * 1000 - world.now,
    policy: {
      read: async () => SuturePolicy.parse({ version: 1, controls: { 'EC2.13': 'auto' }, suppressions: world.policy }),
    },
    suppressions: {
      list: async () => [{ id: 'old', since: '', ...(world.checked && { criteria: world.checked }) }],
      add: async () => {},
      storeCriteria: async (_, criteria) => {
        world.checked = criteria;
      },
      remove: async (id) => void world.events.push(`remove ${id}`),
      release: async ({ findingId }) => world.held.delete(findingId),
    },
    queries: {
      list: async () => ({ items: [...world.held].map(record) }),
      record: async (id) => (world.held.has(id) ? record(id) : undefined),
    },
    findFinding: async ({ id }) => {
      world.events.push(`look ${id} ${world.now - started}`);
      return world.live.get(id);
    },
    send: async ({ job }) => void world.events.push(`send ${(job.finding as { id: string }).id.slice(-1)}`),
  };
  return { world, run: () => releaseSuppressed(deps) };
}

describe('findings of an ended suppression', () => {
  it('are reopened one every 400 ms, each looked up just before it is sent', async () => {
    const { world, run } = installation(['a', 'b', 'c']);
    expect(await run()).toEqual({ reopened: 3, released: 0 });
    expect(world.events).toEqual(['look a 0', 'send a', 'look b 400', 'send b', 'look c 800', 'send c']);
    expect(world.now - NOON).toBe(1200);
  });

  it('are left to the next run when the time is up', async () => {
    const { world, run } = installation(['a', 'b', 'c', 'd'], { seconds: 61 });
    expect(await run()).toEqual({ reopened: 3, released: 0 });
    expect([...world.held]).toEqual(['d']);
    expect(await run()).toEqual({ reopened: 0, released: 0 });
    expect(world.events).not.toContain('remove old');
  });

  it('keep their suppression in the ledger until a run finds none, because the index is late', async () => {
    const { world, run } = installation(['a']);
    await run();
    expect(world.events).not.toContain('remove old');
    await run();
    expect(world.events.at(-1)).toBe('remove old');
  });

  it.each<[string, object | undefined]>([
    ['passes', { Compliance: { Status: 'PASSED' } }],
    ['is archived', { RecordState: 'ARCHIVED' }],
    ['is NEW already', { Workflow: { Status: 'NEW' } }],
    ['was resolved', { Workflow: { Status: 'RESOLVED' } }],
    ['is gone', undefined],
  ])('stay as they are where the finding %s', async (_, change) => {
    const { world, run } = installation(['a']);
    if (change) world.live.set('a', { ...findingNamed('a'), ...change });
    else world.live.delete('a');
    expect(await run()).toEqual({ reopened: 0, released: 1 });
    expect(world.events).toEqual(['look a 0']);
  });

  it('are reopened although somebody has written a note since', async () => {
    const { world, run } = installation(['a']);
    const Note = { Text: 'mine', UpdatedBy: 'mallory', UpdatedAt: '2026-11-23T00:00:00Z' };
    world.live.set('a', { ...findingNamed('a'), Note });
    expect(await run()).toEqual({ reopened: 1, released: 0 });
  });
});

describe('findings of a suppression whose criteria have changed', () => {
  const suppression = (criteria: object) => ({
    ...{ id: 'old', reason: 'r', owner: 'o', expires: '2099-12-31' },
    criteria,
  });

  it('are reopened if the new criteria do not cover them, and are checked once', async () => {
    const { world, run } = installation(['a', 'b']);
    const list = { equals: ['EC2.13', 'EC2.14'] };
    world.policy = [suppression({ control: 'EC2.13', resource: { contains: 'sg-a' } })];
    world.live.set('a', findingNamed('a'));
    expect(await run()).toEqual({ reopened: 1, released: 0 });
    expect([[...world.held], world.checked]).toEqual([['a'], undefined]);
    expect(await run()).toEqual({ reopened: 0, released: 0 });
    expect(world.checked).toBeDefined();
    world.events.length = 0;
    await run();
    expect(world.events).toEqual([]);
    world.policy = [suppression({ control: list })];
    expect(await run()).toEqual({ reopened: 0, released: 0 });
    world.policy = [suppression({ control: 'EC2.14' })];
    expect(await run()).toEqual({ reopened: 1, released: 0 });
    expect([...world.held]).toEqual([]);
  });
});
