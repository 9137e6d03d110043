import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { InstallationId } from '../domain/names.ts';
import type { MessageEventName } from '../domain/owner-message.ts';
import { placeQueue } from '../domain/place-queue.ts';
import type { MessageLetter, MessageLetters } from '../ports/message-letters.ts';

const READ_AT_ONCE = 10;
const TEST: MessageEventName = 'suture.message.test.v1';

export function sqsMessageLetters(sqs: SQSClient, installation: InstallationId): MessageLetters {
  const urlOf = async (place: string): Promise<string> => {
    const found = await sqs.send(new GetQueueUrlCommand({ QueueName: placeQueue(installation, place) }));
    return found.QueueUrl!;
  };
  return {
    async count(place) {
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({
          QueueUrl: await urlOf(place),
          AttributeNames: ['ApproximateNumberOfMessages'],
        }),
      );
      return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
    },
    async read(place) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: await urlOf(place),
          MaxNumberOfMessages: READ_AT_ONCE,
          VisibilityTimeout: 0,
          MessageAttributeNames: ['ERROR_CODE', 'ERROR_MESSAGE'],
        }),
      );
      return Messages.map(letterIn);
    },
    async remove(place, { receipt }) {
      await sqs.send(new DeleteMessageCommand({ QueueUrl: await urlOf(place), ReceiptHandle: receipt }));
    },
  };
}

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html */
function letterIn({ Body = '{}', MessageAttributes = {}, ReceiptHandle }: Message): MessageLetter {
  const event: { readonly 'detail-type'?: string; readonly detail?: { readonly id?: string } } = JSON.parse(Body);
  return {
    id: event.detail?.id ?? '',
    isTest: event['detail-type'] === TEST,
    code: MessageAttributes.ERROR_CODE?.StringValue ?? '',
    error: MessageAttributes.ERROR_MESSAGE?.StringValue ?? '',
    receipt: ReceiptHandle!,
  };
}
