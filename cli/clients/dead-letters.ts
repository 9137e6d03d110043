/** The dead-letter queues of an installation, and how their messages are redriven. */
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { Operator } from './operator.ts';

export type RedriveMethod =
  | { readonly kind: 'move'; readonly to: string }
  /** Messages are events of findings; each starts an execution. */
  | { readonly kind: 'start' }
  /** Messages are events on which a function failed; each invokes it again. */
  | { readonly kind: 'invoke'; readonly functionName: string };

type QueueFacts = { readonly holds: string; readonly method: RedriveMethod };

/** By queue name. A test compares it with the stacks' queues. */
export const DEAD_LETTER_QUEUES: Readonly<Record<string, QueueFacts>> = {
  'suture-finding-events-dlq': {
    holds: 'events of findings that could not be delivered to the workflow',
    method: { kind: 'start' },
  },
  'suture-finding-updates-dlq': {
    holds: 'updates of findings, records and approvals that failed fourteen times',
    method: { kind: 'move', to: 'suture-finding-updates' },
  },
  'suture-failures-dlq': {
    holds: 'failed executions that could not be recorded',
    method: { kind: 'move', to: 'suture-failures' },
  },
  'suture-notify-dlq': {
    holds: 'events that could not be announced to people',
    method: { kind: 'invoke', functionName: 'suture-notify' },
  },
  'suture-ip-ranges-failed': {
    holds: 'changes of published ranges that could not be applied',
    method: { kind: 'invoke', functionName: 'suture-ip-ranges' },
  },
};

export type DeadLetterQueue = QueueFacts & { readonly queue: string; readonly url: string; readonly messages: number };

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
