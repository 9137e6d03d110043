/**
 * Redrives the messages of a dead-letter queue: SQS moves them back, or each starts an execution or invokes its
 * function.
 */
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

const VISIBILITY_SECONDS = 300;
const POLL_MS = 1000;

export const redriveDeadLetters = (
  queue: DeadLetterQueue,
  run: OperatorRun,
  operator: Operator,
  perSecond: number,
): Promise<RedriveResult> =>
  queue.method.kind === 'move'
    ? moveMessages(queue.queue, queue.method.to, { run, operator, perSecond })
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

async function redriveEach({ url, method }: DeadLetterQueue, { run, operator, perSecond }: RedriveContext) {
  const sqs = new SQSClient(operator.aws);
  const clients = { executions: executionsOf(operator), lambda: new LambdaClient(operator.aws) };
  const problems: string[] = [];
  const pace = { perSecond, participle: 'redriven' };
  const tried = await forEachPaced(messagesIn(sqs, url), operator, pace, async ({ MessageId, Body, ReceiptHandle }) => {
    try {
      await run.record(MessageId!, () => redriveMessage(Body!, method, clients));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    } catch (error) {
      problems.push(`${MessageId}: ${error instanceof Error ? error.message : error}`);
    }
  });
  return { redriven: tried - problems.length, problems };
}

/**
 * Yields each message once, because a message that could not be redriven stays invisible until the command has ended.
 */
async function* messagesIn(sqs: SQSClient, QueueUrl: string): AsyncGenerator<Message> {
  for (;;) {
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: VISIBILITY_SECONDS }),
    );
    if (!Messages?.length) return;
    yield* Messages;
  }
}

async function redriveMessage(
  body: string,
  method: RedriveMethod,
  { executions, lambda }: { readonly executions: WorkflowExecutions; readonly lambda: LambdaClient },
): Promise<string> {
  if (method.kind === 'start')
    return executions.start(executionName(body), FindingEvent.loose().parse(JSON.parse(body)));
  const FunctionName = method.kind === 'invoke' ? method.functionName : '';
  await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload: payloadIn(body) }));
  return `${FunctionName} invoked`;
}

/** Equal for a message that SQS delivers twice, or that two operators redrive. */
const executionName = (body: string): string => `dlq-${hash(body)}`;

/** Returns the event of the function's invocation: from the record of a failed invocation, or the body itself. */
function payloadIn(body: string): Uint8Array {
  const { requestPayload } = JSON.parse(body) as { requestPayload?: unknown };
  return new TextEncoder().encode(requestPayload === undefined ? body : JSON.stringify(requestPayload));
}
