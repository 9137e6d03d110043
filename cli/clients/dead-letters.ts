/** The dead-letter queues of this Region, with their numbers of messages. */
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type DeadLetterFacts, deadLetterFacts } from '../../functions/domain/dead-letters.ts';
import { installedNames } from './installed-names.ts';
import type { Operator } from './operator.ts';

export type DeadLetterQueue = DeadLetterFacts & {
  readonly queue: string;
  readonly url: string;
  /** Includes messages in flight. */
  readonly messages: number;
  /** Messages that somebody received, within their visibility timeout. */
  readonly inFlight: number;
};

export async function listDeadLetterQueues({ aws }: Pick<Operator, 'aws'>): Promise<DeadLetterQueue[]> {
  const names = installedNames();
  const sqs = new SQSClient(aws);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: names.own('') }));
  const queues: DeadLetterQueue[] = [];
  for (const url of QueueUrls) {
    const queue = url.slice(url.lastIndexOf('/') + 1);
    const facts = deadLetterFacts(names, queue);
    if (!facts) continue;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'],
      }),
    );
    const inFlight = Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0);
    const messages = Number(Attributes?.ApproximateNumberOfMessages ?? 0) + inFlight;
    queues.push({ ...facts, queue, url, messages, inFlight });
  }
  return queues.sort((a, b) => a.queue.localeCompare(b.queue));
}

/** Returns true in the home Region, the only one that has this queue. */
export const hasHomeQueue = (queues: readonly DeadLetterQueue[]): boolean =>
  queues.some(({ queue }) => queue === installedNames().own('failures-dlq'));

/** Returns the article of the runbook about the messages in a queue. */
export const articleOfQueue = (queue: string): string =>
  `docs/runbook.md#${queue.slice(installedNames().own('').length)}`;
