import { expect, it } from 'vitest';
import { answerDeny } from '../../../cli/commands/deny.ts';
import { parseReason } from '../../../cli/options/reason.ts';

const TEXT = /^Say why: --reason takes 1 to 300 characters, such as --reason "/;

it('a missing reason has one text, with an example that fits the command', () => {
  expect(() => answerDeny('1a2b3c4d', {} as Parameters<typeof answerDeny>[1])).toThrow(
    /^Say why: .* such as --reason "the bastion needs it"/,
  );
  expect(() => parseReason('  ')).toThrow(TEXT);
});
