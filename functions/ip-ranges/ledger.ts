/** What the ledger keeps for the function: how new each target is, and who writes to it. */
import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expires, held, key, number, numberIn } from '../aws/ledger-items.ts';
import { leaseKey, targetKey } from '../contract/ip-ranges.ts';
import type { LedgerKey } from '../contract/stops.ts';

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

    take: (target, run, until) =>
      held(
        client.send(
          new PutItemCommand({
            TableName,
            Item: { ...itemKey(leaseKey(target)), run: { S: run }, until: number(until), expires: expires(until, 1) },
            ConditionExpression: 'attribute_not_exists(pk) OR #until < :now OR #run = :run',
            ExpressionAttributeNames: { '#until': 'until', '#run': 'run' },
            ExpressionAttributeValues: { ':now': number(now()), ':run': { S: run } },
          }),
        ),
      ),

    async release(target, run) {
      await held(
        client.send(
          new DeleteItemCommand({
            TableName,
            Key: itemKey(leaseKey(target)),
            ConditionExpression: '#run = :run',
            ExpressionAttributeNames: { '#run': 'run' },
            ExpressionAttributeValues: { ':run': { S: run } },
          }),
        ),
      );
    },
  };
}

const itemKey = ({ pk, sk }: LedgerKey) => key(pk, sk);
