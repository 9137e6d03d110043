import type { Timer } from '../../kernel/clock.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { EventSchedule } from './schedule-expression.ts';

const TIMERS = new WeakMap<Kernel, Map<string, Timer>>();

/**
 * Runs `fire` at every time of the schedule, on a daemon timer: schedules alone do not move a virtual clock. A later
 * call with the same key replaces the timer, or stops it if `schedule` is undefined.
 */
export function repeatOnSchedule(
  kernel: Kernel,
  key: string,
  schedule: EventSchedule | undefined,
  fire: () => void,
): void {
  const timers = TIMERS.get(kernel) ?? new Map<string, Timer>();
  TIMERS.set(kernel, timers);
  timers.get(key)?.cancel();
  timers.delete(key);
  const now = kernel.clock.now();
  const next = schedule?.(now);
  if (next === undefined) return;
  const timer = kernel.clock.after(
    next - now,
    () => {
      repeatOnSchedule(kernel, key, schedule, fire);
      fire();
    },
    { daemon: true },
  );
  timers.set(key, timer);
}
