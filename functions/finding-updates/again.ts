/** Messages that must come again come sooner than their queue's visibility time-out says, and ever later. */
import { ChangeMessageVisibilityBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { text } from '../contract/errors.ts';

/** Messages that one call takes. */
const MOST = 10;
/** Seconds. The last wait is the queue's own; fourteen deliveries take an hour, so that an outage as long fills no dead letters. */
const FIRST = 2;
const LAST = 720;

/** The seconds after which a message that was received so often is visible again. */
export const waitAfter = (receives: number): number => Math.min(LAST, FIRST * 2 ** (Math.max(1, receives) - 1));

/** A message that this fails for comes again after the visibility time-out of its queue; it is never lost. */
export async function comeAgain(
  sqs: SQSClient,
  queueUrl: string,
  records: readonly SQSRecord[],
  report: (what: string, fields: Record<string, unknown>) => void,
): Promise<void> {
  for (let first = 0; first < records.length; first += MOST) {
    const part = records.slice(first, first + MOST);
    const Entries = part.map(({ receiptHandle, attributes }, n) => ({
      Id: String(n),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: waitAfter(Number(attributes.ApproximateReceiveCount)),
    }));
    try {
      const { Failed = [] } = await sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
      if (Failed.length > 0) report('messages come again later than they could', { because: Failed[0]!.Message });
    } catch (error) {
      report('messages come again later than they could', { because: text(error) });
      return;
    }
  }
}
