/** The kill switch in the ledger. Each change of it and its line in the audit trail are one transaction. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { isNamed } from '../contract/errors.ts';
import { AUDIT, KILL_SWITCH, KILL_SWITCH_COPIES } from '../domain/stops.ts';
import type { StopSwitch, SwitchLine } from '../ports/kill-switch.ts';
import { dynamoDb } from './dynamodb.ts';
import { type DynamoItem, itemKey } from './ledger-items.ts';

/** For a copy that is part of another transaction. */
const MAX_CONFLICTS = 100;
const CONFLICT_PAUSE_MS = 50;

export const dynamoKillSwitch = (TableName: string, client: DynamoDBClient = dynamoDb()): StopSwitch => ({
  async read() {
    const Key = itemKey(KILL_SWITCH.pk, KILL_SWITCH.sk);
    const { Item } = await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item && { at: Item.at?.S ?? null, by: Item.by?.S ?? null, reason: Item.reason?.S ?? null };
  },

  async set(line) {
    const { at, by, reason } = line;
    const Item = { ...itemKey(KILL_SWITCH.pk, KILL_SWITCH.sk), by: { S: by }, at: { S: at }, reason: { S: reason } };
    const put = { Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' } };
    const isChanged = await writeWithAudit(client, TableName, put, 'stop', line);
    // Attempts that begin now read the switch. The copies stop attempts that read it before. An earlier stop may have
    // been interrupted and lack some copies.
    await writeCopies((Key) => client.send(new PutItemCommand({ TableName, Item: { ...Item, ...Key } })));
    return isChanged;
  },

  async release(stoppedAt, line) {
    const asRead = {
      TableName,
      ConditionExpression: `attribute_exists(pk) AND ${stoppedAt === null ? 'attribute_not_exists(#at)' : '#at = :at'}`,
      ExpressionAttributeNames: { '#at': 'at' },
      ...(stoppedAt !== null && { ExpressionAttributeValues: { ':at': { S: stoppedAt } } }),
    };
    await writeCopies((Key) => client.send(new DeleteItemCommand({ Key, ...asRead })));
    const remove = { Delete: { Key: itemKey(KILL_SWITCH.pk, KILL_SWITCH.sk), ...asRead } };
    return writeWithAudit(client, TableName, remove, 'resume', line);
  },
});

/** Writes both or neither. Returns false if the condition on `item` does not hold. */
async function writeWithAudit(
  client: DynamoDBClient,
  TableName: string,
  item: TransactWriteItem,
  action: 'stop' | 'resume',
  { at, by, reason, approvedBy, alone }: SwitchLine,
): Promise<boolean> {
  // Two operators may write in the same millisecond.
  const sk = `${at}#${randomBytes(4).toString('hex')}`;
  const Item = {
    ...itemKey(AUDIT, sk),
    at: { S: at },
    action: { S: action },
    by: { S: by },
    reason: { S: reason },
    ...(approvedBy && { approvedBy: { S: approvedBy } }),
    ...(alone && { alone: { S: alone } }),
  };
  const audit = { Put: { TableName, Item, ConditionExpression: 'attribute_not_exists(pk)' } };
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: [item, audit] }));
    return true;
  } catch (error) {
    const [first] = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []) : [];
    if (first?.Code === 'ConditionalCheckFailed') return false;
    throw error;
  }
}

/**
 * Writes each copy of the switch, and retries while an earlier transaction holds it. Such transactions become fewer,
 * because new attempts are stopped.
 */
async function writeCopies(write: (Key: DynamoItem) => Promise<unknown>): Promise<void> {
  for (const { pk, sk } of KILL_SWITCH_COPIES)
    for (let attempt = 1; ; attempt++)
      try {
        await write(itemKey(pk, sk));
        break;
      } catch (error) {
        if (isNamed(error, 'ConditionalCheckFailedException')) break;
        if (!isNamed(error, 'TransactionConflictException') || attempt === MAX_CONFLICTS) throw error;
        await setTimeout(CONFLICT_PAUSE_MS);
      }
}
