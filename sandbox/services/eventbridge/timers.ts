import type { Timer } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Schedule } from './schedule.ts';

const timers = new WeakMap<Kernel, Map<string, Timer>>();

/**
 * Runs `fire` whenever the schedule says, on a daemon timer: schedules alone do not move a virtual clock.
 * A later call with the same key replaces this one; without a schedule it ends it.
 */
export function repeat(kernel: Kernel, key: string, schedule: Schedule | undefined, fire: () => void): void {
  const running = timers.get(kernel) ?? new Map<string, Timer>();
  timers.set(kernel, running);
  running.get(key)?.cancel();
  running.delete(key);
  const now = kernel.clock.now();
  const next = schedule?.(now);
  if (next === undefined) return;
  const timer = kernel.clock.after(
    next - now,
    () => {
      repeat(kernel, key, schedule, fire);
      fire();
    },
    { daemon: true },
  );
  running.set(key, timer);
}
