import { afterEach, expect, it, vi } from 'vitest';
import { askMfaCode } from '../../../cli/output/ask-mfa-code.ts';

const { isTTY } = process.stdin;
afterEach(() => {
  process.stdin.isTTY = isTTY;
  vi.restoreAllMocks();
});

it('a code that has not six digits is asked for again, without a call to AWS', async () => {
  process.stdin.isTTY = true;
  const errors = vi.spyOn(console, 'error').mockImplementation(() => {});
  const answers = ['12345', 'suture status', ' 123456 '];
  expect(await askMfaCode('arn:aws:iam::111111111111:mfa/ann', async () => answers.shift()!)).toBe('123456');
  expect(errors).toHaveBeenCalledTimes(2);
});
