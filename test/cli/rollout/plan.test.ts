import { describe, expect, it } from 'vitest';
import type { RolloutInstance } from '../../../cli/clients/stack-set.ts';
import { planRollout, type RolloutRequest } from '../../../cli/rollout/plan.ts';

const UNITS = { '/A': 'ou-a', '/A/One': 'ou-a-one', '/A/Two': 'ou-a-two', '/B': 'ou-b', '/Empty': 'ou-empty' };
const account = (id: string, path: keyof typeof UNITS | '/', status = 'ACTIVE') => {
  const above = Object.entries(UNITS).filter(([each]) => `${path}/`.startsWith(`${each}/`));
  return { id, status, ouPath: path, unitIds: ['r-root', ...above.map(([, unit]) => unit)] };
};
const ACCOUNTS = [account('1', '/A/One'), account('2', '/A/Two'), account('3', '/A'), account('4', '/B')];
const current = (id: string): RolloutInstance => ({ account: id, status: 'CURRENT' });

const plan = (more: Partial<RolloutRequest> = {}) =>
  planRollout({
    accounts: ACCOUNTS,
    unitIds: UNITS,
    instances: ACCOUNTS.map(({ id }) => current(id)),
    targets: ['ou-a', 'ou-b'],
    isNew: true,
    canary: '/A/One',
    ous: undefined,
    ...more,
  });
const brief = (more: Partial<RolloutRequest> = {}) =>
  plan(more).units.map(({ unit, accounts, outdated, targets }) => [unit, accounts, outdated, targets]);

describe('the plan of a rollout', () => {
  it('has the canary, then the units that accounts are directly in, by path', () => {
    expect(brief()).toEqual([
      ['/A/One', ['1'], ['1'], ['ou-a']],
      ['/A', ['3'], ['3'], ['ou-a']],
      ['/A/Two', ['2'], ['2'], ['ou-a']],
      ['/B', ['4'], ['4'], ['ou-b']],
    ]);
  });

  it('has each account once, though named units lie in each other', () => {
    expect(brief({ ous: ['/A', 'ou-a-two', '/B'] })).toEqual([
      ['/A/One', ['1'], ['1'], ['ou-a']],
      ['/A', ['2', '3'], ['2', '3'], ['ou-a']],
      ['/B', ['4'], ['4'], ['ou-b']],
    ]);
  });

  it('counts the accounts of other units that lack the template', () => {
    expect([plan().remaining, plan({ ous: ['/A'] }).remaining, plan({ ous: ['/A', '/B'] }).remaining]).toEqual([
      0, 1, 0,
    ]);
    expect(plan({ ous: ['/A'], isNew: false }).remaining).toBe(0);
  });

  it('names every unit of the StackSet that a step needs', () => {
    expect(brief({ canary: '/' })).toEqual([['/', ['1', '2', '3', '4'], ['1', '2', '3', '4'], ['ou-a', 'ou-b']]]);
  });

  it('updates only what is not current, if the StackSet has the template', () => {
    const instances = [current('1'), { account: '4', status: 'OUTDATED' } as const];
    expect(brief({ isNew: false, instances })).toEqual([
      ['/A/One', ['1'], [], ['ou-a']],
      ['/B', ['4'], ['4'], ['ou-b']],
    ]);
  });

  it('leaves out what AWS would not update, and says why', () => {
    const instances: RolloutInstance[] = [
      ...['1', '2', '3', '9'].map(current),
      { account: '4', status: 'INOPERABLE', reason: 'a deletion failed' },
    ];
    const accounts = [account('1', '/A/One'), account('2', '/A/Two', 'SUSPENDED'), account('3', '/'), ACCOUNTS[3]!];
    expect(plan({ instances, accounts }).leftOut).toEqual([
      { account: '2', reason: 'the account is SUSPENDED', isProblem: false },
      { account: '3', reason: 'it is outside of the units of the StackSet', isProblem: false },
      { account: '9', reason: 'it is no longer in the organization', isProblem: false },
      { account: '4', reason: 'AWS excludes its stack (INOPERABLE): a deletion failed', isProblem: true },
    ]);
  });

  it.each<[Partial<RolloutRequest>, string]>([
    [{ canary: undefined }, 'There are, with their number of accounts: /A (1), /A/One (1), /A/Two (1), /B (1).'],
    [{ canary: '/Empty' }, 'The unit /Empty has no active account with the member role.'],
    [{ canary: '/C' }, 'There is no unit "/C"'],
    [{ ous: ['ou-c'] }, 'There is no unit "ou-c"'],
    [{ instances: [] }, 'There are, with their number of accounts: none.'],
  ])('is refused for %j', (more, message) => {
    expect(() => plan(more)).toThrow(message);
  });
});
