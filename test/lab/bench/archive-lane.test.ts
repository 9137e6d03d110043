import { describe, expect, it } from 'vitest';
import { archiveLane } from '../../../lab/bench/archive-lane.ts';
import type { Arrivals } from '../../../lab/bench/arrivals.ts';

const ARRIVALS: Arrivals = {
  findings: 10_000,
  notes: 1,
  rate: 300,
  duplicates: 0.05,
  unprocessed: 0.01,
  share: 1,
  reports: 0,
  seed: 8,
};

describe('ten thousand suppressed findings, 300 a second, with duplicates and unprocessed updates', () => {
  it.each<[string, Partial<Arrivals>]>([
    ['of one note', {}],
    ['of twenty notes', { notes: 20 }],
    ["of one note, with Report's updates in the same queue", { reports: 0.3 }],
    ['of one note, while another caller uses half of the quota', { share: 0.5 }],
    ['of twenty notes, while another caller uses half of the quota', { notes: 20, share: 0.5 }],
    [
      "of twenty notes and Report's, while another caller uses half of the quota",
      { notes: 20, share: 0.5, reports: 0.3 },
    ],
  ])('%s: all are archived within 1.2 times the floor, in as few calls as groups allow', async (_, more) => {
    const { lost, seconds, floorSeconds, calls, maxCalls } = await archiveLane({ ...ARRIVALS, ...more });
    expect(lost).toBe(0);
    expect(seconds / floorSeconds).toBeLessThanOrEqual(1.2);
    expect(calls).toBeLessThanOrEqual(maxCalls);
  });
});
