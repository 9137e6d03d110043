import { expect, it } from 'vitest';
import { replayPlanText } from '../../../cli/replays/replay-text.ts';

const step = (digit: string, why: string) => ({
  findingId: `${digit}f6e1a2b-0000-4000-8000-000000000001`,
  ...{ control: 'EC2.13', account: '333333333333', resource: 'sg-3f2b1a0c', execution: 'e', error: 'Stopped' },
  ...({ how: 'redrive', why } as const),
});
const shown = (...whys: string[]) =>
  replayPlanText(
    whys.map((why, n) => step(`${n}`, why)),
    new Map(),
    { isTerminal: true, width: 80 },
  );

it('has a reason that all steps share once, below the table', () => {
  const text = shown('continues in the state that failed', 'continues in the state that failed');
  expect(text).not.toMatch(/^id .* why/);
  expect(text.match(/continues/g)).toHaveLength(1);
});
it('has a column of reasons if they differ', () => {
  expect(shown('continues in Report', 'it was rolled back')).toMatch(/^.*id .* why/);
});
