/**
 * Expired items are deleted some time after their moment, until then reads still show them.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
import type { UpdateTimeToLiveCommandInput } from '@aws-sdk/client-dynamodb';
import { type At, AwsError } from '../../kernel/kernel.ts';
import { type Engine, run } from './engine.ts';
import { type DynamoDbState, existingTable, keyOf, type Table, tableName } from './state.ts';

const day = 86_400_000;

/** Items that expired longer ago than this are never deleted: AWS takes such a number for a mistake. */
const fiveYears = 5 * 365 * day;

export function updateTimeToLive(input: UpdateTimeToLiveCommandInput, at: At<DynamoDbState>) {
  const table = existingTable(at, tableName(at, input.TableName));
  const { Enabled, AttributeName = '' } = input.TimeToLiveSpecification ?? {};
  if (Enabled === Boolean(table.timeToLive)) {
    throw new AwsError('ValidationException', `TimeToLive is already ${Enabled ? 'enabled' : 'disabled'}`);
  }
  if (table.timeToLive && table.timeToLive.attribute !== AttributeName) {
    throw new AwsError(
      'ValidationException',
      'TimeToLive is active on a different AttributeName: current AttributeName is ' + table.timeToLive.attribute,
    );
  }
  table.timeToLive = Enabled ? { attribute: AttributeName, sweptAt: at.kernel.clock.now() } : undefined;
  return { TimeToLiveSpecification: input.TimeToLiveSpecification };
}

export function describeTimeToLive(input: { readonly TableName: string | undefined }, at: At<DynamoDbState>) {
  const { timeToLive } = existingTable(at, tableName(at, input.TableName));
  if (!timeToLive) return { TimeToLiveDescription: { TimeToLiveStatus: 'DISABLED' as const } };
  return { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' as const, AttributeName: timeToLive.attribute } };
}

/** Deletes what has expired, once a day at most and when the table is next used: within the two days that AWS names. */
export async function sweepExpired(engine: Engine, at: At<DynamoDbState>, name: string): Promise<void> {
  const table = at.state.tables.get(name);
  const now = at.kernel.clock.now();
  if (!table?.timeToLive || now - table.timeToLive.sweptAt < day) return;
  table.timeToLive.sweptAt = now;
  for (let start: object | undefined, more = true; more; more = start !== undefined) {
    const { Items, LastEvaluatedKey } = await run(engine, 'Scan', { TableName: name, ExclusiveStartKey: start });
    for (const item of Items.filter((each: any) => hasExpired(table, each, now))) {
      await run(engine, 'DeleteItem', { TableName: name, Key: keyOf(table, item) });
    }
    start = LastEvaluatedKey;
  }
}

function hasExpired(table: Table, item: Record<string, { N?: string }>, now: number): boolean {
  const seconds = item[table.timeToLive!.attribute]?.N;
  const expiry = Number(seconds) * 1000;
  return seconds !== undefined && expiry < now && expiry > now - fiveYears;
}
