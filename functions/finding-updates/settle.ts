/**
 * Settles the updates of a call: records and announces ends, answers executions that wait, and deletes the messages or
 * returns them to the queue.
 */
import { errorDescription, isNamed, isThrottling } from '../contract/errors.ts';
import { approvalId } from '../domain/approval.ts';
import { eventOfEnd, eventOfWaiting, type SutureEvent } from '../domain/events.ts';
import type { InboxMessage } from '../domain/finding-update.ts';
import { endingOf } from '../domain/ledger.ts';
import type { Clock } from '../ports/clock.ts';
import type { Publish } from '../ports/events.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Warn } from '../ports/log.ts';
import type { CountEndings } from '../ports/statistics.ts';
import type { Suppressions } from '../ports/suppressions.ts';
import type { TaskTokens } from '../ports/task-tokens.ts';
import type { UpdateResult } from './updates.ts';

export type SettleDeps = Clock & {
  readonly inbox: Inbox;
  readonly tokens: TaskTokens;
  readonly ledger: Ledger;
  readonly suppressions: Pick<Suppressions, 'add'>;
  readonly publish: Publish;
  readonly count: CountEndings;
  /** Returns 0 to 1, for jitter. */
  readonly random: () => number;
  readonly timeLeft: () => number;
  readonly warn: Warn;
  /** Reports a message that no function of Suture sends. */
  readonly alarm: Warn;
};

const CONCURRENCY = 20;
const MAX_ANSWER_ATTEMPTS = 12;
const MIN_TIME_LEFT_MS = 10_000;

export type MessageResult = {
  readonly message: InboxMessage;
  /** `forged`: the message is dropped. */
  readonly kind: UpdateResult['kind'] | 'forged';
  readonly because?: string;
};

export const messageResults = (results: readonly UpdateResult[]): MessageResult[] =>
  results.flatMap(({ finding, ...result }) => finding.messages.map((message) => ({ message, ...result })));

export async function settleUpdates(all: readonly MessageResult[], deps: SettleDeps): Promise<void> {
  const messages = all.filter(({ kind }) => kind !== 'forged');
  const forged = all.filter(({ kind }) => kind === 'forged');
  for (const { message, because } of forged) reportForgery(message, because, deps);
  const retried = messages.filter(({ kind }) => kind === 'retry');
  if (retried.length > 0) deps.warn('updates will be retried', { count: retried.length, because: retried[0]!.because });
  const updated = messages.filter(({ kind }) => kind !== 'retry');
  const unannounced = await announceApprovals(updated, deps);
  const { unrecorded, superseded } = await recordEnds(updated, deps);
  const failed = new Set([
    ...retried.map(({ message }) => message),
    ...unannounced,
    ...unrecorded,
    ...(await answerExecutions(updated, deps)),
  ]);
  const done = updated.filter(({ message }) => !failed.has(message));
  await countEnds(
    done.filter(({ message }) => !superseded.has(message)),
    deps,
  );
  const finished = [...done, ...forged].map(({ message }) => message);
  await Promise.all([deps.inbox.done(finished), deps.inbox.retry([...failed])]);
}

const reportForgery = ({ id, sender, body }: InboxMessage, because: string | undefined, { alarm }: SettleDeps) =>
  alarm('a message was refused', {
    messageId: id,
    sender,
    kind: body.kind,
    because,
    finding: body.job.finding.id,
    execution: body.job.execution,
  });

/** Records and announces that changes wait for approval. Returns the messages that failed. */
async function announceApprovals(results: readonly MessageResult[], deps: SettleDeps): Promise<InboxMessage[]> {
  const { ledger, publish, warn } = deps;
  const failed: InboxMessage[] = [];
  for (const { message } of results) {
    const { body } = message;
    if (body.kind !== 'approval') continue;
    try {
      await ledger.wait(body.job, body.askedAt);
      await publish([eventOfWaiting(body.job, approvalId(body.job.execution), body.askedAt)]);
    } catch (error) {
      warn('an approval could not be announced', {
        error: errorDescription(error),
        finding: body.job.finding.id,
      });
      failed.push(message);
    }
  }
  return failed;
}

/** Messages that end the job. Report records remediated jobs, and jobs that wait for approval continue. */
const ENDED_HERE = new Set(['archive', 'record']);
const isEndedHere = ({ message: { body }, kind }: MessageResult) => ENDED_HERE.has(body.kind) && kind === 'done';

type RecordResult = { readonly unrecorded: readonly InboxMessage[]; readonly superseded: ReadonlySet<InboxMessage> };

/** Returns the messages whose job could not be recorded, and those whose execution has another end in the ledger. */
async function recordEnds(results: readonly MessageResult[], deps: SettleDeps): Promise<RecordResult> {
  const ended = results.filter(isEndedHere).map(({ message }) => message);
  try {
    // Before the records: one without its suppression in the list would stay archived when the suppression ends.
    await addSuppressions(ended, deps);
    const jobs = new Set(await deps.ledger.record(ended.map(({ body }) => body.job)));
    const superseded = new Set(ended.filter(({ body }) => jobs.has(body.job)));
    for (const message of superseded) reportForgery(message, ENDED_BEFORE, deps);
    const recorded = ended.filter((message) => !superseded.has(message));
    await deps.publish(recorded.flatMap((message) => archivedEvent(message, deps)));
    return { unrecorded: [], superseded };
  } catch (error) {
    deps.warn('ends could not be recorded and announced', { error: errorDescription(error), count: ended.length });
    return { unrecorded: ended, superseded: new Set() };
  }
}

async function addSuppressions(ended: readonly InboxMessage[], { suppressions, now }: SettleDeps): Promise<void> {
  const ids = new Set(ended.flatMap(({ body: { kind, job } }) => (kind === 'archive' ? [job.suppression!] : [])));
  for (const id of ids) await suppressions.add(id, new Date(now()).toISOString());
}

const ENDED_BEFORE = 'the ledger has another end of this execution, or one in a newer format';

const archivedEvent = ({ body }: InboxMessage, { now }: SettleDeps): readonly SutureEvent[] =>
  body.kind === 'archive' ? [eventOfEnd(body.job, new Date(now()).toISOString()) ?? []].flat() : [];

/** Counts only ends whose messages are done; a retried message is counted later. */
async function countEnds(done: readonly MessageResult[], { count, warn }: SettleDeps): Promise<void> {
  try {
    const ended = done.filter(isEndedHere);
    await count(ended.map(({ message: { body } }) => ({ job: body.job, ending: endingOf(body.job) })));
  } catch (error) {
    warn('ends were not counted', { error: errorDescription(error), count: done.length });
  }
}

async function answerExecutions(results: readonly MessageResult[], deps: SettleDeps): Promise<InboxMessage[]> {
  const failed: InboxMessage[] = [];
  for (let first = 0; first < results.length; first += CONCURRENCY) {
    const group = results.slice(first, first + CONCURRENCY);
    const answered = await Promise.all(group.map((result) => answerExecution(result, deps)));
    failed.push(...group.filter((_, n) => !answered[n]).map(({ message }) => message));
  }
  return failed;
}

/** Lets the waiting execution continue, or fail with the reason. Returns false if the message must be retried. */
async function answerExecution(
  { message: { body }, kind, because }: MessageResult,
  deps: SettleDeps,
): Promise<boolean> {
  const { tokens, warn } = deps;
  const finding = body.job.finding.id;
  if (body.kind !== 'archive') {
    if (kind !== 'done') warn('an update was refused', { finding, because });
    return true;
  }
  for (let attempt = 1; ; attempt++)
    try {
      if (kind === 'done') await tokens.succeed(body.token, body.job);
      else await tokens.fail(body.token, 'FindingUpdateRefused', because ?? 'no reason given');
      return true;
    } catch (error) {
      // The execution has ended, or an earlier delivery of this message has answered it.
      if (isNamed(error, 'TaskTimedOut', 'TaskDoesNotExist')) return true;
      // Waits here while the quota is used up, because a retry of the message would update the finding again.
      if (isThrottling(error) && attempt < MAX_ANSWER_ATTEMPTS && deps.timeLeft() > MIN_TIME_LEFT_MS) {
        await deps.sleep(deps.random() * Math.min(4000, 250 * 2 ** attempt));
        continue;
      }
      warn('an execution could not be answered', { error: errorDescription(error), finding });
      return false;
    }
}
