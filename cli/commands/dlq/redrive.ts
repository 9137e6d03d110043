import type { RedriveMethod } from '../../../functions/domain/dead-letters.ts';
import type { DeadLetterQueue } from '../../clients/dead-letters.ts';
import type { OperatorEnvironment } from '../../clients/operator.ts';
import { type CommandResult, defineCommand, SECURITY_ACCOUNT_ACCESS, WRITE_EXIT_CODES } from '../../command.ts';
import { Unreachable } from '../../errors/unreachable.ts';
import { UsageError } from '../../errors/usage-error.ts';
import { parseReason } from '../../options/reason.ts';
import { DRY_RUN_OPTION, jsonOption, REASON_UNLESS_DRY_RUN, YES_OPTION } from '../../options/standard.ts';
import { parseWholeNumber } from '../../options/whole-number.ts';
import { confirm } from '../../output/confirm.ts';
import { countText } from '../../output/count-text.ts';
import { problemLines } from '../../output/terminal.ts';

export type DlqRedriveOptions = OperatorEnvironment & {
  readonly reason?: string;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly rate?: number;
};

export type DlqReport = {
  readonly queue: string;
  readonly run: string | null;
  /** The approximate number that the queue held. */
  readonly messages: number;
  readonly redriven: number;
  /** The number of messages that came, or came back, while the others were redriven. They stay in the queue. */
  readonly later: number;
  /** Those of `later` that this command had redriven; null if the API is too old to tell. */
  readonly cameBack: number | null;
  readonly problems: readonly string[];
};

const MESSAGES_PER_SECOND = 10;

export default defineCommand<DlqRedriveOptions, [queue: string]>({
  name: 'redrive',
  summary: 'process the messages of a dead-letter queue again',
  arguments: [{ name: '<queue>', text: 'as suture dlq list names it' }],
  options: [
    REASON_UNLESS_DRY_RUN,
    DRY_RUN_OPTION,
    YES_OPTION,
    jsonOption('one JSON object'),
    { flags: '--rate <number>', text: 'messages a second', parse: parseWholeNumber },
  ],
  notes: `
Messages that came from another queue go back to it. Updates of findings count only if they still agree with the ledger and
Security Hub, and messages about approvals are dropped. Events of findings start executions, each one execution however often it
is tried. A function is invoked again with the event on which it failed. Events for a place of tickets are sent to it again, if the
ledger still has the finding as the event says; messages to chats and tests are dropped, because they are about another day.
Messages that come back while the command runs are left in the queue, and the command says how many.`.trim(),
  examples: [
    'suture dlq redrive suture-failures-dlq --reason "the table is back"',
    'suture dlq redrive suture-finding-events-dlq --dry-run',
  ],
  writes: true,
  access: SECURITY_ACCOUNT_ACCESS,
  exitCodes: WRITE_EXIT_CODES,
  interruptible: true,
  run: (options, queue) => dlqRedriveCommand(queue, options),
});

export async function dlqRedriveCommand(name: string, options: DlqRedriveOptions): Promise<CommandResult> {
  const { json, yes, dryRun, rate = MESSAGES_PER_SECOND } = options;
  const { deadLetterFacts, deadLetterQueues, notRedriven } = await import('../../../functions/domain/dead-letters.ts');
  const { installedNames } = await import('../../clients/installed-names.ts');
  const { suggestion } = await import('../../../functions/domain/nearest.ts');
  const { listDeadLetterQueues } = await import('../../clients/dead-letters.ts');
  const installation = installedNames();
  const known = Object.keys(deadLetterQueues(installation));
  const prefixed = installation.own(name);
  const suggestionOf = (queue: string) =>
    deadLetterFacts(installation, prefixed) || notRedriven(installation, prefixed)
      ? `; did you mean ${prefixed}?`
      : suggestion(queue, known) || suggestion(prefixed, known);
  if (!deadLetterFacts(installation, name))
    throw new UsageError(
      notRedriven(installation, name) ??
        `There is no dead-letter queue "${name}"${suggestionOf(name) || '.'} The queues: suture dlq list`,
    );
  const reason = dryRun ? '' : parseReason(options.reason ?? '');
  const { resolveOperator } = await import('../../clients/operator.ts');
  const { beginRun, requireRunPermission } = await import('../../clients/runs.ts');
  const { redriveDeadLetters } = await import('../../clients/redrive-dead-letters.ts');
  const operator = await resolveOperator(options);
  const queue = (await listDeadLetterQueues(operator)).find((each) => each.queue === name);
  if (!queue)
    throw new Unreachable(
      `${name} is not in ${operator.region}. Its stack may be in another Region, or not deployed. The queues here: suture dlq list`,
    );
  const resultOf = (report: DlqReport) => ({
    text: json ? JSON.stringify(report, null, 2) : reportText(report, queue),
    failed: report.later > 0 || report.problems.length > 0,
  });
  const { messages } = queue;
  if (messages === 0 || dryRun)
    return resultOf({ queue: name, run: null, messages, redriven: 0, later: 0, cameBack: 0, problems: [] });
  if (!yes) await requireRunPermission(operator, 'redrives');
  const question = `Redrive about ${countText(messages, 'message')} of ${name} (${queue.holds})?`;
  await confirm(question, { yes, refusal: 'Nothing was redriven.' });
  const run = await beginRun(operator, { kind: 'redrives', reason, selection: { queue: name } });
  const result = await redriveDeadLetters(queue, run, operator, rate);
  const { redriven, problems } = result;
  await run.end({ redriven, problems: problems.length });
  return resultOf({ queue: name, run: run.id, messages, ...result });
}

function reportText(
  { queue, run, messages, redriven, later, cameBack, problems }: DlqReport,
  { holds, method }: DeadLetterQueue,
): string {
  if (run !== null)
    return [
      `${redriven} redriven.`,
      ...(later > 0 ? [laterText({ later, cameBack }, method, queue)] : []),
      ...(redriven > (cameBack ?? later) ? [nextText(method, queue)] : []),
      ...problemLines(problems),
    ].join('\n');
  if (messages === 0) return `${queue} is empty. Nothing was redriven.`;
  return `${queue} holds about ${countText(messages, 'message')} (${holds}). Each would ${effectOf(method)}. Nothing was redriven.`;
}

type Later = Pick<DlqReport, 'later' | 'cameBack'>;

function laterText(after: Later, method: RedriveMethod, queue: string): string {
  const left = after.later === 1 ? 'is' : 'are';
  const text = `${arrivalText(after, queue)}, and ${left} left there, in flight for up to five minutes: a redrive takes only what the queue holds when it begins.`;
  const why = method.kind === 'resend' ? ` Why ${method.place} refuses: suture messages test ${method.place}` : '';
  return `${text}${why}`;
}

function arrivalText({ later, cameBack }: Later, queue: string): string {
  const messages = countText(later, 'message has', 'messages have');
  if (cameBack === null) return `${messages} come back to ${queue}, or arrived there since`;
  if (cameBack === later) return `${messages} come back to ${queue}`;
  if (cameBack === 0) return `${messages} arrived in ${queue} since`;
  return `${messages} arrived in ${queue} since, of which ${cameBack} came back`;
}

/** Says why a redriven message may come back: nobody has processed it yet. */
function nextText(method: RedriveMethod, queue: string): string {
  const look = 'To see what is in it: suture dlq list';
  const back = `If it fails again, it returns to ${queue}. ${look}`;
  switch (method.kind) {
    case 'move':
    case 'send':
      return `Each went back to ${method.to}, whose consumer processes it now. ${back}`;
    case 'invoke':
      return `${method.functionName} processes each now. ${back}`;
    case 'resend':
      return `EventBridge sends each to ${method.place} now. If ${method.place} refuses it, it returns to ${queue}. ${look}`;
    case 'start':
      return 'Each has an execution now, and does not return. How they end: suture list --since 10m';
  }
}

function effectOf(method: RedriveMethod): string {
  switch (method.kind) {
    case 'move':
      return `go back to ${method.to}`;
    case 'send':
      return `be sent to ${method.to} again`;
    case 'invoke':
      return `invoke ${method.functionName} again`;
    case 'resend':
      return `be sent to ${method.place} again if it still holds, or be dropped`;
    case 'start':
      return 'start an execution';
  }
}
