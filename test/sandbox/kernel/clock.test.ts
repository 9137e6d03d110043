import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createClock, withoutHolds, withSuspendedHolds } from '../../../sandbox/kernel/clock.ts';

const NOON = Date.UTC(2026, 10, 22, 12);
const virtualClock = () => createClock({ virtual: true, start: NOON });

const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await nextTurn();
};

describe('a virtual clock', () => {
  it('starts at the given time and stands still without timers', async () => {
    const clock = virtualClock();
    await turns(20);
    expect(clock.now()).toBe(NOON);
  });

  it('jumps from timer to timer in the order of time, then of creation', async () => {
    const clock = virtualClock();
    const fired: string[] = [];
    const note = (name: string) => () => fired.push(`${name} ${clock.now() - NOON}`);
    clock.after(3_600_000, note('hour'));
    clock.after(10, note('first'));
    clock.after(10, note('second'));
    await clock.settled();
    expect(fired).toEqual(['first 10', 'second 10', 'hour 3600000']);
  });

  it('shares its time with other threads', async () => {
    const clock = virtualClock();
    await clock.sleep(1234);
    expect(Atomics.load(new BigInt64Array(clock.cell!), 0)).toBe(BigInt(NOON + 1234));
  });

  it('stands still while it is held', async () => {
    const clock = virtualClock();
    const hold = clock.hold();
    const slept = clock.sleep(1000);
    await turns(20);
    expect(clock.now()).toBe(NOON);
    hold.release();
    hold.release();
    await slept;
    expect(clock.now()).toBe(NOON + 1000);
  });

  it('stands still during work, also when the work fails', async () => {
    const clock = virtualClock();
    const slept = clock.sleep(1000);
    const work = clock.during(async () => {
      await turns(20);
      throw new Error(`at ${clock.now() - NOON}`);
    });
    await expect(work).rejects.toThrow('at 0');
    await slept;
  });

  it('moves on while the work that holds it sleeps', async () => {
    const clock = virtualClock();
    await clock.during(() => clock.during(() => clock.sleep(500)));
    expect(clock.now()).toBe(NOON + 500);
  });

  it('is held again after work let time pass', async () => {
    const clock = virtualClock();
    await clock.during(async () => {
      await withSuspendedHolds(() => new Promise<void>((resolve) => void clock.after(5, resolve)));
      clock.after(1000, () => {});
      await turns(20);
      expect(clock.now()).toBe(NOON + 5);
    });
  });

  it('stays held while work that outlives its operation sleeps', async () => {
    const clock = virtualClock();
    await clock.during(async () => {
      const asleep = withoutHolds(() => clock.sleep(1000));
      await turns(20);
      expect(clock.now()).toBe(NOON);
      void asleep;
    });
  });

  it('fires a daemon timer on the way to another, and never moves for one alone', async () => {
    const clock = virtualClock();
    const fired: string[] = [];
    clock.after(100, () => fired.push('daemon before'), { daemon: true });
    clock.after(300, () => fired.push('daemon after'), { daemon: true });
    clock.after(200, () => fired.push('timer'));
    await clock.settled();
    expect(fired).toEqual(['daemon before', 'timer']);
    expect(clock.now()).toBe(NOON + 200);
  });

  it('does not fire a cancelled timer', async () => {
    const clock = virtualClock();
    const timer = clock.after(1000, () => expect.unreachable());
    timer.cancel();
    await clock.settled();
    expect(clock.now()).toBe(NOON);
  });

  it('advances by a given time, and fires daemons and the timers that they start', async () => {
    const clock = virtualClock();
    const fired: number[] = [];
    const daily = () => {
      fired.push((clock.now() - NOON) / 1000);
      clock.after(60_000, daily, { daemon: true });
    };
    clock.after(60_000, daily, { daemon: true });
    await clock.advance(180_000);
    expect(fired).toEqual([60, 120, 180]);
    expect(clock.now()).toBe(NOON + 180_000);
  });

  it('can be set back while some work runs, and fires no timer meanwhile', async () => {
    const clock = virtualClock();
    let fired: number | undefined;
    clock.after(1000, () => {
      fired = clock.now() - NOON;
    });
    const yesterday = await clock.at(NOON - 86_400_000, async () => {
      await turns(20);
      return clock.now() - NOON;
    });
    expect([yesterday, clock.now() - NOON, fired]).toEqual([-86_400_000, 0, undefined]);
    await clock.settled();
    expect(fired).toBe(1000);
  });

  it('returns to its time if that work fails', async () => {
    const clock = virtualClock();
    await expect(clock.at(0, () => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(clock.now()).toBe(NOON);
  });

  it('is settled only after the work that a timer starts', async () => {
    const clock = virtualClock();
    let done = false;
    clock.after(10, () => {
      void clock.during(async () => {
        await clock.sleep(10);
        await turns(20);
        done = true;
      });
    });
    await clock.settled();
    expect(done).toBe(true);
  });

  it('fires no timer after it was closed', async () => {
    const clock = virtualClock();
    clock.after(0, () => expect.unreachable());
    clock.close();
    await clock.settled();
    await turns(20);
  });
});

describe('a real clock', () => {
  it('is settled when no hold and no timer but daemons is left', async () => {
    const clock = createClock({ virtual: false });
    let fired = false;
    clock.after(60_000, () => {}, { daemon: true });
    clock.after(5, () => {
      fired = true;
    });
    await clock.settled();
    expect(fired).toBe(true);
    clock.close();
  });

  it('can be set back while some work runs', async () => {
    const clock = createClock({ virtual: false });
    const before = clock.now();
    const year = new Date(await clock.at(Date.UTC(2020, 5, 1), async () => clock.now())).getUTCFullYear();
    expect([year, clock.now() >= before]).toEqual([2020, true]);
  });

  it('passes times in the past at once, and returns to the time before it was set back', async () => {
    const clock = createClock({ virtual: false });
    const hoursLater = await clock.at(Date.UTC(2020, 5, 1), async () => {
      await clock.pass(3 * 3_600_000);
      await clock.at(Date.UTC(2019, 5, 1), async () => {});
      return new Date(clock.now()).toISOString().slice(0, 13);
    });
    expect(hoursLater).toBe('2020-06-01T03');
    expect(new Date(clock.now()).getUTCFullYear()).toBeGreaterThan(2020);
  });

  it('cannot be advanced', async () => {
    await expect(createClock({ virtual: false }).advance(1)).rejects.toThrow('Only a virtual clock can be advanced.');
  });
});

describe('a virtual clock that follows real time', () => {
  it('fires what is due until now, then the rest when it is due', async () => {
    const clock = createClock({ virtual: true, start: Date.now() - 3_600_000 });
    const fired: string[] = [];
    clock.after(60_000, () => fired.push('minute'), { daemon: true });
    clock.after(3_600_000 + 2_000, () => fired.push('later'));
    await clock.followRealTime();
    expect(fired).toEqual(['minute']);
    expect(clock.virtual).toBe(false);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
    await clock.settled();
    expect(fired).toEqual(['minute', 'later']);
    await expect(clock.advance(1)).rejects.toThrow('Only a virtual clock can be advanced.');
    clock.close();
  });

  it('goes on while work is in progress, and shares its time', async () => {
    const clock = createClock({ virtual: true, start: Date.now() - 1_000 });
    await clock.followRealTime();
    const hold = clock.hold();
    const before = clock.now();
    await clock.sleep(50);
    expect(clock.now()).toBeGreaterThanOrEqual(before + 50);
    expect(Atomics.load(new BigInt64Array(clock.cell!), 0)).toBe(BigInt(clock.now()));
    hold.release();
    clock.close();
  });

  it('works in the past, and fires nothing meanwhile', async () => {
    const clock = createClock({ virtual: true, start: Date.now() - 1_000 });
    await clock.followRealTime();
    let fired = false;
    clock.after(1, () => {
      fired = true;
    });
    const day = 24 * 3_600_000;
    await clock.at(clock.now() - day, async () => {
      const then = clock.now();
      await clock.pass(60_000);
      expect(clock.now() - then).toBeGreaterThanOrEqual(60_000);
      expect(Date.now() - clock.now()).toBeGreaterThan(day / 2);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(fired).toBe(false);
    });
    await clock.settled();
    expect(fired).toBe(true);
    clock.close();
  });

  it('must not be ahead', async () => {
    const clock = createClock({ virtual: true, start: Date.now() + 60_000 });
    await expect(clock.followRealTime()).rejects.toThrow(/ahead of real time/);
    clock.close();
  });
});
