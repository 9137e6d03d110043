import { describe, expect, it } from 'vitest';
import { bucketOf } from '../../../functions/domain/durations.ts';
import { dailyDigest } from '../../../functions/notify/digest.ts';
import type { DayStatistics } from '../../../functions/ports/ledger-queries.ts';

const NOTHING = { failed: 0, waiting: 0, goneUnits: [] };
const of = (account: string, control: string, more: Partial<DayStatistics>): DayStatistics => ({
  day: '2026-11-21',
  account,
  control,
  endings: {},
  told: 0,
  fixed: 0,
  reverted: 0,
  durations: {},
  ...more,
});

describe('the digest of a day', () => {
  it('is not sent if nothing happened and nothing waits', () => {
    expect(dailyDigest('2026-11-21', [], NOTHING)).toBeUndefined();
  });
  it('is sent if something waits, even after a day without events', () => {
    const digest = dailyDigest('2026-11-21', [], {
      ...{ ...NOTHING, waiting: 2, oldestWaiting: '2026-11-20T10:00:00.000Z' },
    })!;
    expect(digest.subject).toBe('Suture on 2026-11-21: 0 fixed, 0 failed, 2 waiting');
    expect(digest.text).toContain('2 waiting, the oldest since 2026-11-20T10:00:00.000Z');
  });
  it('names units that are gone, even after a day without events', () => {
    const { text } = dailyDigest('2026-11-21', [], { ...NOTHING, goneUnits: ['/Workloads/Old'] })!;
    expect(text).toMatch(/units that are gone.*\n +\/Workloads\/Old\n.*policy push policy\.yaml/);
  });
  it('counts failing findings that others have hidden, by account, and is sent for them alone', () => {
    const hidden = { '333333333333': 2, '444444444444': 5 };
    const { text } = dailyDigest('2026-11-21', [], { ...NOTHING, hidden })!;
    expect(text).toMatch(/^7 failing findings .*:\n +5 in 444444444444\n +2 in 333333333333$/m);
    expect(dailyDigest('2026-11-21', [], { ...NOTHING, hidden: {} })).toBeUndefined();
  });
  it('has counts by ending, durations of fixes, and the places with most failures', () => {
    const statistics = [
      of('333333333333', 'EC2.13', { endings: { FIXED: 40, FAILED: 1 }, durations: { [bucketOf(10)]: 40 } }),
      of('444444444444', 'S3.1', { endings: { FIXED: 2, FAILED: 7 }, durations: { [bucketOf(3600)]: 2 } }),
    ];
    const { subject, text } = dailyDigest('2026-11-21', statistics, { ...NOTHING, failed: 8 })!;
    expect(subject).toBe('Suture on 2026-11-21: 42 fixed, 8 failed, 0 waiting');
    expect(text).toMatch(/^ +42 FIXED$/m);
    expect(text).toMatch(/p50 10 s, p95 10 s/);
    expect(text).toMatch(/7 S3\.1 in 444444444444\n +1 EC2\.13 in 333333333333/);
  });
});
