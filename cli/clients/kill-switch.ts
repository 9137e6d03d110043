/** The kill switch in the ledger. Each change of it and its line in the audit trail are one transaction. */
import { randomBytes } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { isNamed } from '../../functions/contract/errors.ts';
import { AUDIT, KILL_SWITCH, KILL_SWITCH_COPIES } from '../../functions/domain/stops.ts';
import { type DynamoItem, itemKey } from '../../functions/ledger/ledger-items.ts';
import { LEDGER_TABLE } from '../../stacks/names.ts';
import { getItem, withTableHint } from './ledger-table.ts';

export type StopEntry = { readonly by: string | null; readonly at: string | null; readonly reason: string | null };

export type SwitchAuditLine = {
  readonly at: string;
  readonly action: 'stop' | 'resume';
  readonly by: string;
  readonly reason: string;
};

/** For a copy that is part of another transaction. */
const MAX_CONFLICTS = 100;
const CONFLICT_PAUSE_MS = 50;

export async function readStopEntry(client: DynamoDBClient): Promise<StopEntry | null> {
  const item = await getItem(client, KILL_SWITCH);
  return item ? { by: item.by?.S ?? null, at: item.at?.S ?? null, reason: item.reason?.S ?? null } : null;
}

/** Returns false, without a change, if Suture is already stopped. */
export async function setKillSwitch(client: DynamoDBClient, line: Omit<SwitchAuditLine, 'action'>): Promise<boolean> {
  const { at, by, reason } = line;
  const Item = { ...itemKey(KILL_SWITCH.pk, KILL_SWITCH.sk), by: { S: by }, at: { S: at }, reason: { S: reason } };
  const put = { Put: { TableName: LEDGER_TABLE, Item, ConditionExpression: 'attribute_not_exists(pk)' } };
  const changed = await writeWithAudit(client, put, { ...line, action: 'stop' });
  // Attempts that begin now read the switch. The copies stop attempts that read it before. An earlier stop may have
  // been interrupted and lack some copies.
  await writeCopies(client, (Key) =>
    client.send(new PutItemCommand({ TableName: LEDGER_TABLE, Item: { ...Item, ...Key } })),
  );
  return changed;
}

/** Deletes the stop that was read. Returns false if it is gone or another one has replaced it. */
export async function releaseKillSwitch(
  client: DynamoDBClient,
  read: StopEntry,
  line: Omit<SwitchAuditLine, 'action'>,
): Promise<boolean> {
  const asRead = {
    TableName: LEDGER_TABLE,
    ConditionExpression: `attribute_exists(pk) AND ${read.at === null ? 'attribute_not_exists(#at)' : '#at = :at'}`,
    ExpressionAttributeNames: { '#at': 'at' },
    ...(read.at !== null && { ExpressionAttributeValues: { ':at': { S: read.at } } }),
  };
  await writeCopies(client, (Key) => client.send(new DeleteItemCommand({ Key, ...asRead })));
  const remove = { Delete: { Key: itemKey(KILL_SWITCH.pk, KILL_SWITCH.sk), ...asRead } };
  return writeWithAudit(client, remove, { ...line, action: 'resume' });
}

/** Writes both or neither. Returns false if the condition on `item` does not hold. */
async function writeWithAudit(
  client: DynamoDBClient,
  item: TransactWriteItem,
  { at, action, by, reason }: SwitchAuditLine,
): Promise<boolean> {
  // Two operators may write in the same millisecond.
  const sk = `${at}#${randomBytes(4).toString('hex')}`;
  const Item = {
    ...itemKey(AUDIT, sk),
    at: { S: at },
    action: { S: action },
    by: { S: by },
    reason: { S: reason },
  };
  const audit = { Put: { TableName: LEDGER_TABLE, Item, ConditionExpression: 'attribute_not_exists(pk)' } };
  try {
    await withTableHint(client, () => client.send(new TransactWriteItemsCommand({ TransactItems: [item, audit] })));
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
async function writeCopies(client: DynamoDBClient, write: (Key: DynamoItem) => Promise<unknown>): Promise<void> {
  for (const { pk, sk } of KILL_SWITCH_COPIES)
    for (let attempt = 1; ; attempt++)
      try {
        await withTableHint(client, () => write(itemKey(pk, sk)));
        break;
      } catch (error) {
        if (isNamed(error, 'ConditionalCheckFailedException')) break;
        if (!isNamed(error, 'TransactionConflictException') || attempt === MAX_CONFLICTS) throw error;
        await setTimeout(CONFLICT_PAUSE_MS);
      }
}
