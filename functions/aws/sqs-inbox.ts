/**
 * The finding-update queue in SQS. Lambda delivers the first messages, and deletes those that the function does not
 * report as failed; the inbox deletes what it receives itself.
 */
import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { errorDescription } from '../contract/errors.ts';
import { type InboxMessage, MAX_BATCH } from '../domain/finding-update.ts';
import { QueueMessage } from '../domain/job.ts';
import { type SenderIds, senderOf } from '../domain/update-senders.ts';
import type { Inbox } from '../ports/inbox.ts';
import type { Warn } from '../ports/log.ts';

export type InboxDeps = {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly senders: SenderIds;
  readonly warn: Warn;
};

/** A queue that stays empty for this long has no messages for now. */
const POLL_SECONDS = 1;
/** Longer than the function runs. */
const VISIBILITY_SECONDS = 150;

/**
 * Delays of a retry: doubled at each delivery up to the queue's own visibility timeout. Fourteen deliveries take an
 * hour, so an outage of that length fills no dead-letter queue.
 */
const FIRST_DELAY_SECONDS = 2;
const LAST_DELAY_SECONDS = 720;

/** Returns the delay until a message that was received this many times is visible again. */
export const retryDelaySeconds = (receives: number): number =>
  Math.min(LAST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** (Math.max(1, receives) - 1));

type Receipt = {
  readonly id: string;
  readonly body: string;
  readonly senderId: string | undefined;
  readonly handle: string;
  readonly receives: number;
};
type BatchCall = (
  receipts: readonly Receipt[],
) => Promise<{ readonly Failed?: readonly BatchResultErrorEntry[] | undefined }>;

export class SqsInbox implements Inbox {
  readonly #deps: InboxDeps;
  readonly #receipts = new Map<string, Receipt>();
  readonly #undone: Set<string>;
  #done = 0;
  #failed = 0;

  private constructor(delivered: readonly Receipt[], deps: InboxDeps) {
    this.#deps = deps;
    this.#undone = new Set(delivered.map(({ id }) => id));
  }

  /** @param first Lambda's messages, without those that cannot be parsed */
  static async open(
    { Records }: SQSEvent,
    deps: InboxDeps,
  ): Promise<{ readonly inbox: SqsInbox; readonly first: readonly InboxMessage[] }> {
    const delivered = Records.map(({ messageId, body, receiptHandle, attributes }) => ({
      id: messageId,
      body,
      senderId: attributes.SenderId,
      handle: receiptHandle,
      receives: Number(attributes.ApproximateReceiveCount),
    }));
    const inbox = new SqsInbox(delivered, deps);
    return { inbox, first: await inbox.#read(delivered) };
  }

  /** Messages that are done, and messages that are retried or cannot be read. */
  get counts(): { readonly done: number; readonly failed: number } {
    return { done: this.#done, failed: this.#failed };
  }

  /** Returns the ids of Lambda's messages that are not done, so that Lambda leaves them in the queue. */
  failures(): string[] {
    return [...this.#undone];
  }

  async receive(): Promise<readonly InboxMessage[]> {
    const { Messages = [] } = await this.#deps.sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: this.#deps.queueUrl,
        MaxNumberOfMessages: MAX_BATCH,
        WaitTimeSeconds: POLL_SECONDS,
        VisibilityTimeout: VISIBILITY_SECONDS,
        MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SenderId'],
      }),
    );
    return this.#read(
      Messages.map(({ MessageId, Body, ReceiptHandle, Attributes }) => ({
        id: MessageId!,
        body: Body!,
        senderId: Attributes?.SenderId,
        handle: ReceiptHandle!,
        receives: Number(Attributes?.ApproximateReceiveCount),
      })),
    );
  }

  async done(messages: readonly InboxMessage[]): Promise<void> {
    this.#done += messages.length;
    await this.#delete(this.#takeOut(messages).filter(({ id }) => !this.#undone.delete(id)));
  }

  async retry(messages: readonly InboxMessage[]): Promise<void> {
    this.#failed += messages.length;
    await this.#showAfter(this.#takeOut(messages), retryDelay);
  }

  async release(messages: readonly InboxMessage[]): Promise<void> {
    await this.#showAfter(this.#takeOut(messages), () => 0);
  }

  /** A message that cannot be parsed is retried until the dead-letter queue takes it, where a person sees it. */
  async #read(received: readonly Receipt[]): Promise<InboxMessage[]> {
    const messages: InboxMessage[] = [];
    const unreadable: Receipt[] = [];
    for (const receipt of received)
      try {
        const sender = senderOf(receipt.senderId, this.#deps.senders);
        messages.push({ id: receipt.id, body: QueueMessage.parse(JSON.parse(receipt.body)), sender });
        this.#receipts.set(receipt.id, receipt);
      } catch (error) {
        this.#deps.warn('message cannot be read', {
          error: errorDescription(error),
          body: receipt.body.slice(0, 1000),
        });
        unreadable.push(receipt);
      }
    this.#failed += unreadable.length;
    await this.#showAfter(unreadable, retryDelay);
    return messages;
  }

  #takeOut(messages: readonly InboxMessage[]): Receipt[] {
    return messages.map(({ id }) => {
      const receipt = this.#receipts.get(id)!;
      this.#receipts.delete(id);
      return receipt;
    });
  }

  #showAfter(receipts: readonly Receipt[], seconds: (receipt: Receipt) => number): Promise<void> {
    return this.#inBatches(receipts, 'messages come again later than they could', (batch) => {
      const Entries = batch.map((receipt, n) => ({ ...entryOf(receipt, n), VisibilityTimeout: seconds(receipt) }));
      const QueueUrl = this.#deps.queueUrl;
      return this.#deps.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    });
  }

  #delete(receipts: readonly Receipt[]): Promise<void> {
    return this.#inBatches(receipts, 'messages that are done come again', (batch) => {
      const QueueUrl = this.#deps.queueUrl;
      return this.#deps.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: batch.map(entryOf) }));
    });
  }

  /** Calls SQS in batches of ten. A failed call loses nothing: its messages return at their visibility timeout. */
  async #inBatches(receipts: readonly Receipt[], warning: string, call: BatchCall): Promise<void> {
    const starts = Array.from({ length: Math.ceil(receipts.length / MAX_BATCH) }, (_, n) => n * MAX_BATCH);
    await Promise.all(
      starts.map(async (start) => {
        try {
          const { Failed = [] } = await call(receipts.slice(start, start + MAX_BATCH));
          if (Failed.length > 0) this.#deps.warn(warning, { count: Failed.length, because: Failed[0]!.Message });
        } catch (error) {
          this.#deps.warn(warning, { because: errorDescription(error) });
        }
      }),
    );
  }
}

const retryDelay = ({ receives }: Receipt) => retryDelaySeconds(receives);
const entryOf = ({ handle }: Receipt, n: number) => ({ Id: String(n), ReceiptHandle: handle });
