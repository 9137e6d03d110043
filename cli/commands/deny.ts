import {
  ANSWER_ARGUMENT,
  ANSWER_EXIT_CODES,
  ANSWER_NOTES,
  ANSWER_OPTIONS,
  type AnswerOptions,
  answerCommand,
} from '../approvals/answer-approval.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';
import { parseReason } from '../options/reason.ts';

export default defineCommand<AnswerOptions, [words: readonly string[]]>({
  name: 'deny',
  heading: 'Decide',
  summary: 'deny a change: shows its plan, and asks',
  arguments: [ANSWER_ARGUMENT],
  options: [
    ...ANSWER_OPTIONS,
    { flags: '--reason <words>', text: 'why; it goes into the note on the finding (required)' },
  ],
  notes: ANSWER_NOTES,
  examples: ['suture deny 1a2b3c4d --reason "the bastion needs it"'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: ANSWER_EXIT_CODES,
  run: (options, words) => answerDeny(words.join(' '), options),
});

/** @throws UsageError without a reason */
export function answerDeny(name: string, options: AnswerOptions): Promise<string> {
  const reason = parseReason(options.reason ?? '', 'the bastion needs it');
  return answerCommand('deny', name, { ...options, reason });
}
