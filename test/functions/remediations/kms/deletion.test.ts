import { expect, it } from 'vitest';
import { waitingDays } from '../../../../functions/remediations/kms/deletion.ts';

const NOW = new Date('2026-01-01T12:00:00Z');
const KEY = { KeyId: 'k', KeyState: 'PendingDeletion' } as const;
const inHours = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000);

it.each([
  ['30 days', 720, 30],
  ['a little more, as after a rollback', 720.1, 30],
  ['18 days and a morning', 440, 18],
  ['less than KMS takes', 3, 7],
  ['none', -1, 7],
])('schedules a deletion again with %s left', (_, hours, days) => {
  expect(waitingDays({ ...KEY, DeletionDate: inHours(hours) }, NOW)).toBe(days);
});

it('schedules a primary key that waits for its replicas with its original window', () => {
  const primary = { ...KEY, KeyState: 'PendingReplicaDeletion', PendingDeletionWindowInDays: 12 } as const;
  expect(waitingDays(primary, NOW)).toBe(12);
});

it('returns no days for a key that is not pending deletion', () => {
  expect(waitingDays({ ...KEY, KeyState: 'Disabled' }, NOW)).toBeNull();
});
