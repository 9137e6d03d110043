/** What follows a call: what ended is recorded and told, executions that wait are answered, messages are done or come again. */
import { SendTaskFailureCommand, SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Publish } from '../aws/events.ts';
import { isNamed, isThrottling, text } from '../contract/errors.ts';
import { eventOfEnd, eventOfWaiting, type SutureEvent } from '../domain/events.ts';
import { endingOf } from '../domain/ledger.ts';
import { type Approvals, approvalId } from '../ledger/approvals.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Ended } from '../ledger/statistics.ts';
import type { Inbox } from './inbox.ts';
import type { InboxMessage } from './message.ts';
import type { UpdateResult } from './updates.ts';

export type Settling = {
  readonly inbox: Inbox;
  readonly states: SFNClient;
  readonly ledger: Ledger;
  readonly approvals: Approvals;
  readonly publish: Publish;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
  readonly count: (ended: readonly Ended[]) => Promise<void>;
  readonly now: () => number;
  /** From 0 to 1, for jitter. */
  readonly random: () => number;
  /** Milliseconds until the function times out. */
  readonly timeLeft: () => number;
  readonly report: (what: string, fields: Record<string, unknown>) => void;
};

/** Answers to waiting executions that are under way at once. */
const AT_ONCE = 20;
/** Attempts at an answer that is throttled: some 20 s. */
const ANSWER_ATTEMPTS = 12;
/** Milliseconds that are left for what comes after the answers. */
const MARGIN = 10_000;

type Ending = Omit<UpdateResult, 'finding'> & { readonly message: InboxMessage };

export async function settle(results: readonly UpdateResult[], tools: Settling): Promise<void> {
  const endings = results.flatMap(({ finding, ...result }) =>
    finding.messages.map((message): Ending => ({ message, ...result })),
  );
  const again = endings.filter(({ kind }) => kind === 'again');
  if (again.length > 0) tools.report('updates are tried again', { count: again.length, because: again[0]!.because });
  const settled = endings.filter(({ kind }) => kind !== 'again');
  const failed = new Set([...again.map(({ message }) => message), ...(await recorded(settled, tools))]);
  for (let first = 0; first < settled.length; first += AT_ONCE) {
    const some = settled.slice(first, first + AT_ONCE);
    const answers = await Promise.all(some.map((ending) => answer(ending, tools)));
    for (const [n, ending] of some.entries()) if (!answers[n]) failed.add(ending.message);
  }
  const done = settled.filter(({ message }) => !failed.has(message));
  await counted(done, tools);
  await Promise.all([tools.inbox.done(done.map(({ message }) => message)), tools.inbox.again([...failed])]);
}

/** Messages whose finding ends with them; remediated cases are recorded by Report, and approvals go on. */
const ENDED_HERE = new Set(['archive', 'record']);

/** Writes what ended without a remediation, and what waits for an answer, into the ledger, and tells subscribers. */
async function recorded(endings: readonly Ending[], tools: Settling): Promise<InboxMessage[]> {
  const { ledger, approvals, publish, report } = tools;
  const failed: InboxMessage[] = [];
  for (const { message } of endings) {
    const { body } = message;
    if (body.kind !== 'approval') continue;
    try {
      await approvals.ask(body.token, body.job, body.askedAt);
      await ledger.wait(body.job);
      await publish([eventOfWaiting(body.job, approvalId(body.job.execution), body.askedAt)]);
    } catch (error) {
      report('an approval could not be kept and told', { error: text(error), finding: body.job.finding.id });
      failed.push(message);
    }
  }
  const own = endings.filter(isEndedHere);
  try {
    await ledger.record(own.map(({ message }) => message.body.job));
    await publish(own.flatMap(({ message }) => archivedEvent(message, tools)));
    return failed;
  } catch (error) {
    report('records could not be kept and told', { error: text(error), count: own.length });
    return [...failed, ...own.map(({ message }) => message)];
  }
}

const isEndedHere = ({ message: { body }, kind }: Ending) => ENDED_HERE.has(body.kind) && kind === 'done';

const archivedEvent = ({ body }: InboxMessage, { now }: Settling): readonly SutureEvent[] =>
  body.kind === 'archive' ? [eventOfEnd(body.job, new Date(now()).toISOString()) ?? []].flat() : [];

/** Only what is done with for good: what comes again is counted then. */
async function counted(done: readonly Ending[], { count, report }: Settling): Promise<void> {
  try {
    const own = done.filter(isEndedHere);
    await count(own.map(({ message: { body } }) => ({ made: body.job, ending: endingOf(body.job) })));
  } catch (error) {
    report('ends were not counted', { error: text(error), count: done.length });
  }
}

/** Lets the waiting execution go on, or fail with the reason. False: the message must come again. */
async function answer(ending: Ending, tools: Settling): Promise<boolean> {
  const { body } = ending.message;
  if (body.kind !== 'archive') {
    if (ending.kind !== 'done')
      tools.report('an update was refused', { finding: body.job.finding.id, because: ending.because });
    return true;
  }
  const { token: taskToken } = body;
  const cause = ending.because ?? 'no reason given';
  for (let attempt = 1; ; attempt++)
    try {
      if (ending.kind === 'done')
        await tools.states.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(body.job) }));
      else await tools.states.send(new SendTaskFailureCommand({ taskToken, error: 'FindingUpdateRefused', cause }));
      return true;
    } catch (error) {
      // The execution is over, or was answered by an earlier delivery of this message.
      if (isNamed(error, 'TaskTimedOut', 'TaskDoesNotExist')) return true;
      // Coming again would update the finding again: it waits here while the quota is used up.
      if (isThrottling(error) && attempt < ANSWER_ATTEMPTS && tools.timeLeft() > MARGIN) {
        await tools.sleep(tools.random() * Math.min(4000, 250 * 2 ** attempt));
        continue;
      }
      tools.report('an execution could not be answered', { error: text(error), finding: body.job.finding.id });
      return false;
    }
}
