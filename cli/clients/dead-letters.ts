/** The dead-letter queues of an installation: what each holds, and how its messages are redriven. */
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Operator } from './operator.ts';

export type RedriveMethod =
  /** SQS moves messages back to this queue. */
  | { readonly kind: 'move'; readonly to: string }
  /** Messages are events of findings; an execution is started for each. */
  | { readonly kind: 'start' }
  /** Messages are events on which a function failed; it is invoked with them again. */
  | { readonly kind: 'invoke'; readonly functionName: string };

type QueueFacts = { readonly holds: string; readonly way: RedriveMethod };

/** By name. A test compares it with the queues of the stacks. */
export const DEAD_LETTER_QUEUES: Readonly<Record<string, QueueFacts>> = {
  'suture-finding-events-dlq': {
    holds: 'events of findings that could not be delivered to the workflow',
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
    holds: 'events that could not be announced to people',
    way: { kind: 'invoke', functionName: 'suture-notify' },
  },
  'suture-ip-ranges-failed': {
    holds: 'changes of published ranges that could not be applied',
    way: { kind: 'invoke', functionName: 'suture-ip-ranges' },
  },
};

export type DeadLetterQueue = QueueFacts & { readonly queue: string; readonly url: string; readonly messages: number };

/** Returns those that exist in this account and Region, by name. */
export async function listDeadLetterQueues({ aws }: Pick<Operator, 'aws'>): Promise<DeadLetterQueue[]> {
  const sqs = new SQSClient(aws);
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'suture-' }));
  const queues: DeadLetterQueue[] = [];
  for (const url of QueueUrls) {
    const queue = url.slice(url.lastIndexOf('/') + 1);
    const facts = DEAD_LETTER_QUEUES[queue];
    if (!facts) continue;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    queues.push({ ...facts, queue, url, messages: Number(Attributes?.ApproximateNumberOfMessages ?? 0) });
  }
  return queues.sort((a, b) => a.queue.localeCompare(b.queue));
}
