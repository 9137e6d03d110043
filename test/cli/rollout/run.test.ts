import { describe, expect, it } from 'vitest';
import type { AccountResult, StackSetClient, StackSetUpdate } from '../../../cli/clients/stack-set.ts';
import type { PlannedUnit } from '../../../cli/rollout/plan.ts';
import { awaitEarlierOperations, operationPrefixOf, type RolloutRun, runRollout } from '../../../cli/rollout/run.ts';

const TEMPLATE = { text: '{}', source: 'before.json', url: 'https://templates.s3.amazonaws.com/member.json' };
const STATE = { template: '', description: 'the role', units: ['ou-a'], regions: ['eu-west-1'] };
const unit = (name: string): PlannedUnit => ({
  ...{ unit: name, isCanary: name === '/A', accounts: ['1', '2'], outdated: ['1'], targets: ['ou-a'] },
});

type Fake = {
  readonly statuses?: readonly string[];
  readonly results?: readonly AccountResult[];
  readonly open?: readonly string[];
};

/** A StackSet whose operations have these statuses, one after the other. */
function fake({ statuses = ['SUCCEEDED'], results = [], open = [] }: Fake = {}) {
  const begun: StackSetUpdate[] = [];
  const [lines, sleeps]: [string[], number[]] = [[], []];
  const left = [...statuses];
  const stackSet: StackSetClient = {
    state: async () => STATE,
    instances: async () => [],
    openOperations: async () => [...open],
    begin: async (update) => void begun.push(update),
    status: async () => (left.length > 1 ? left.shift()! : left[0]!),
    results: async () => [...results],
  };
  const now = () => sleeps.reduce((sum, each) => sum + each, 0);
  const run: RolloutRun = {
    ...{ stackSet, template: TEMPLATE, operationPrefix: operationPrefixOf('suture', TEMPLATE), atOncePercent: 20, now },
    sleep: async (milliseconds) => sleeps.push(milliseconds),
    progress: (line) => lines.push(line),
  };
  return { run, begun, lines, sleeps };
}
const updates = (isNew = true) => ({ units: [unit('/A'), unit('/B')], state: STATE, isNew });

describe('a rollout', () => {
  it('sends the template with its first operation alone, which would mark every instance again', async () => {
    const { run, begun } = fake();
    await runRollout(run, updates());
    expect(begun.map(({ template }) => template)).toEqual([{ url: TEMPLATE.url }, undefined]);
    expect(begun[0]).toMatchObject({
      description: 'the role',
      regions: ['eu-west-1'],
      units: ['ou-a'],
      accounts: ['1'],
    });
    expect(new Set(begun.map(({ operation }) => operation)).size).toBe(2);
    const again = fake();
    await runRollout(again.run, updates(false));
    expect(again.begun.map(({ template }) => template)).toEqual([undefined, undefined]);
  });

  it('waits for an operation, asks every ten seconds, and says how far it is', async () => {
    const results = [
      { account: '1', status: 'SUCCEEDED', reason: '' },
      { account: '2', status: 'RUNNING', reason: '' },
    ];
    const { run, sleeps, lines } = fake({ statuses: ['QUEUED', ...Array(6).fill('RUNNING'), 'SUCCEEDED'], results });
    await runRollout(run, updates());
    expect(sleeps).toEqual(Array(7).fill(10_000));
    expect(lines.filter((line) => line === '/A: 1 of 2 accounts updated')).toHaveLength(2);
  });

  it.each([
    ['STOPPED', [], [{ account: '-', status: 'STOPPED', reason: 'somebody stopped the operation' }]],
    ['FAILED', [], [{ account: '-', status: 'FAILED', reason: 'the operation ended as FAILED' }]],
    [
      'SUCCEEDED',
      [{ account: '1', status: 'FAILED', reason: 'refused' }],
      [{ account: '1', status: 'FAILED', reason: 'refused' }],
    ],
  ])('stops at an operation that ended as %s', async (status, results, failures) => {
    const { run, begun } = fake({ statuses: [status], results });
    const [first, second] = await runRollout(run, updates());
    expect(first).toMatchObject({ unit: '/A', status: 'failed', failures });
    expect(second).toEqual({ unit: '/B', status: 'not begun', accounts: 2 });
    expect(begun).toHaveLength(1);
  });

  it('waits for what it began itself, and for nothing else', async () => {
    const own = `${operationPrefixOf('suture', TEMPLATE)}1`;
    const results = [{ account: '1', status: 'FAILED', reason: 'refused' }];
    expect(await awaitEarlierOperations(fake({ open: [own], results }).run)).toEqual(results);
    const other = `${operationPrefixOf('suture', { ...TEMPLATE, text: '{ }' })}1`;
    for (const open of [[other], [own, 'by-hand']])
      await expect(awaitEarlierOperations(fake({ open }).run)).rejects.toThrow('nothing was begun: operation');
  });
});
