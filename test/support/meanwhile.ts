import type { Kernel } from '../../sandbox/kernel/kernel.ts';

const TICK_MS = 20;

/** Lets only little time pass while `work` runs. Otherwise the clock would jump to the end of the next wait. */
export async function meanwhile<T>({ clock }: Pick<Kernel, 'clock'>, work: () => Promise<T>): Promise<T> {
  let isOver = false;
  const tick = (): void => {
    if (!isOver) clock.after(TICK_MS, tick);
  };
  tick();
  try {
    return await work();
  } finally {
    isOver = true;
  }
}
