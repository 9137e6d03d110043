import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import {
  DeleteMessageCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import type { DeadLetters } from '../ports/dead-letters.ts';

const BATCH = 10;
/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
const RULE_ARN = 'RULE_ARN';
/** A message that could not be redriven stays invisible until the person's command has ended. */
const VISIBILITY_SECONDS = 300;

/** @param arnPrefix of the queues, up to their names */
export const sqsDeadLetters = (sqs: SQSClient, lambda: LambdaClient, arnPrefix: string): DeadLetters => ({
  async move(from, to, perSecond) {
    await sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: `${arnPrefix}${from}`,
        DestinationArn: `${arnPrefix}${to}`,
        MaxNumberOfMessagesPerSecond: perSecond,
      }),
    );
  },
  async receive(queue) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: await urlOf(sqs, queue),
        MaxNumberOfMessages: BATCH,
        VisibilityTimeout: VISIBILITY_SECONDS,
        MessageAttributeNames: [RULE_ARN],
        MessageSystemAttributeNames: ['SentTimestamp'],
      }),
    );
    return Messages.map(({ MessageId, Body, ReceiptHandle, Attributes, MessageAttributes = {} }) => ({
      id: MessageId!,
      body: Body!,
      receipt: ReceiptHandle!,
      sentAtMs: Number(Attributes?.SentTimestamp),
      ...(MessageAttributes[RULE_ARN]?.StringValue !== undefined && {
        ruleArn: MessageAttributes[RULE_ARN].StringValue,
      }),
    }));
  },
  async remove(queue, { receipt }) {
    await sqs.send(new DeleteMessageCommand({ QueueUrl: await urlOf(sqs, queue), ReceiptHandle: receipt }));
  },
  async send(queue, { body }) {
    await sqs.send(new SendMessageCommand({ QueueUrl: await urlOf(sqs, queue), MessageBody: body }));
  },
  async invoke(FunctionName, event) {
    const Payload = new TextEncoder().encode(event);
    await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
  },
});

async function urlOf(sqs: SQSClient, QueueName: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  return QueueUrl!;
}
