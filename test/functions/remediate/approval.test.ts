import { describe, expect, it } from 'vitest';
import { switchAccount, UNTIL } from './switch.ts';

describe('a change whose risk depends on the transition', () => {
  const BY_RISK = { policy: { mode: 'approve' as const, byRisk: true as const, tags: {} } };
  const risky = (risk: string) => switchAccount({ on: false }, { risk: 'disruptive', riskOf: () => risk });

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
    const { go } = switchAccount(
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
  const planIn = async (go: ReturnType<typeof switchAccount>['go'], params = {}, more = {}) =>
    ((await go('plan', params, { ...APPROVE, ...more })) as { plan: string }).plan;

  it('applies exactly the plan that it names', async () => {
    const { world, entries, go } = switchAccount({ on: false });
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
    const { world, go } = switchAccount({ on: false });
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
  it.each<[string, (a: ReturnType<typeof switchAccount>) => Promise<string>]>([
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
    const toy = switchAccount({ on: false });
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
    const plan = await planIn(switchAccount({ on: false }).go);
    const { world, go } = switchAccount({ on: false }, steps);
    expect(await go('apply', {}, approved(plan))).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(world.writes).toBe(0);
  });
  it('still restricts the change to its plan if policy has become auto since', async () => {
    const { world, go } = switchAccount({ on: false });
    const { approval } = approved(first);
    expect(await go('apply', {}, { approval })).toMatchObject({ kind: 'planned', awaits: 'approval' });
    expect(world.writes).toBe(0);
  });
});
