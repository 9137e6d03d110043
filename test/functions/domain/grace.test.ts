import { describe, expect, it } from 'vitest';
import {
  graceReason,
  isFixedByOwner,
  isInGrace,
  tellsOwner,
  waitingSince,
  withNotice,
} from '../../../functions/domain/grace.ts';
import { graceOn } from '../../../functions/domain/grace-policy.ts';
import type { Job } from '../../../functions/domain/job.ts';
import { SuturePolicy } from '../../../functions/domain/policy.ts';
import { withGoneUnits } from '../../../functions/domain/policy-units.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SHOP = { account: '333333333333', ouPath: '/Workloads/Production' };
const CONTROL = 'EC2.13';

const policyOf = (grace: unknown, rule: unknown = 'auto') =>
  SuturePolicy.parse({ version: 1, grace, controls: { [CONTROL]: rule } });
const hours = (policy: SuturePolicy, severity?: string, isThreat = false, member = SHOP) =>
  graceOn(policy, CONTROL, { member, severity, isThreat }) / HOUR;

describe('the time that an owner has', () => {
  it.each<[what: string, grace: unknown, rule: unknown, severity: string | undefined, expected: number]>([
    ['none without a rule', undefined, 'auto', 'HIGH', 0],
    ['the one for all', '7d', 'auto', 'HIGH', 168],
    ['the one for all in a map', { for: '36h' }, 'auto', 'HIGH', 36],
    ['the rule of the control before that', '7d', { mode: 'auto', grace: '1d' }, 'HIGH', 24],
    ['none by the rule of the control', '7d', { mode: 'auto', grace: '0d' }, 'HIGH', 0],
    [
      'the one for all where the control names another account',
      '7d',
      { grace: { accounts: { '444444444444': '0h' } } },
      'HIGH',
      168,
    ],
    ['that of the severity before the one for all', { for: '7d', severities: { LOW: '30d' } }, 'auto', 'LOW', 720],
    [
      'the shorter one of severity and unit',
      { severities: { CRITICAL: '0h' }, ous: { '/Workloads': '14d' } },
      'auto',
      'CRITICAL',
      0,
    ],
    [
      'the shorter one of unit and severity',
      { severities: { LOW: '30d' }, ous: { '/Workloads': '2d' } },
      'auto',
      'LOW',
      48,
    ],
    ['that of the innermost unit', { ous: { '/Workloads': '2d', '/Workloads/Production': '5d' } }, 'auto', 'LOW', 120],
    [
      'that of the account before its unit',
      { accounts: { [SHOP.account]: '1d' }, ous: { '/Workloads': '2d' } },
      'auto',
      'LOW',
      24,
    ],
    ['none for a severity that is no member of its own', { severities: { LOW: '1d' } }, 'auto', 'constructor', 0],
  ])('is %s', (_, grace, rule, severity, expected) => {
    expect(hours(policyOf(grace, rule), severity)).toBe(expected);
  });

  it('is none for a threat, unless the rule of its control gives time', () => {
    expect(hours(policyOf('7d'), 'HIGH', true)).toBe(0);
    expect(hours(policyOf('7d', { mode: 'auto', grace: '1h' }), 'HIGH', true)).toBe(1);
  });

  it('is the longest that the rule names if its unit is gone', () => {
    const policy = policyOf({ for: '1d', ous: { '/Gone': '0h', '/Here': '9d' }, severities: { LOW: '20d' } });
    expect(hours(withGoneUnits(policy, { '/Here': 'ou-1' }), 'HIGH')).toBe(480);
  });
});

const TOLD = '2026-03-03T09:10:00.000Z';
const T0 = Date.parse(TOLD);
const jobOf = (graceSeconds: number, more: Partial<Job> = {}) => ({ graceSeconds, ...more }) as Job;
const planned = (awaits?: 'owner' | 'approval') =>
  ({ kind: 'planned', summary: 'closes port 22', ...(awaits && { awaits }) }) as Job['result'];

describe('a notice to the owner', () => {
  it('is sent first, and again a day before the time is up', () => {
    const week = jobOf((7 * DAY) / 1000);
    const first = withNotice(week, TOLD, T0);
    expect(first).toMatchObject({
      notice: 'first',
      dueBy: '2026-03-10T09:10:00.000Z',
      until: '2026-03-09T09:10:00.000Z',
    });
    // A retry after a crash sends the same notice.
    expect(withNotice(week, TOLD, T0 + HOUR)).toEqual(first);
    const reminder = withNotice(week, TOLD, T0 + 6 * DAY);
    expect(reminder).toMatchObject({ notice: 'reminder', dueBy: first.dueBy, until: first.dueBy });
  });

  it('has no reminder if the owner has at most a day', () => {
    for (const now of [T0, T0 + 23 * HOUR])
      expect(withNotice(jobOf(DAY / 1000), TOLD, now)).toMatchObject({
        notice: 'first',
        until: '2026-03-04T09:10:00.000Z',
      });
  });

  it('has the new end if policy gives more time meanwhile', () => {
    const longer = withNotice(jobOf((14 * DAY) / 1000), TOLD, T0 + 6 * DAY);
    expect(longer).toMatchObject({ notice: 'first', dueBy: '2026-03-17T09:10:00.000Z' });
  });

  it('says what follows', () => {
    const dueBy = '2026-03-10T09:10:00.000Z';
    expect(graceReason({ dueBy, result: planned('owner') })).toBe(
      `waits for its owner until ${dueBy}, then Suture does this: closes port 22`,
    );
    expect(graceReason({ dueBy, result: planned('approval') })).toContain('a person is asked to approve this');
    expect(graceReason({ result: planned('owner') })).toBeUndefined();
    expect(graceReason({ dueBy, result: planned() })).toBeUndefined();
  });

  it('is not sent for a plan that a person asked for', () => {
    expect(tellsOwner({ graceSeconds: 60, result: planned('owner') })).toBe(true);
    expect(tellsOwner({ graceSeconds: 60, result: planned() })).toBe(false);
    expect(tellsOwner({ result: planned('owner') })).toBe(false);
  });
});

it('the time begins when the owner is told, and ends after that duration', () => {
  expect(isInGrace(DAY, {}, T0)).toBe(true);
  expect(isInGrace(DAY, { toldAt: TOLD }, T0 + DAY - 1)).toBe(true);
  expect(isInGrace(DAY, { toldAt: TOLD }, T0 + DAY)).toBe(false);
  expect(isInGrace(0, {}, T0)).toBe(false);
});

it("the day that an execution waits for a cap begins after the owner's time", () => {
  const started = new Date(T0 - HOUR).toISOString();
  const since = (ms: number, told: { toldAt?: string } = { toldAt: TOLD }) =>
    waitingSince(started, 7 * DAY, told, T0 + ms);
  expect(since(0, {})).toBe(T0 - HOUR);
  expect(since(HOUR)).toBe(T0 - HOUR);
  expect(since(6 * DAY + HOUR)).toBe(T0 + 6 * DAY);
  expect(since(8 * DAY)).toBe(T0 + 7 * DAY);
});

it("a compliant resource counts as its owner's work only if the owner was told, and never after a rollback", () => {
  const compliant = { kind: 'compliant', because: 'it is closed' } as const;
  expect(isFixedByOwner({ toldAt: TOLD, result: compliant })).toBe(true);
  expect(isFixedByOwner({ result: compliant })).toBe(false);
  expect(isFixedByOwner({ toldAt: TOLD, result: planned('owner') })).toBe(false);
  expect(isFixedByOwner({ toldAt: TOLD, result: compliant, work: { mode: 'rollback' } as never })).toBe(false);
});
