import { expect, it } from 'vitest';
import { runningCount } from '../../../cli/output/running-count.ts';

it('ends with the true count only if another one is on the screen', () => {
  const lines: string[] = [];
  const count = () => runningCount((line) => lines.push(line));
  count().end('1 of 1 ended');
  expect(lines).toEqual([]);
  const running = count();
  running.show('0 of 1 ended');
  running.end('1 of 1 ended');
  expect(lines).toEqual(['0 of 1 ended', '1 of 1 ended']);
  const same = count();
  same.show('2 of 2 ended');
  same.end('2 of 2 ended');
  expect(lines).toHaveLength(3);
});
