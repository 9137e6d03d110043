import type { OperatorEnvironment } from '../../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS, WRITE_EXIT_CODES } from '../../command.ts';
import { Unreachable } from '../../errors/unreachable.ts';
import { UsageError } from '../../errors/usage-error.ts';
import { parseReason } from '../../options/reason.ts';
import { jsonOption, REASON_OPTION, YES_OPTION } from '../../options/standard.ts';
import { parseWholeNumber } from '../../options/whole-number.ts';
import { confirm } from '../../output/confirm.ts';
import { problemLines } from '../../output/terminal.ts';

export type DlqRedriveOptions = OperatorEnvironment & {
  readonly reason: string;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly rate?: number;
};

export type DlqReport = {
  readonly queue: string;
  readonly run: string | null;
  readonly redriven: number;
  readonly problems: readonly string[];
};

const MESSAGES_PER_SECOND = 10;

export default defineCommand<DlqRedriveOptions, [queue: string]>({
  name: 'redrive',
  summary: 'process the messages of a dead-letter queue again',
  arguments: [{ name: '<queue>', text: 'as suture dlq list names it' }],
  options: [
    { ...REASON_OPTION, required: true },
    YES_OPTION,
    jsonOption('one JSON object'),
    { flags: '--rate <number>', text: 'messages a second', parse: parseWholeNumber },
  ],
  notes: `
Messages that came from another queue go back to it. Updates of findings count only if they still agree with the ledger and
Security Hub, and messages about approvals are dropped. Events of findings start executions, each one execution however often it
is tried. A function is invoked again with the event on which it failed.`.trim(),
  examples: ['suture dlq redrive suture-failures-dlq --reason "the table is back"'],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: WRITE_EXIT_CODES,
  interruptible: true,
  run: (options, queue) => dlqRedriveCommand(queue, options),
});

export async function dlqRedriveCommand(name: string, options: DlqRedriveOptions): Promise<CommandResult> {
  const { json, yes, rate = MESSAGES_PER_SECOND } = options;
  const { DEAD_LETTER_QUEUES } = await import('../../../functions/domain/dead-letters.ts');
  const { listDeadLetterQueues } = await import('../../clients/dead-letters.ts');
  if (!DEAD_LETTER_QUEUES[name])
    throw new UsageError(
      `There is no dead-letter queue "${name}". There are: ${Object.keys(DEAD_LETTER_QUEUES).join(', ')}.`,
    );
  const reason = parseReason(options.reason);
  const { resolveOperator } = await import('../../clients/operator.ts');
  const { beginRun } = await import('../../clients/runs.ts');
  const { redriveDeadLetters } = await import('../../clients/redrive-dead-letters.ts');
  const operator = await resolveOperator(options);
  const queue = (await listDeadLetterQueues(operator)).find((each) => each.queue === name);
  if (!queue)
    throw new Unreachable(`${name} is not in ${operator.region}. Its stack may be in another Region, or not deployed.`);
  const resultOf = (report: DlqReport) => ({
    text: json ? JSON.stringify(report, null, 2) : reportText(report),
    failed: report.problems.length > 0,
  });
  if (queue.messages === 0) return resultOf({ queue: name, run: null, redriven: 0, problems: [] });
  const question = `Redrive about ${queue.messages} messages of ${name} (${queue.holds})?`;
  await confirm(question, { yes, refusal: 'Nothing was redriven.' });
  const run = await beginRun(operator, { kind: 'redrives', reason, selection: { queue: name } });
  const { redriven, problems } = await redriveDeadLetters(queue, run, operator, rate);
  await run.end({ redriven, problems: problems.length });
  return resultOf({ queue: name, run: run.id, redriven, problems });
}

const reportText = ({ run, redriven, problems }: DlqReport): string =>
  run === null
    ? 'It is empty. Nothing was redriven.'
    : [`${redriven} redriven, run ${run}.`, ...problemLines(problems)].join('\n');
