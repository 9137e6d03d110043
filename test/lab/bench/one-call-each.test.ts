import { describe, expect, it } from 'vitest';
import { ARRIVALS } from '../../../lab/bench/arrivals.ts';
import { BEST_RETRY, CDK_DEFAULT_RETRY, delaySeconds, oneCallEach } from '../../../lab/bench/one-call-each.ts';

describe('one call for each finding', () => {
  it("loses findings with CDK's default retry, which ends after two minutes", async () => {
    const { lost, seconds } = await oneCallEach({ ...ARRIVALS, findings: 3_000 }, CDK_DEFAULT_RETRY);
    expect(lost).toBeGreaterThan(1_000);
    expect(seconds).toBeLessThan(140);
  });
  it('loses none with the best settings, and takes as long as the quota demands', async () => {
    const { lost, seconds, calls } = await oneCallEach({ ...ARRIVALS, findings: 1_000 }, BEST_RETRY);
    expect(lost).toBe(0);
    expect(seconds).toBeGreaterThan((1_000 - 30) / 10);
    expect(calls).toBeGreaterThan(2_000);
  });
  it('loses none if all fit into the burst', async () => {
    const few = { ...ARRIVALS, findings: 20, unprocessed: 0, duplicates: 0 };
    expect(await oneCallEach(few, CDK_DEFAULT_RETRY)).toMatchObject({ lost: 0, calls: 20 });
  });
});

it('computes delays as the Amazon States Language defines them', () => {
  expect([0, 1, 5].map((attempt) => delaySeconds(CDK_DEFAULT_RETRY, attempt, () => 0.5))).toEqual([2, 4, 64]);
  expect([0, 1, 19].map((attempt) => delaySeconds(BEST_RETRY, attempt, () => 0.5))).toEqual([1, 2, 150]);
});
