/** Redrives the messages of a dead-letter queue: SQS moves them back, or each starts an execution or invokes its function. */
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
import type { OperatorRun } from './audit.ts';
import type { DeadLetterQueue, RedriveMethod } from './dead-letters.ts';
import { executionsOf, type WorkflowExecutions } from './executions.ts';
import type { Operator } from './operator.ts';
import { forEachPaced } from './pace.ts';

export type RedriveResult = { readonly redriven: number; readonly problems: readonly string[] };

/** Time to redrive a received message before SQS delivers it again. */
const VISIBILITY_SECONDS = 300;
const POLL_MS = 1000;

/** Messages that could not be redriven stay in the queue. */
export const redriveDeadLetters = (
  queue: DeadLetterQueue,
  run: OperatorRun,
  operator: Operator,
  perSecond: number,
): Promise<RedriveResult> =>
  queue.way.kind === 'move'
    ? moveMessages(queue.queue, queue.way.to, { run, operator, perSecond })
    : redriveEach(queue, { run, operator, perSecond });

type RedriveContext = { readonly run: OperatorRun; readonly operator: Operator; readonly perSecond: number };

async function moveMessages(from: string, to: string, { run, operator, perSecond }: RedriveContext) {
  const sqs = new SQSClient(operator.aws);
  const arnOf = (name: string) => `arn:${operator.partition}:sqs:${operator.region}:${operator.account}:${name}`;
  const [SourceArn, DestinationArn] = [arnOf(from), arnOf(to)];
  await run.record(from, async () => {
    const input = { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond: perSecond };
    await sqs.send(new StartMessageMoveTaskCommand(input));
    return `moved to ${DestinationArn}`;
  });
  for (;;) {
    const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    const [task] = Results ?? [];
    const redriven = Number(task?.ApproximateNumberOfMessagesMoved ?? 0);
    if (task?.Status === 'COMPLETED') return { redriven, problems: [] };
    if (task?.Status !== 'RUNNING')
      return { redriven, problems: [`SQS stopped moving: ${task?.Status}: ${task?.FailureReason}`] };
    operator.progress(`${redriven} of ${task.ApproximateNumberOfMessagesToMove} moved`);
    await operator.sleep(POLL_MS);
  }
}

async function redriveEach({ url, way }: DeadLetterQueue, { run, operator, perSecond }: RedriveContext) {
  const sqs = new SQSClient(operator.aws);
  const clients = { executions: executionsOf(operator), lambda: new LambdaClient(operator.aws) };
  const problems: string[] = [];
  const pace = { perSecond, doing: 'redriven' };
  const tried = await forEachPaced(messagesIn(sqs, url), operator, pace, async ({ MessageId, Body, ReceiptHandle }) => {
    try {
      await run.record(MessageId!, () => redriveMessage(Body!, way, clients));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    } catch (error) {
      problems.push(`${MessageId}: ${error instanceof Error ? error.message : error}`);
    }
  });
  return { redriven: tried - problems.length, problems };
}

/** Yields each message once: one that could not be redriven stays invisible until the command has ended. */
async function* messagesIn(sqs: SQSClient, QueueUrl: string): AsyncGenerator<Message> {
  for (;;) {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: VISIBILITY_SECONDS }),
    );
    if (!Messages?.length) return;
    yield* Messages;
  }
}

/** Returns what was done, for the audit trail. */
async function redriveMessage(
  body: string,
  way: RedriveMethod,
  { executions, lambda }: { readonly executions: WorkflowExecutions; readonly lambda: LambdaClient },
): Promise<string> {
  if (way.kind === 'start') return executions.start(executionName(body), FindingEvent.loose().parse(JSON.parse(body)));
  const FunctionName = way.kind === 'invoke' ? way.functionName : '';
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: payloadIn(body) }));
  return `${FunctionName} invoked`;
}

/** The same name for a message that SQS delivers twice, or that two operators redrive. */
const executionName = (body: string): string => `dlq-${hash(body)}`;

/** Returns the event that the function was invoked with: from the record of a failed invocation, or the body itself. */
function payloadIn(body: string): Uint8Array {
  const { requestPayload } = JSON.parse(body) as { requestPayload?: unknown };
  return new TextEncoder().encode(requestPayload === undefined ? body : JSON.stringify(requestPayload));
}
