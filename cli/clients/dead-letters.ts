/** The dead-letter queues of an installation, what lies in them, and how it is dealt with once more. */
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Operator } from './operator.ts';

/** How messages of a queue are dealt with again. */
export type Way =
  /** SQS moves them to the queue from which they came. */
  | { readonly kind: 'move'; readonly to: string }
  /** They are events of findings: an execution is started for each. */
  | { readonly kind: 'start' }
  /** They are what a function was invoked with: it is invoked again. */
  | { readonly kind: 'invoke'; readonly functionName: string };

type Known = { readonly holds: string; readonly way: Way };

/** By name; a test holds it to the queues of the stacks. */
export const DEAD_LETTERS: Readonly<Record<string, Known>> = {
  'suture-finding-events-dlq': {
    holds: 'events of findings that could not be handed to the workflow',
    way: { kind: 'start' },
  },
  'suture-finding-updates-dlq': {
    holds: 'updates of findings, records and approvals that failed fourteen times',
    way: { kind: 'move', to: 'suture-finding-updates' },
  },
  'suture-failures-dlq': {
    holds: 'failed executions that could not be recorded',
    way: { kind: 'move', to: 'suture-failures' },
  },
  'suture-notify-dlq': {
    holds: 'events that people were not told of',
    way: { kind: 'invoke', functionName: 'suture-notify' },
  },
  'suture-ip-ranges-failed': {
    holds: 'changes of published ranges that could not be applied',
    way: { kind: 'invoke', functionName: 'suture-ip-ranges' },
  },
};

export type DeadLetters = Known & { readonly queue: string; readonly url: string; readonly messages: number };

/** Those of this account and Region that there are. */
export async function deadLetters({ aws }: Pick<Operator, 'aws'>): Promise<DeadLetters[]> {
  const sqs = new SQSClient(aws);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'suture-' }));
  const found: DeadLetters[] = [];
  for (const url of QueueUrls) {
    const queue = url.slice(url.lastIndexOf('/') + 1);
    const known = DEAD_LETTERS[queue];
    if (!known) continue;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    found.push({ ...known, queue, url, messages: Number(Attributes?.ApproximateNumberOfMessages ?? 0) });
  }
  return found.sort((a, b) => a.queue.localeCompare(b.queue));
}
