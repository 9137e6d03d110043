import { expect, it } from 'vitest';
import {
  deploymentOf,
  lastingSummary,
  revertedBy,
  revertedNote,
  revertedText,
} from '../../../functions/domain/reverted.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIXED = { ports: [] };
const fix = (ago: number, after: unknown = FIXED) => ({
  at: new Date(NOW - ago - HOUR).toISOString(),
  writtenAt: NOW - ago,
  after,
});
const stackAt = (ago: number) => deploymentOf({ name: 'web', logicalId: 'Group', changedAt: NOW - ago });
const OPEN = { ports: [22] };

it('recognizes a deployment that changed the resource after the last fix', () => {
  const reverted = revertedBy([fix(DAY), fix(3 * DAY)], OPEN, stackAt(HOUR), NOW);
  expect(reverted).toEqual({ by: 'CloudFormation stack web (Group)', at: '2026-03-10T11:00:00.000Z', times: 2 });
  expect(revertedText(reverted!)).toBe(
    'reverted by a deployment of CloudFormation stack web (Group) at 2026-03-10T11:00:00.000Z, after 2 fixes',
  );
});

it.each<[what: string, ...of: Parameters<typeof revertedBy>]>([
  ['nothing was fixed before', [], OPEN, stackAt(HOUR), NOW],
  ['no stack has the resource', [fix(DAY)], OPEN, undefined, NOW],
  ['CloudFormation does not say when', [fix(DAY)], OPEN, deploymentOf({ name: 'web' }), NOW],
  ['the stack changed it before the fix: somebody else undid it', [fix(DAY)], OPEN, stackAt(2 * DAY), NOW],
  ['the fix holds, and policy wants something else', [fix(DAY)], FIXED, stackAt(HOUR), NOW],
  ['the fix is a month old', [fix(31 * DAY)], OPEN, stackAt(HOUR), NOW],
])('recognizes none if %s', (_, ...of) => {
  expect(revertedBy(...of)).toBeUndefined();
});

it('leaves only the data of CloudTrail out of the plan that an approval covers', () => {
  const by = { by: 'role ci (session apply)', at: NOW - HOUR, source: 'CloudTrail' } as const;
  const reverted = revertedBy([fix(DAY), fix(3 * DAY)], OPEN, by, NOW)!;
  expect(revertedText(reverted)).toBe(
    'reverted by role ci (session apply) at 2026-03-10T11:00:00.000Z, whom CloudTrail names, after 2 fixes',
  );
  const summary = `close 22${revertedNote(reverted)}`;
  expect(lastingSummary(summary, reverted)).toBe('close 22');
  expect(lastingSummary(summary, undefined)).toBe(summary);
  const byStack = revertedBy([fix(DAY)], OPEN, stackAt(HOUR), NOW)!;
  expect(lastingSummary(`close 22${revertedNote(byStack)}`, byStack)).toMatch(
    /^close 22; reverted by a deployment of /,
  );
});
