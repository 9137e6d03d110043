/** What the ledger keeps for the function: how new each target is, and who writes to it. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { LedgerKey } from '../../functions/domain/stops.ts';
import { held, key, number, numberIn } from '../../functions/ledger/ledger-items.ts';
import { runLease } from '../../functions/ledger/run-lease.ts';
import { leaseKey, targetKey } from '../contract/targets.ts';

export type Applied = {
  /** Seconds since 1970. */
  readonly syncToken: number;
  /** When the target was brought there, ISO 8601. */
  readonly at: string;
  readonly ranges: number;
  readonly groups: number;
};

export type IpRangesLedger = {
  applied(target: string): Promise<Applied | undefined>;
  /** Never goes backwards: false where something newer is there. */
  record(target: string, applied: Applied): Promise<boolean>;
  /** Whether the target is this run's until then, milliseconds since 1970. */
  take(target: string, run: string, until: number): Promise<boolean>;
  release(target: string, run: string): Promise<void>;
};

export function dynamoIpRanges(TableName: string, client: DynamoDBClient, now = Date.now): IpRangesLedger {
  const leaseOf = (target: string) => runLease(client, TableName, leaseKey(target), now);
  return {
    async applied(target) {
      const { Item } = await client.send(
        new GetItemCommand({ TableName, Key: itemKey(targetKey(target)), ConsistentRead: true }),
      );
      if (!Item) return undefined;
      return {
        syncToken: numberIn(Item.syncToken)!,
        at: Item.at!.S!,
        ranges: numberIn(Item.ranges)!,
        groups: numberIn(Item.groups)!,
      };
    },

    record: (target, { syncToken, at, ranges, groups }) =>
      held(
        client.send(
          new PutItemCommand({
            TableName,
            Item: {
              ...itemKey(targetKey(target)),
              syncToken: number(syncToken),
              at: { S: at },
              ranges: number(ranges),
              groups: number(groups),
            },
            ConditionExpression: 'attribute_not_exists(pk) OR syncToken <= :new',
            ExpressionAttributeValues: { ':new': number(syncToken) },
          }),
        ),
      ),

    take: (target, run, until) => leaseOf(target).take(run, until),
    release: (target, run) => leaseOf(target).release(run),
  };
}

const itemKey = ({ pk, sk }: LedgerKey) => key(pk, sk);
