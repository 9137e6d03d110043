/**
 * The queue, as the function that drains it sees it. Lambda delivers the first messages, and deletes those that are not
 * reported to it as failed; what is received here is deleted here.
 */
import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { text } from '../contract/errors.ts';
import { QueueMessage } from '../domain/job.ts';
import type { InboxMessage } from './message.ts';

export type Inbox = {
  /** Up to ten messages; waits a second for the first of them. */
  receive(): Promise<readonly InboxMessage[]>;
  /** They were dealt with for good. */
  done(messages: readonly InboxMessage[]): Promise<void>;
  /** They must come again: the later, the more often they came. */
  again(messages: readonly InboxMessage[]): Promise<void>;
  /** They go to whoever receives next. */
  handBack(messages: readonly InboxMessage[]): Promise<void>;
};

/** The inbox of one invocation. */
export type SqsInbox = Inbox & {
  /** Lambda's messages that can be read. */
  readonly first: readonly InboxMessage[];
  /** How many were dealt with for good, and how many must come again or cannot be read. */
  readonly counts: { readonly done: number; readonly failed: number };
  /** Ids of Lambda's messages that it must not delete. */
  failures(): string[];
};

export type InboxTools = {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly report: (what: string, fields: Record<string, unknown>) => void;
};

/** Messages that a call to SQS takes. */
export const MOST = 10;
/** Seconds: when nothing comes for so long, no more comes for the moment. */
const QUIET = 1;
/** Seconds for which what was received is hidden: longer than the function runs. */
const HIDDEN = 150;

/** Seconds. The last wait is the queue's own; fourteen deliveries take an hour, so that an outage as long fills no dead letters. */
const FIRST_WAIT = 2;
const LAST_WAIT = 720;
/** The seconds after which a message that was received so often is visible again. */
export const waitAfter = (receives: number): number =>
  Math.min(LAST_WAIT, FIRST_WAIT * 2 ** (Math.max(1, receives) - 1));

/** A message in this function's hands. */
type Held = { readonly id: string; readonly body: string; readonly handle: string; readonly receives: number };
type Answer = Promise<{ readonly Failed?: BatchResultErrorEntry[] | undefined }>;

export async function openInbox({ Records }: SQSEvent, tools: InboxTools): Promise<SqsInbox> {
  const { sqs, queueUrl: QueueUrl, report } = tools;
  const held = new Map<string, Held>();
  const undone = new Set(Records.map(({ messageId }) => messageId));
  const counts = { done: 0, failed: 0 };

  /** A message that is none comes again until the dead-letter queue takes it, where a person sees it. */
  async function readable(received: readonly Held[]): Promise<InboxMessage[]> {
    const messages: InboxMessage[] = [];
    const poisoned: Held[] = [];
    for (const each of received)
      try {
        messages.push({ id: each.id, body: QueueMessage.parse(JSON.parse(each.body)) });
        held.set(each.id, each);
      } catch (error) {
        report('message cannot be read', { error: text(error), body: each.body.slice(0, 1000) });
        poisoned.push(each);
      }
    counts.failed += poisoned.length;
    await showAfter(poisoned, ({ receives }) => waitAfter(receives));
    return messages;
  }

  const showAfter = (messages: readonly Held[], seconds: (held: Held) => number) =>
    inTens(messages, 'messages come again later than they could', (some) => {
      const Entries = some.map((each, n) => ({ ...entry(each, n), VisibilityTimeout: seconds(each) }));
      return sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    });

  const remove = (messages: readonly Held[]) =>
    inTens(messages, 'messages that are done come again', (some) =>
      sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: some.map(entry) })),
    );

  /** What a call fails for comes again when the time is over for which it is hidden; nothing is lost. */
  async function inTens(messages: readonly Held[], otherwise: string, call: (some: readonly Held[]) => Answer) {
    const parts = Array.from({ length: Math.ceil(messages.length / MOST) }, (_, n) => n * MOST);
    await Promise.all(
      parts.map(async (at) => {
        try {
          const { Failed = [] } = await call(messages.slice(at, at + MOST));
          if (Failed.length > 0) report(otherwise, { count: Failed.length, because: Failed[0]!.Message });
        } catch (error) {
          report(otherwise, { because: text(error) });
        }
      }),
    );
  }

  const taken = (messages: readonly InboxMessage[]): Held[] =>
    messages.map(({ id }) => {
      const found = held.get(id)!;
      held.delete(id);
      return found;
    });

  return {
    first: await readable(
      Records.map(({ messageId, body, receiptHandle, attributes }) => ({
        id: messageId,
        body,
        handle: receiptHandle,
        receives: Number(attributes.ApproximateReceiveCount),
      })),
    ),
    counts,
    failures: () => [...undone],

    async receive() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: MOST,
          WaitTimeSeconds: QUIET,
          VisibilityTimeout: HIDDEN,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      return readable(
        Messages.map(({ MessageId, Body, ReceiptHandle, Attributes }) => ({
          id: MessageId!,
          body: Body!,
          handle: ReceiptHandle!,
          receives: Number(Attributes?.ApproximateReceiveCount),
        })),
      );
    },

    async done(messages) {
      counts.done += messages.length;
      await remove(taken(messages).filter(({ id }) => !undone.delete(id)));
    },

    async again(messages) {
      counts.failed += messages.length;
      await showAfter(taken(messages), ({ receives }) => waitAfter(receives));
    },

    handBack: (messages) => showAfter(taken(messages), () => 0),
  };
}

const entry = ({ handle }: Held, n: number) => ({ Id: String(n), ReceiptHandle: handle });
