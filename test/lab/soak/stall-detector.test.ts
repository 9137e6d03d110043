import { afterAll, afterEach, expect, it, vi } from 'vitest';
import { failOnStall } from '../../../lab/soak/stall-detector.ts';
import { createClock } from '../../../sandbox/kernel/clock.ts';
import type { CallRecord } from '../../../sandbox/kernel/kernel.ts';

vi.useFakeTimers();
afterEach(() => vi.clearAllTimers());
afterAll(() => vi.useRealTimers());

const MINUTE_MS = 60_000;
const CALL = { service: 'sqs', operation: 'ReceiveMessage' } as CallRecord;
const clock = createClock({ virtual: true, start: Date.parse('2026-11-22T12:00Z') });
const never = () => new Promise<never>(() => {});

it('fails with the time and the last call after five minutes without a call', async () => {
  const failed = expect(failOnStall({ clock, calls: [CALL] }, never)).rejects.toThrow(
    'The sandbox stopped making progress at 2026-11-22T12:00:00.000Z, after 1 call; the last one was sqs ReceiveMessage.',
  );
  await vi.advanceTimersByTimeAsync(6 * MINUTE_MS);
  await failed;
});
it('waits as long as calls are made, and returns the result of the work', async () => {
  const calls = [CALL];
  const { promise, resolve } = Promise.withResolvers<string>();
  const result = failOnStall({ clock, calls }, () => promise);
  for (let minute = 0; minute < 30; minute += 4) {
    await vi.advanceTimersByTimeAsync(4 * MINUTE_MS);
    calls.push(CALL);
  }
  resolve('done');
  expect(await result).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});
it('passes on an error of the work', async () => {
  await expect(failOnStall({ clock, calls: [] }, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
});
