import { afterEach, expect, it, vi } from 'vitest';
import { watched } from '../../../lab/soak/watch.ts';
import { createClock } from '../../../sandbox/kernel/clock.ts';
import type { CallRecord } from '../../../sandbox/kernel/kernel.ts';

vi.useFakeTimers();
afterEach(() => vi.clearAllTimers());

const MINUTE = 60_000;
const call = { service: 'sqs', operation: 'ReceiveMessage' } as CallRecord;
const start = Date.parse('2026-11-22T12:00Z');
const clock = createClock({ virtual: true, start });
const forever = () => new Promise<never>(() => {});

it('a sandbox in which nothing happens for five minutes ends the soak, and says where it stands', async () => {
  const failed = expect(watched({ clock, calls: [call] }, forever)).rejects.toThrow(
    'The sandbox stands still at 2026-11-22T12:00:00.000Z, after 1 calls; the last one was sqs ReceiveMessage.',
  );
  await vi.advanceTimersByTimeAsync(6 * MINUTE);
  await failed;
});
it('one that makes a call now and then is waited for, and its answer comes through', async () => {
  const calls = [call];
  const { promise, resolve } = Promise.withResolvers<string>();
  const answer = watched({ clock, calls }, () => promise);
  for (let minute = 0; minute < 30; minute += 4) {
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    calls.push(call);
  }
  resolve('done');
  expect(await answer).toBe('done');
  expect(vi.getTimerCount()).toBe(0);
});
it('what fails by itself fails as it does', async () => {
  await expect(watched({ clock, calls: [] }, () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
});
