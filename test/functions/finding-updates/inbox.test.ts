import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { openInbox, waitAfter } from '../../../functions/finding-updates/inbox.ts';
import { archive } from './messages.ts';

const body = (id: string) => JSON.stringify(archive(id, 'note').body);

/** A queue that has these messages; it keeps what it was told of them. */
function queue(waiting: readonly { id: string; body: string; receives?: number }[], fails = false) {
  const deleted: string[] = [];
  const shownAfter: [string, number][] = [];
  const reported: string[] = [];
  const left = [...waiting];
  const send = async (
    command: ReceiveMessageCommand | DeleteMessageBatchCommand | ChangeMessageVisibilityBatchCommand,
  ) => {
    if (command instanceof DeleteMessageBatchCommand) {
      if (fails) throw new Error('SQS is out');
      deleted.push(...command.input.Entries!.map(({ ReceiptHandle }) => ReceiptHandle!));
      return {};
    }
    if (command instanceof ChangeMessageVisibilityBatchCommand) {
      if (fails) return { Failed: [{ Message: 'no such handle' }] };
      for (const { ReceiptHandle, VisibilityTimeout } of command.input.Entries!)
        shownAfter.push([ReceiptHandle!, VisibilityTimeout!]);
      return {};
    }
    const Messages = left.splice(0, 10).map((each) => ({
      MessageId: each.id,
      Body: each.body,
      ReceiptHandle: `handle of ${each.id}`,
      Attributes: { ApproximateReceiveCount: String(each.receives ?? 1) },
    }));
    return Messages.length > 0 ? { Messages } : {};
  };
  const open = (...delivered: { id: string; body: string; receives?: number }[]) => {
    const Records = delivered.map((each) => ({
      messageId: each.id,
      body: each.body,
      receiptHandle: `handle of ${each.id}`,
      attributes: { ApproximateReceiveCount: String(each.receives ?? 1) },
    }));
    const sqs = { send } as unknown as SQSClient;
    return openInbox({ Records } as SQSEvent, { sqs, queueUrl: 'url', report: (what) => reported.push(what) });
  };
  return { open, deleted, shownAfter, reported };
}

describe('a message that is done', () => {
  it('is deleted where it was received, and left to Lambda where that delivered it', async () => {
    const { open, deleted } = queue([{ id: 'received', body: body('b') }]);
    const inbox = await open({ id: 'delivered', body: body('a') });
    await inbox.done([...inbox.first, ...(await inbox.receive())]);
    expect(deleted).toEqual(['handle of received']);
    expect(inbox.failures()).toEqual([]);
    expect(inbox.counts).toEqual({ done: 2, failed: 0 });
  });
  it('and cannot be deleted is reported, for it comes again', async () => {
    const { open, reported } = queue([{ id: 'received', body: body('b') }], true);
    const inbox = await open();
    await inbox.done(await inbox.receive());
    expect(reported).toEqual(['messages that are done come again']);
  });
});

describe('a message that must come again', () => {
  it.each([
    [1, 2],
    [2, 4],
    [9, 512],
    [10, 720],
    [14, 720],
  ])('after %i deliveries waits %i s', (receives, seconds) => expect(waitAfter(receives)).toBe(seconds));

  it('is told so, ten a call, and not deleted by Lambda', async () => {
    const { open, shownAfter } = queue([]);
    const inbox = await open(...Array.from({ length: 12 }, (_, n) => ({ id: `m${n}`, body: body('a'), receives: 2 })));
    await inbox.again(inbox.first);
    expect(shownAfter).toEqual(Array.from({ length: 12 }, (_, n) => [`handle of m${n}`, 4]));
    expect(inbox.failures()).toHaveLength(12);
    expect(inbox.counts).toEqual({ done: 0, failed: 12 });
  });
  it('and cannot be told so is reported, for it comes later than it could', async () => {
    const { open, reported } = queue([], true);
    const inbox = await open({ id: 'm', body: body('a') });
    await inbox.again(inbox.first);
    expect(reported).toEqual(['messages come again later than they could']);
    expect(inbox.failures()).toEqual(['m']);
  });
});

it('a message that is handed back is there for others at once, and not deleted', async () => {
  const { open, shownAfter } = queue([]);
  const inbox = await open({ id: 'm', body: body('a'), receives: 5 });
  await inbox.handBack(inbox.first);
  expect(shownAfter).toEqual([['handle of m', 0]]);
  expect(inbox.failures()).toEqual(['m']);
  expect(inbox.counts).toEqual({ done: 0, failed: 0 });
});

it.each(['no JSON', '{"kind":"unknown"}'])(
  'a message that is none (%s) holds no other up, and comes again until the dead-letter queue has it',
  async (poison) => {
    const { open, shownAfter, deleted, reported } = queue([
      { id: 'bad', body: poison, receives: 3 },
      { id: 'good', body: body('a') },
    ]);
    const inbox = await open({ id: 'worse', body: poison });
    expect(inbox.first).toEqual([]);
    const received = await inbox.receive();
    expect(received.map(({ id }) => id)).toEqual(['good']);
    await inbox.done(received);
    expect(shownAfter).toEqual([
      ['handle of worse', 2],
      ['handle of bad', 8],
    ]);
    expect(deleted).toEqual(['handle of good']);
    expect(inbox.failures()).toEqual(['worse']);
    expect(inbox.counts).toEqual({ done: 1, failed: 2 });
    expect(reported).toEqual(['message cannot be read', 'message cannot be read']);
  },
);
