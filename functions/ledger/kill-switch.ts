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
import type { StopEntry, StopSwitch, SwitchLine } from '../ports/kill-switch.ts';
import { dynamoDb } from './dynamodb.ts';
import { type DynamoItem, itemKey } from './ledger-items.ts';

/** Attempts to write a copy while other transactions hold it. */
const MAX_CONFLICTS = 100;
const CONFLICT_PAUSE_MS = 50;
const KEY = itemKey(KILL_SWITCH.pk, KILL_SWITCH.sk);

export const dynamoKillSwitch = (TableName: string, client: DynamoDBClient = dynamoDb()): StopSwitch => ({
  async read() {
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: KEY, ConsistentRead: true }));
    return Item && stopEntryIn(Item);
  },

  async set(line) {
    const texts = { by: { S: line.by }, at: { S: line.at }, reason: { S: line.reason } };
    const all = { BOOL: true };
    const put: TransactWriteItem = {
      Put: {
        TableName,
        Item: { ...KEY, ...texts, ...(line.all && { all }) },
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    };
    // Everybody who stopped stays on record, because nobody may resume what somebody else stopped too.
    const join: TransactWriteItem = {
      Update: {
        TableName,
        Key: KEY,
        UpdateExpression: 'ADD #also :also',
        ConditionExpression:
          'attribute_exists(pk) AND #by <> :by AND (attribute_not_exists(#also) OR NOT contains(#also, :by))',
        ExpressionAttributeNames: { '#also': 'also', '#by': 'by' },
        ExpressionAttributeValues: { ':also': { SS: [line.by] }, ':by': { S: line.by } },
      },
    };
    const widen: TransactWriteItem = {
      Update: {
        TableName,
        Key: KEY,
        UpdateExpression: 'SET #all = :all',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#all)',
        ExpressionAttributeNames: { '#all': 'all' },
        ExpressionAttributeValues: { ':all': all },
      },
    };
    const isStopped = await writeWithAudit(client, TableName, put, 'stop', line);
    const isJoined = !isStopped && (await writeWithAudit(client, TableName, join, 'stop', line));
    const isWidened = !isStopped && line.all === true && (await writeWithAudit(client, TableName, widen, 'stop', line));
    // Attempts that begin now read the switch. The copies stop attempts that read it before. An earlier stop may have
    // been interrupted and lack some copies. Each copy equals the switch, because a release deletes only equal ones.
    const { Item } = await client.send(new GetItemCommand({ TableName, Key: KEY, ConsistentRead: true }));
    if (Item) await writeCopies((Key) => client.send(new PutItemCommand({ TableName, Item: { ...Item, ...Key } })));
    return isStopped || isJoined || isWidened;
  },

  async release(read, line) {
    const asRead = { TableName, ...conditionOf(read) };
    await writeCopies((Key) => client.send(new DeleteItemCommand({ Key, ...asRead })));
    const remove = { Delete: { Key: KEY, ...asRead } };
    return writeWithAudit(client, TableName, remove, 'resume', line);
  },
});

export function stopEntryIn({ at, by, reason, also, all }: DynamoItem): StopEntry {
  return {
    ...{ at: at?.S ?? null, by: by?.S ?? null, reason: reason?.S ?? null },
    ...(also?.SS && { also: also.SS }),
    ...(all?.BOOL && { all: true }),
  };
}

/** Others only join a stop, so their number tells whether somebody has. */
function conditionOf({ at, also, all }: StopEntry) {
  const values = { ...(at !== null && { ':at': { S: at } }), ...(also && { ':also': { N: String(also.length) } }) };
  return {
    ConditionExpression: [
      'attribute_exists(pk)',
      at === null ? 'attribute_not_exists(#at)' : '#at = :at',
      also ? 'size(#also) = :also' : 'attribute_not_exists(#also)',
      `attribute_${all ? 'exists' : 'not_exists'}(#all)`,
    ].join(' AND '),
    ExpressionAttributeNames: { '#at': 'at', '#also': 'also', '#all': 'all' },
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
}

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
