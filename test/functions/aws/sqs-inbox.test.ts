import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  type ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { retryDelaySeconds, SqsInbox } from '../../../functions/aws/sqs-inbox.ts';
import { archive } from '../finding-updates/messages.ts';

const SENDERS = {
  workflow: 'AROAWORKFLOW',
  report: 'AROAREPORT',
  failures: 'AROAFAILURES',
  recurringFindings: 'AROARECURRING',
  api: 'AROAAPI',
};
const body = (id: string) => JSON.stringify(archive(id, 'note').body);

type Sent = { id: string; body: string; receives?: number; senderId?: string };

function queue(waiting: readonly Sent[], fails = false) {
  const deleted: string[] = [];
  const shownAfter: [string, number][] = [];
  const warnings: string[] = [];
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
      Attributes: { ApproximateReceiveCount: String(each.receives ?? 1), SenderId: each.senderId },
    }));
    return Messages.length > 0 ? { Messages } : {};
  };
  const open = (...delivered: Sent[]) => {
    const Records = delivered.map((each) => ({
      messageId: each.id,
      body: each.body,
      receiptHandle: `handle of ${each.id}`,
      attributes: { ApproximateReceiveCount: String(each.receives ?? 1), SenderId: each.senderId },
    }));
    const sqs = { send } as unknown as SQSClient;
    return SqsInbox.open({ Records } as SQSEvent, {
      sqs,
      queueUrl: 'url',
      senders: SENDERS,
      warn: (message) => warnings.push(message),
    });
  };
  return { open, deleted, shownAfter, warnings };
}

describe('a handled message', () => {
  it('is deleted if the function received it, and left to Lambda if Lambda delivered it', async () => {
    const { open, deleted } = queue([{ id: 'received', body: body('b') }]);
    const { inbox, first } = await open({ id: 'delivered', body: body('a') });
    await inbox.done([...first, ...(await inbox.receive())]);
    expect(deleted).toEqual(['handle of received']);
    expect(inbox.failures()).toEqual([]);
    expect(inbox.counts).toEqual({ done: 2, failed: 0 });
  });
  it('is logged if it cannot be deleted, because it is delivered again', async () => {
    const { open, warnings } = queue([{ id: 'received', body: body('b') }], true);
    const { inbox } = await open();
    await inbox.done(await inbox.receive());
    expect(warnings).toEqual(['messages that are done come again']);
  });
});

describe('the sender of a message', () => {
  const senderOf = async (SenderId: string | undefined) => {
    const { open } = queue([]);
    const { first } = await open({ id: 'a', body: body('a'), senderId: SenderId });
    return first[0]!.sender;
  };

  it.each([
    ['AROAWORKFLOW:any-session', 'workflow'],
    ['AROAREPORT:suture-report', 'report'],
    ['AROAOTHER:AROAWORKFLOW', undefined],
    ['AIDAWORKFLOW', undefined],
    [undefined, undefined],
  ])('with SenderId %s is %s', async (senderId, sender) => expect(await senderOf(senderId)).toBe(sender));
  it('is known for received messages too', async () => {
    const { open } = queue([{ id: 'b', body: body('b'), senderId: 'AROAAPI:suture-api' }]);
    const { inbox } = await open();
    expect((await inbox.receive()).map(({ sender }) => sender)).toEqual(['api']);
  });
});

describe('a retried message', () => {
  it.each([
    [1, 2],
    [2, 4],
    [9, 512],
    [10, 720],
    [14, 720],
  ])('after %i deliveries is delayed by %i s', (receives, seconds) =>
    expect(retryDelaySeconds(receives)).toBe(seconds),
  );

  it('gets its delay, ten in a call, and is not deleted by Lambda', async () => {
    const { open, shownAfter } = queue([]);
    const { inbox, first } = await open(
      ...Array.from({ length: 12 }, (_, n) => ({ id: `m${n}`, body: body('a'), receives: 2 })),
    );
    await inbox.retry(first);
    expect(shownAfter).toEqual(Array.from({ length: 12 }, (_, n) => [`handle of m${n}`, 4]));
    expect(inbox.failures()).toHaveLength(12);
    expect(inbox.counts).toEqual({ done: 0, failed: 12 });
  });
  it('is logged if its delay cannot be set, because it is delivered later than necessary', async () => {
    const { open, warnings } = queue([], true);
    const { inbox, first } = await open({ id: 'm', body: body('a') });
    await inbox.retry(first);
    expect(warnings).toEqual(['messages come again later than they could']);
    expect(inbox.failures()).toEqual(['m']);
  });
});

it('a message that is released is visible at once, and not deleted', async () => {
  const { open, shownAfter } = queue([]);
  const { inbox, first } = await open({ id: 'm', body: body('a'), receives: 5 });
  await inbox.release(first);
  expect(shownAfter).toEqual([['handle of m', 0]]);
  expect(inbox.failures()).toEqual(['m']);
  expect(inbox.counts).toEqual({ done: 0, failed: 0 });
});

it.each(['not JSON', '{"kind":"unknown"}'])(
  'an unreadable message (%s) delays no other, and comes again until the dead-letter queue takes it',
  async (poison) => {
    const { open, shownAfter, deleted, warnings } = queue([
      { id: 'bad', body: poison, receives: 3 },
      { id: 'good', body: body('a') },
    ]);
    const { inbox, first } = await open({ id: 'worse', body: poison });
    expect(first).toEqual([]);
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
    expect(warnings).toEqual(['message cannot be read', 'message cannot be read']);
  },
);
