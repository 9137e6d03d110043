/** Keeps in the ledger which document each target was brought to, and which run writes to it. */
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
import type { TargetAnswer } from '../contract/command.ts';
import { IP_RANGES_PARTITION, type IpRangesTarget, leaseKey, targetKey } from '../contract/targets.ts';
import { type Cidr, formatCidr, parseCidrs } from '../planning/cidr.ts';

/** `syncToken` in seconds, `at` when the target was brought there, ISO 8601. */
export type AppliedDocument = NonNullable<TargetAnswer['applied']>;
export type KnownTarget = Pick<IpRangesTarget, 'key' | 'mode'>;

export type TargetRecord = {
  readonly applied?: AppliedDocument;
  /** Ranges that the last document let in, or that were held before the first change. */
  readonly baseline?: readonly Cidr[];
};

export type IpRangesLedger = {
  read(target: string): Promise<TargetRecord>;
  /** Never goes backwards: returns false if something newer is there. */
  record(target: KnownTarget, applied: AppliedDocument, ranges: readonly Cidr[]): Promise<boolean>;
  /** Remembers a target before its first change, so that what it leaves is found. */
  register(target: KnownTarget, held: readonly Cidr[]): Promise<void>;
  /** Returns targets that have ever been changed and not been removed. */
  known(): Promise<readonly KnownTarget[]>;
  forget(target: string): Promise<void>;
  /** Whether the target is this run's until then, milliseconds since 1970. */
  take(target: string, run: string, until: number): Promise<boolean>;
  release(target: string, run: string): Promise<void>;
};

export function dynamoIpRanges(TableName: string, client: DynamoDBClient, now = Date.now): IpRangesLedger {
  const leaseOf = (target: string) => dynamoRunLease(client, TableName, leaseKey(target), now);
  const keyOf = (target: string): DynamoItem => itemKey(targetKey(target).pk, targetKey(target).sk);
  const prefix = targetKey('').sk;
  const put = (target: KnownTarget, baseline: readonly Cidr[], more: Omit<PutItemCommandInput, 'TableName'>) => {
    const about = { mode: { S: target.mode }, baseline: { S: baseline.map(formatCidr).join(' ') } };
    const Item = { ...keyOf(target.key), ...about, ...more.Item };
    return conditionHeld(client.send(new PutItemCommand({ ...more, TableName, Item })));
  };
  return {
    async read(target) {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: keyOf(target), ConsistentRead: true }));
      const applied = Item?.applied?.S && { applied: JSON.parse(Item.applied.S) as AppliedDocument };
      const baseline = Item?.baseline && { baseline: parseCidrs(Item.baseline.S!.split(' ').filter(Boolean)) };
      return { ...applied, ...baseline };
    },

    record: (target, applied, ranges) =>
      put(target, ranges, {
        Item: { syncToken: numberAttribute(applied.syncToken), applied: { S: JSON.stringify(applied) } },
        ConditionExpression: 'attribute_not_exists(syncToken) OR syncToken <= :new',
        ExpressionAttributeValues: { ':new': numberAttribute(applied.syncToken) },
      }),

    async register(target, held) {
      await put(target, held, { Item: {}, ConditionExpression: 'attribute_not_exists(pk)' });
    },

    async known() {
      const targets: KnownTarget[] = [];
      const query = {
        TableName,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': { S: IP_RANGES_PARTITION }, ':prefix': { S: prefix } },
        ConsistentRead: true,
      };
      for await (const { Items = [] } of paginateQuery({ client }, query))
        for (const { sk, mode } of Items)
          targets.push({ key: sk!.S!.slice(prefix.length), mode: mode!.S as KnownTarget['mode'] });
      return targets;
    },

    async forget(target) {
      await client.send(new DeleteItemCommand({ TableName, Key: keyOf(target) }));
    },

    take: (target, run, until) => leaseOf(target).take(run, until),
    release: (target, run) => leaseOf(target).release(run),
  };
}
