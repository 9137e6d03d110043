import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  paginateQuery,
} from '@aws-sdk/client-dynamodb';
import { conditionHeld, type DynamoItem, itemKey, numberAttribute } from '../../functions/ledger/ledger-items.ts';
import { dynamoRunLease } from '../../functions/ledger/run-lease.ts';
import type { LastFailure, TargetAnswer } from '../contract/command.ts';
import { IP_RANGES_PARTITION, type IpRangesTarget, leaseKey, targetKey } from '../contract/targets.ts';
import { type Cidr, formatCidr, parseCidr } from '../planning/cidr.ts';
import { itemsOf } from './pages.ts';

/** `syncToken` in seconds, `at` when the target was brought there, ISO 8601. */
export type AppliedDocument = NonNullable<TargetAnswer['applied']>;
export type KnownTarget = Pick<IpRangesTarget, 'key' | 'mode'>;
/** `baseline`: ranges that the last document let in, or that were held before the first change. */
export type TargetRecord = {
  readonly applied?: AppliedDocument;
  readonly lastFailure?: LastFailure;
  readonly baseline?: readonly Cidr[];
};
export type IpRangesLedger = ReturnType<typeof dynamoIpRanges>;

export function dynamoIpRanges(TableName: string, client: DynamoDBClient, now = Date.now) {
  const leaseOf = (target: string) => dynamoRunLease(client, TableName, leaseKey(target), now);
  const keyOf = (target: string): DynamoItem => itemKey(targetKey(target).pk, targetKey(target).sk);
  const put = (
    target: KnownTarget,
    baseline: readonly Cidr[],
    condition: Omit<PutItemCommandInput, 'TableName' | 'Item'>,
    more: DynamoItem = {},
  ): Promise<boolean> => {
    const about = { mode: { S: target.mode }, baseline: { S: baseline.map(formatCidr).join(' ') } };
    const Item = { ...keyOf(target.key), ...about, ...more };
    return conditionHeld(client.send(new PutItemCommand({ ...condition, TableName, Item })));
  };
  return {
    async read(target: string): Promise<TargetRecord> {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(target), ConsistentRead: true }));
      const texts = Item?.baseline?.S?.split(' ').filter(Boolean);
      return {
        applied: Item?.applied?.S ? JSON.parse(Item.applied.S) : undefined,
        lastFailure: Item?.lastFailure?.S ? JSON.parse(Item.lastFailure.S) : undefined,
        baseline: texts?.map((text) => parseCidr(text, text.includes(':') ? 'IPv6' : 'IPv4')),
      };
    },

    /**
     * Records the document to which the target was brought. Returns false, and writes nothing, if a newer one is there.
     */
    record: (target: KnownTarget, applied: AppliedDocument, ranges: readonly Cidr[]) => {
      const syncToken = numberAttribute(applied.syncToken);
      const ConditionExpression = 'attribute_not_exists(syncToken) OR syncToken <= :new';
      const condition = { ConditionExpression, ExpressionAttributeValues: { ':new': syncToken } };
      return put(target, ranges, condition, { syncToken, applied: { S: JSON.stringify(applied) } });
    },

    /** Records why the last run failed, until `record`. Writes nothing if the target was never changed, or meanwhile. */
    recordFailure: (target: KnownTarget, record: TargetRecord, failure: LastFailure) => {
      const { condition, attributes } = unchangedRecord(record);
      return put(target, record.baseline ?? [], condition, {
        ...attributes,
        lastFailure: { S: JSON.stringify(failure) },
      });
    },

    /** Remembers a target before its first change, so that what it leaves is found. */
    register: (target: KnownTarget, held: readonly Cidr[]) =>
      put(target, held, { ConditionExpression: 'attribute_not_exists(pk)' }),

    /** Returns targets that have ever been changed and not been removed. */
    async known(): Promise<KnownTarget[]> {
      const prefix = targetKey('').sk;
      const query = {
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: IP_RANGES_PARTITION }, ':prefix': { S: prefix } },
        ConsistentRead: true,
      };
      const items = await itemsOf(paginateQuery({ client }, query), ({ Items }) => Items);
      return items.map(({ sk, mode }) => ({ key: sk!.S!.slice(prefix.length), mode: mode!.S as KnownTarget['mode'] }));
    },

    async forget(target: string): Promise<void> {
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(target) }));
    },

    /** Takes the target's lease until then, milliseconds since 1970. Returns false if another run has it. */
    take: (target: string, run: string, until: number) => leaseOf(target).take(run, until),
    release: (target: string, run: string) => leaseOf(target).release(run),
  };
}

/** Returns the condition that nobody has applied a document since the record was read, and its attributes. */
function unchangedRecord({ applied }: TargetRecord): {
  readonly condition: Omit<PutItemCommandInput, 'TableName' | 'Item'>;
  readonly attributes: DynamoItem;
} {
  if (!applied)
    return {
      condition: { ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(syncToken)' },
      attributes: {},
    };
  const syncToken = numberAttribute(applied.syncToken);
  return {
    condition: { ConditionExpression: 'syncToken = :read', ExpressionAttributeValues: { ':read': syncToken } },
    attributes: { syncToken, applied: { S: JSON.stringify(applied) } },
  };
}
