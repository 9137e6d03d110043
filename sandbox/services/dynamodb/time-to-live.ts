/**
 * Time to live. DynamoDB deletes expired items some time after their expiry; until then reads return them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
import type { UpdateTimeToLiveCommandInput } from '@aws-sdk/client-dynamodb';
import { AwsError } from '../../kernel/kernel.ts';
import { recordChanges } from './changes.ts';
import { lengthBetween, notNull, requireConstraints } from './constraints.ts';
import { type DynaliteEngine, runOperation } from './dynalite.ts';
import { type DynamoDbAt, type DynamoDbTable, existingTable, keyOfItem, resolveTableName } from './state.ts';

const DAY_MS = 86_400_000;

/** AWS keeps items that expired more than five years ago. */
const MAX_EXPIRED_MS = 5 * 365 * DAY_MS;

export function updateTimeToLive(input: UpdateTimeToLiveCommandInput, at: DynamoDbAt) {
  const table = existingTable(at, resolveTableName(at, input.TableName));
  const { Enabled, AttributeName = '' } = input.TimeToLiveSpecification ?? {};
  requireConstraints([
    notNull(input.TimeToLiveSpecification, 'timeToLiveSpecification'),
    lengthBetween(AttributeName, 'timeToLiveSpecification.attributeName', 1, 255),
  ]);
  if (Enabled === Boolean(table.timeToLive))
    throw new AwsError('ValidationException', `TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
  if (table.timeToLive && table.timeToLive.attribute !== AttributeName)
    throw new AwsError(
      'ValidationException',
      'TimeToLive is active on a different AttributeName: current AttributeName is ' + table.timeToLive.attribute,
    );
  table.timeToLive = Enabled ? { attribute: AttributeName, sweptAt: at.kernel.clock.now() } : undefined;
  return { TimeToLiveSpecification: input.TimeToLiveSpecification };
}

export function describeTimeToLive(input: { readonly TableName: string | undefined }, at: DynamoDbAt) {
  const { timeToLive } = existingTable(at, resolveTableName(at, input.TableName));
  if (!timeToLive) return { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' as const } };
  return { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' as const, AttributeName: timeToLive.attribute } };
}

/** Deletes expired items at the next use of the table, at most once a day. AWS deletes them within a few days. */
export async function deleteExpiredItems(engine: DynaliteEngine, at: DynamoDbAt, name: string): Promise<void> {
  const table = at.state.tables.get(name);
  const now = at.kernel.clock.now();
  if (!table?.timeToLive || now - table.timeToLive.sweptAt < DAY_MS) return;
  table.timeToLive.sweptAt = now;
  let start: object | undefined;
  do {
    const { Items, LastEvaluatedKey } = await runOperation(engine, 'Scan', {
      TableName: name,
      ExclusiveStartKey: start,
    });
    for (const item of Items.filter((each: any) => hasExpired(table, each, now))) {
      const remove = () => runOperation(engine, 'DeleteItem', { TableName: name, Key: keyOfItem(table, item) });
      await recordChanges(engine, at, [{ name, item }], remove, { isExpiry: true });
    }
    start = LastEvaluatedKey;
  } while (start !== undefined);
}

function hasExpired(table: DynamoDbTable, item: Record<string, { N?: string }>, now: number): boolean {
  const seconds = item[table.timeToLive!.attribute]?.N;
  const expiry = Number(seconds) * 1000;
  return seconds !== undefined && expiry < now && expiry > now - MAX_EXPIRED_MS;
}
