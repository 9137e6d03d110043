import { expect, it } from 'vitest';
import type { Stops, StopsClient } from '../../../cli/clients/stops.ts';
import { stopsCommand, stopsPage } from '../../../cli/commands/stops.ts';

const NONE: Stops = { stopped: null, circuits: [], caps: [], executions: { thisHour: 0, cap: null }, audit: [] };

it('suture stops does not say that nothing stops changes, because a function may have a concurrency of 0', async () => {
  const shown: string[] = [];
  const ledger = { all: async () => NONE } as unknown as StopsClient;
  expect(await stopsCommand({ ledger, show: (text) => shown.push(text) })).toBe('');
  const page = stopsPage(NONE);
  for (const text of [shown.join('\n'), page]) {
    expect(text).toContain('A function that may not run stops changes too: suture doctor');
    expect(text).not.toContain('Nothing stops changes');
  }
});
