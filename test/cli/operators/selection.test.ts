import { describe, expect, it } from 'vitest';
import { visitsIn } from '../../../cli/clients/attempts.ts';
import { paced } from '../../../cli/clients/pace.ts';
import { filterOf, statusOf, timeOf } from '../../../cli/options/selection.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('a time', () => {
  it.each([
    ['90m', '2026-11-22T10:30:00.000Z'],
    ['2h', '2026-11-22T10:00:00.000Z'],
    ['7d', '2026-11-15T12:00:00.000Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['2026-11-22T03:00Z', '2026-11-22T03:00:00.000Z'],
    ['2026-11-22T03:00+01:00', '2026-11-22T02:00:00.000Z'],
  ])('%s is %s', (text, time) => {
    expect(timeOf(text, NOW, '--since')).toBe(time);
  });
  it.each(['yesterday', '2', '2w', '', '2026-13-45', '-2h'])('"%s" is none', (text) => {
    expect(() => timeOf(text, NOW, '--since')).toThrow(/--since takes 90m/);
  });
});

describe('a filter', () => {
  it('takes statuses as they are read and as they are written', () => {
    expect([statusOf('rolled-back'), statusOf('ROLLED_BACK'), statusOf('Failed')]).toEqual([
      'ROLLED_BACK',
      'ROLLED_BACK',
      'FAILED',
    ]);
    expect(() => statusOf('broken')).toThrow('There are: open, waiting, failed,');
  });
  it('refuses an account that is none, before anything is asked', () => {
    expect(() => filterOf({ account: '33333333333' }, NOW)).toThrow('12 digits');
  });
});

describe('many things', () => {
  const clock = () => {
    let at = 0;
    const told: string[] = [];
    return {
      told,
      now: () => at,
      sleep: async (milliseconds: number) => {
        at += milliseconds;
      },
      progress: (line: string) => told.push(line),
    };
  };
  it('are dealt with no faster than the pace, and people are told', async () => {
    const time = clock();
    expect(await paced(Array(50).keys(), time, { perSecond: 10, doing: 'done', total: 50 }, async () => {})).toBe(50);
    expect(time.now()).toBe(5000);
    expect(time.told).toEqual(['21 of 50 done', '41 of 50 done']);
  });
  it('are not slowed down where they are slow themselves', async () => {
    const time = clock();
    await paced([1, 2], time, { perSecond: 10, doing: 'done' }, () => time.sleep(700));
    expect(time.now()).toBe(1400);
  });
  it('end between two on Ctrl-C, and say how to go on', async () => {
    const stopping = new AbortController();
    const work = async (n: number) => {
      if (n === 2) stopping.abort();
    };
    const stopped = paced([1, 2, 3], { ...clock(), signal: stopping.signal }, { perSecond: 10, doing: 'done' }, work);
    await expect(stopped).rejects.toThrow('Interrupted: 2 done. Run the same command again');
  });
});

describe('the history of an execution', () => {
  const timestamp = new Date(NOW);
  const entered = (name: string) => ({
    id: 1,
    timestamp,
    type: 'TaskStateEntered' as const,
    stateEnteredEventDetails: { name },
  });
  const failed = (error: string) => ({
    id: 1,
    timestamp,
    type: 'TaskFailed' as const,
    taskFailedEventDetails: { error, resource: '', resourceType: '' },
  });
  it('tells each state with the errors of its attempts, and where it was redriven', () => {
    const redriven = { id: 1, timestamp, type: 'ExecutionRedriven' as const };
    const events = [
      entered('Triage'),
      entered('Remediate'),
      failed('Throttled'),
      failed('Throttled'),
      redriven,
      entered('Report'),
    ];
    expect(visitsIn(events).map(({ state, errors }) => [state, ...errors])).toEqual([
      ['Triage'],
      ['Remediate', 'Throttled', 'Throttled'],
      ['redriven'],
      ['Report'],
    ]);
  });
});
