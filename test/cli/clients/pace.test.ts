import { describe, expect, it } from 'vitest';
import { forEachPaced } from '../../../cli/clients/pace.ts';

function virtualTime() {
  let at = 0;
  const lines: string[] = [];
  return {
    lines,
    now: () => at,
    sleep: async (milliseconds: number) => {
      at += milliseconds;
    },
    progress: (line: string) => lines.push(line),
  };
}

describe('forEachPaced', () => {
  it('keeps to the pace and prints progress, the last count too', async () => {
    const time = virtualTime();
    const pace = { perSecond: 10, doneText: 'done', total: 50 };
    expect(await forEachPaced(Array(50).keys(), time, pace, async () => {})).toBe(50);
    expect(time.now()).toBe(5000);
    expect(time.lines).toEqual(['21 of 50 done', '41 of 50 done', '50 of 50 done']);
  });
  it('does not slow down slow work', async () => {
    const time = virtualTime();
    await forEachPaced([1, 2], time, { perSecond: 10, doneText: 'done' }, () => time.sleep(700));
    expect(time.now()).toBe(1400);
  });
  it('stops between two items on Ctrl-C, and says how to continue', async () => {
    const controller = new AbortController();
    const environment = { ...virtualTime(), signal: controller.signal };
    const work = async (n: number) => {
      if (n === 2) controller.abort();
    };
    const stopped = forEachPaced([1, 2, 3], environment, { perSecond: 10, doneText: 'done' }, work);
    await expect(stopped).rejects.toThrow('Interrupted: 2 done. Run the same command again');
  });
});
