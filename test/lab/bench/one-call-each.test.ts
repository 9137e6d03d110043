import { describe, expect, it } from 'vitest';
import { ARRIVALS } from '../../../lab/bench/archive-figures.ts';
import { BEST, CDK_DEFAULT, delayOf, oneCallEach } from '../../../lab/bench/one-call-each.ts';

describe('one call a finding', () => {
  it("loses findings by CDK's default retry, which gives up after two minutes", async () => {
    const { lost, seconds } = await oneCallEach({ ...ARRIVALS, findings: 3_000 }, CDK_DEFAULT);
    expect(lost).toBeGreaterThan(1_000);
    expect(seconds).toBeLessThan(140);
  });
  it('loses none by the best settings, and takes as long as the quota lets it', async () => {
    const { lost, seconds, calls } = await oneCallEach({ ...ARRIVALS, findings: 1_000 }, BEST);
    expect(lost).toBe(0);
    expect(seconds).toBeGreaterThan((1_000 - 30) / 10);
    expect(calls).toBeGreaterThan(2_000);
  });
  it('loses none where all fit into the burst', async () => {
    const few = { ...ARRIVALS, findings: 20, unprocessed: 0, duplicates: 0 };
    expect(await oneCallEach(few, CDK_DEFAULT)).toMatchObject({ lost: 0, calls: 20 });
  });
});

it('waits as the Amazon States Language says', () => {
  expect([0, 1, 5].map((attempt) => delayOf(CDK_DEFAULT, attempt, () => 0.5))).toEqual([2, 4, 64]);
  expect([0, 1, 19].map((attempt) => delayOf(BEST, attempt, () => 0.5))).toEqual([1, 2, 150]);
});
