import { expect, it } from 'vitest';
import { withCommandOfOtherTools } from '../../cli/program.ts';

it.each([
  ['reject', 'suture deny'],
  ['undo', 'suture rollback'],
  ['retry', 'suture replay'],
  ['redrive', 'suture dlq redrive'],
])('%s leads to %s', (word, command) => {
  expect(withCommandOfOtherTools(`error: unknown command '${word}'\n`)).toContain(command);
});
it('leaves every other error as it is', () => {
  const text = "error: unknown command 'constructor'\n";
  expect(withCommandOfOtherTools(text)).toBe(text);
});
