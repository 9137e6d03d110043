/** Lets the API redrive the messages that a dead-letter queue had at the beginning, and waits for the end. */
import { ListMessageMoveTasksCommand, SQSClient } from '@aws-sdk/client-sqs';
import { RedriveReply } from '../../functions/domain/api-runs.ts';
import { Interrupted } from '../errors/interrupted.ts';
import { runningCount } from '../output/running-count.ts';
import type { DeadLetterQueue } from './dead-letters.ts';
import type { Operator } from './operator.ts';
import { PROGRESS_INTERVAL_MS } from './pace.ts';
import type { OperatorRun } from './runs.ts';

export type RedriveResult = {
  readonly redriven: number;
  /** The number of messages that came, or came back, after the beginning. They stay in the queue. */
  readonly later: number;
  /** Those of them that this command had redriven. Null if the API is too old to tell. */
  readonly cameBack: number | null;
  readonly problems: readonly string[];
};

const POLL_MS = 1000;
/** The API redrives this many messages in one request. */
const MESSAGES_PER_REQUEST = 10;

export async function redriveDeadLetters(
  { queue, method }: DeadLetterQueue,
  run: OperatorRun,
  operator: Operator,
  perSecond: number,
): Promise<RedriveResult> {
  const request = async (until?: string) =>
    RedriveReply.parse(await run.send({ queue, perSecond, ...(until !== undefined && { until }) }));
  if (method.kind === 'move') {
    await request();
    return waitForMove(queue, operator);
  }
  const count = runningCount(operator.progress);
  let redriven = 0;
  let lastProgress = operator.now();
  let until: string | undefined;
  const later = new Set<string>();
  const back = contentCounter();
  const problems = new Set<string>();
  for (;;) {
    const reply = await request(until);
    const seen = later.size + problems.size;
    until = reply.until;
    redriven += reply.redriven;
    back.add(reply);
    for (const id of reply.later) later.add(id);
    for (const problem of reply.problems) problems.add(problem);
    // SQS delivers messages that stay in the queue again after minutes: a request that brings no new one is the last.
    const isProgress = reply.redriven > 0 || later.size + problems.size > seen;
    if (!reply.isMore || !isProgress) {
      count.end(`${redriven} redriven`);
      return { redriven, later: later.size, cameBack: back.count(), problems: [...problems] };
    }
    if (operator.signal?.aborted)
      throw new Interrupted(`Interrupted: ${redriven} redriven. Run the same command again to continue with the rest.`);
    if (operator.now() - lastProgress >= PROGRESS_INTERVAL_MS) {
      count.show(`${redriven} redriven`);
      lastProgress = operator.now();
    }
    await operator.sleep((MESSAGES_PER_REQUEST / perSecond) * 1000);
  }
}

/** Counts the later messages whose content the command had redriven. */
function contentCounter() {
  const redriven = new Set<string>();
  const later = new Map<string, string>();
  let isKnown = true;
  return {
    add({ later: ids, contents }: RedriveReply): void {
      isKnown &&= contents !== undefined;
      for (const each of contents?.redriven ?? []) redriven.add(each);
      for (const [n, id] of ids.entries()) later.set(id, contents?.later[n] ?? '');
    },
    count: () => (isKnown ? [...later.values()].filter((each) => redriven.has(each)).length : null),
  };
}

async function waitForMove(queue: string, operator: Operator): Promise<RedriveResult> {
  const moved = runningCount(operator.progress);
  const sqs = new SQSClient(operator.aws);
  const SourceArn = `arn:${operator.partition}:sqs:${operator.region}:${operator.account}:${queue}`;
  for (;;) {
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    const [task] = Results ?? [];
    const redriven = Number(task?.ApproximateNumberOfMessagesMoved ?? 0);
    const text = `${redriven} of ${task?.ApproximateNumberOfMessagesToMove} moved`;
    if (task?.Status !== 'RUNNING') {
      moved.end(text);
      const isComplete = task?.Status === 'COMPLETED';
      const problems = isComplete ? [] : [`SQS stopped moving: ${task?.Status}: ${task?.FailureReason}`];
      return { redriven, later: 0, cameBack: 0, problems };
    }
    moved.show(text);
    await operator.sleep(POLL_MS);
  }
}
