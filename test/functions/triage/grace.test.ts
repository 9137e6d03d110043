import { expect, it } from 'vitest';
import type { TriageVerdict } from '../../../functions/triage/decide.ts';
import { dependsOnNotice, inOwnersTime, unlessSuperseded } from '../../../functions/triage/grace.ts';

const DAY = 24 * 3_600_000;
const TOLD = '2026-03-03T09:10:00.000Z';
const NOW = Date.parse(TOLD) + 2 * DAY;
const VERDICT = {
  route: 'remediate',
  reason: 'r handles it',
  finding: { id: 'f', productArn: 'p' },
  work: { remediation: 'r', mode: 'apply' },
  graceMs: 7 * DAY,
  checks: [],
} as unknown as TriageVerdict;

it("only plans until the owner's time is up, then applies", () => {
  const first = inOwnersTime(VERDICT, { isAttempted: false }, undefined, NOW);
  expect(first).toMatchObject({ work: { mode: 'plan' }, graceSeconds: (7 * DAY) / 1000 });
  expect(first.reason).toBe('r handles it; its owner has 7 days to change it first');
  expect(first).not.toHaveProperty('toldAt');
  const told = { toldAt: TOLD, isAttempted: false };
  expect(inOwnersTime(VERDICT, told, undefined, NOW)).toMatchObject({ work: { mode: 'plan' }, toldAt: TOLD });
  const due = inOwnersTime(VERDICT, told, undefined, NOW + 5 * DAY);
  expect(due).toMatchObject({ work: { mode: 'apply' }, toldAt: TOLD, reason: VERDICT.reason });
  expect(due.graceSeconds).toBeUndefined();
});

it('applies at once if policy no longer gives time, or a person ends it', () => {
  const told = { toldAt: TOLD, isAttempted: false };
  expect(inOwnersTime({ ...VERDICT, graceMs: 0 }, told, undefined, NOW).work!.mode).toBe('apply');
  expect(inOwnersTime(VERDICT, told, { early: true }, NOW)).toMatchObject({ work: { mode: 'apply' }, toldAt: TOLD });
});

it('changes nothing for a plan that a person asked for', () => {
  expect(inOwnersTime(VERDICT, { isAttempted: false }, { mode: 'plan' }, NOW)).toEqual(VERDICT);
});

it('does not credit the owner if Suture may have changed the resource since', () => {
  expect(inOwnersTime(VERDICT, { toldAt: TOLD, isAttempted: true }, undefined, NOW + 6 * DAY)).not.toHaveProperty(
    'toldAt',
  );
});

it('reads the ledger only if the owner has time', () => {
  expect(dependsOnNotice(VERDICT, undefined)).toBe(true);
  expect(dependsOnNotice({ ...VERDICT, graceMs: 0 }, undefined)).toBe(false);
  expect(dependsOnNotice(VERDICT, { mode: 'plan' })).toBe(false);
  expect(dependsOnNotice({ ...VERDICT, work: undefined }, undefined)).toBe(false);
});

it('leaves the finding to an execution that began meanwhile', () => {
  const own = { id: 'old', started: '2026-03-03T09:00:00.000Z' };
  const newer = { isAttempted: false, execution: 'new', started: '2026-03-04T09:00:00.000Z' };
  expect(unlessSuperseded(VERDICT, newer, own)).toMatchObject({ route: 'ignore', result: { kind: 'duplicate' } });
  expect(unlessSuperseded(VERDICT, newer, own)).not.toHaveProperty('work');
  for (const told of [
    { ...newer, execution: 'old' },
    { ...newer, started: '2026-03-01T09:00:00.000Z' },
    { isAttempted: false },
  ])
    expect(unlessSuperseded(VERDICT, told, own)).toBe(VERDICT);
});
