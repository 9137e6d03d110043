import {
  ANSWER_ARGUMENT,
  ANSWER_EXIT_CODES,
  ANSWER_NOTES,
  ANSWER_OPTIONS,
  type AnswerOptions,
  answerCommand,
} from '../approvals/answer-approval.ts';
import { defineCommand, SECURITY_ACCOUNT_ACCESS } from '../command.ts';

export default defineCommand<AnswerOptions, [words: readonly string[]]>({
  name: 'approve',
  heading: 'Decide',
  summary: 'approve a change: shows its plan, and asks',
  arguments: [ANSWER_ARGUMENT],
  options: [...ANSWER_OPTIONS, { flags: '--reason <words>', text: 'why; it is kept with the answer' }],
  notes: ANSWER_NOTES,
  examples: [
    'suture approve 1a2b3c4d',
    'suture approve sg-3f2b1a0c --reason "agreed with the shop"',
    'suture approve EC2.13 333333333333',
  ],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: ANSWER_EXIT_CODES,
  run: (options, words) => answerCommand('approve', words.join(' '), options),
});
