/** `suture dlq`: what could not be delivered or worked off, and dealing with it once more. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteMessageCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { FindingEvent } from '../../functions/domain/finding.ts';
import { hash } from '../../functions/domain/trace.ts';
import { beginRun, type Run } from '../clients/audit.ts';
import { DEAD_LETTERS, type DeadLetters, deadLetters } from '../clients/dead-letters.ts';
import { executionsOf } from '../clients/executions.ts';
import { type Operator, type OperatorEnvironment, operatorIn } from '../clients/operator.ts';
import { paced } from '../clients/pace.ts';
import { Failure } from '../errors/failure.ts';
import { UsageError } from '../errors/usage-error.ts';
import { checkedReason } from '../options/reason.ts';
import { confirmed } from '../output/confirm.ts';
import { onTerminal, table, tabSeparated } from '../output/terminal.ts';

export type DlqListOptions = OperatorEnvironment & { readonly json?: boolean };
export type DlqRedriveOptions = DlqListOptions & {
  readonly reason: string;
  readonly yes?: boolean;
  readonly rate?: number;
};

/** Messages a second: SQS itself, when it moves messages, is told the same. */
const RATE = 10;
/** Seconds in which a received message is dealt with. */
const VISIBILITY = 300;
/** Milliseconds between two looks at a move. */
const LOOK = 1000;

/** `failed` when a queue is not empty. */
export async function dlqListCommand({ json, ...around }: DlqListOptions): Promise<{ text: string; failed: boolean }> {
  const queues = await deadLetters(await operatorIn(around));
  const failed = queues.some(({ messages }) => messages > 0);
  if (json) return { text: JSON.stringify(queues, null, 2), failed };
  const rows = queues.map(({ queue, messages, holds }) => [queue, String(messages), holds]);
  return { text: onTerminal ? table(['queue', 'messages', 'what they are'], rows) : tabSeparated(rows), failed };
}

export type DlqReport = {
  readonly queue: string;
  readonly run: string | null;
  readonly redriven: number;
  readonly problems: readonly string[];
};

/** `failed` when a message could not be dealt with: it stays in the queue. */
export async function dlqRedriveCommand(
  name: string,
  options: DlqRedriveOptions,
): Promise<{ text: string; failed: boolean }> {
  const { json, yes, rate = RATE } = options;
  if (!DEAD_LETTERS[name])
    throw new UsageError(
      `There is no dead-letter queue "${name}". There are: ${Object.keys(DEAD_LETTERS).join(', ')}.`,
    );
  const reason = checkedReason(options.reason);
  const operator = await operatorIn(options);
  const queue = (await deadLetters(operator)).find((each) => each.queue === name);
  if (!queue)
    throw new Failure(`${name} is not in ${operator.region}. Its stack may be in another Region, or not deployed.`);
  const said = (report: Omit<DlqReport, 'queue'>) => ({
    text: json ? JSON.stringify({ queue: name, ...report }, null, 2) : inWords(report),
    failed: report.problems.length > 0,
  });
  if (queue.messages === 0) return said({ run: null, redriven: 0, problems: [] });
  if (!(await confirmed(`Deal with about ${queue.messages} messages of ${name} (${queue.holds}) once more?`, { yes })))
    throw new Failure('Nothing was redriven.');
  const run = await beginRun(operator, { action: 'dlq redrive', reason, selection: { queue: name } });
  const { redriven, problems } = await (queue.way.kind === 'move' ? move : oneByOne)(queue, run, operator, rate);
  await run.end({ redriven, problems: problems.length });
  return said({ run: run.id, redriven, problems });
}

const inWords = ({ run, redriven, problems }: Omit<DlqReport, 'queue'>): string =>
  run === null ? 'It is empty. Nothing was redriven.' : [`${redriven} redriven, run ${run}.`, ...problems].join('\n');

type Redriven = { readonly redriven: number; readonly problems: readonly string[] };

async function move({ queue, way }: DeadLetters, run: Run, operator: Operator, rate: number): Promise<Redriven> {
  const sqs = new SQSClient(operator.aws);
  const arnOf = (name: string) => `arn:${operator.partition}:sqs:${operator.region}:${operator.account}:${name}`;
  const SourceArn = arnOf(queue);
  const DestinationArn = way.kind === 'move' ? arnOf(way.to) : undefined;
  const start = new StartMessageMoveTaskCommand({ SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: rate });
  await run.did(queue, async () => {
    await sqs.send(start);
    return `moved to ${DestinationArn}`;
  });
  for (;;) {
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    const [task] = Results ?? [];
    const moved = Number(task?.ApproximateNumberOfMessagesMoved ?? 0);
    if (task?.Status === 'COMPLETED') return { redriven: moved, problems: [] };
    if (task?.Status !== 'RUNNING')
      return { redriven: moved, problems: [`SQS stopped moving: ${task?.Status}: ${task?.FailureReason}`] };
    operator.progress(`${moved} of ${task.ApproximateNumberOfMessagesToMove} moved`);
    await operator.sleep(LOOK);
  }
}

async function oneByOne({ url, way }: DeadLetters, run: Run, operator: Operator, rate: number): Promise<Redriven> {
  const sqs = new SQSClient(operator.aws);
  const executions = executionsOf(operator);
  const lambda = new LambdaClient(operator.aws);
  const problems: string[] = [];

  const dealWith = async (body: string): Promise<string> => {
    if (way.kind === 'start') return executions.start(nameFor(body), FindingEvent.loose().parse(JSON.parse(body)));
    const FunctionName = way.kind === 'invoke' ? way.functionName : '';
    await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: payloadIn(body) }));
    return `${FunctionName} invoked`;
  };
  const pace = { perSecond: rate, doing: 'redriven' };
  const redriven = await paced(messagesOf(sqs, url), operator, pace, async ({ MessageId, Body, ReceiptHandle }) => {
    try {
      await run.did(MessageId!, () => dealWith(Body!));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    } catch (error) {
      problems.push(`${MessageId}: ${error instanceof Error ? error.message : error}`);
    }
  });
  return { redriven: redriven - problems.length, problems };
}

/** Each once: what could not be dealt with stays invisible until the command is over. */
async function* messagesOf(sqs: SQSClient, QueueUrl: string): AsyncGenerator<Message> {
  for (;;) {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: VISIBILITY }),
    );
    if (!Messages?.length) return;
    yield* Messages;
  }
}

/** The same for a message that is delivered twice, or dealt with by two operators. */
const nameFor = (body: string): string => `dlq-${hash(body)}`;

/** What the function was invoked with: in the record of a failed invocation, or the event itself. */
function payloadIn(body: string): Uint8Array {
  const { requestPayload } = JSON.parse(body) as { requestPayload?: unknown };
  return new TextEncoder().encode(requestPayload === undefined ? body : JSON.stringify(requestPayload));
}
