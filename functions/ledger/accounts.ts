/** The accounts of the organization in the ledger: an item each, and a list of their ids, by which it shows who has left. */
import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import type { Account } from '../aws/organization.ts';
import { SutureError } from '../contract/errors.ts';

/** `status` of an account that has left the organization. */
export const LEFT = 'LEFT';

export type SeenAccount = Account & {
  /** Milliseconds since 1970. */
  readonly seenAt: number;
};

export type Accounts = {
  read(id: string): Promise<SeenAccount | undefined>;
  /** Writes these, and marks as left whoever was there the last time and is not among them. Answers the ids of those. */
  replace(accounts: readonly Account[]): Promise<string[]>;
};

/** Items of a BatchWriteItem. */
const BATCH = 25;
const ALL = { pk: { S: 'accounts' }, sk: { S: 'all' } };

export function dynamoAccounts(table: string, client: DynamoDBClient, now = Date.now): Accounts {
  const write = async (items: readonly WriteRequest[]) => {
    let left: WriteRequest[] = [...items];
    for (let attempt = 0; left.length > 0; attempt++) {
      if (attempt === 5) throw new SutureError('Throttled', `The ledger gave ${left.length} accounts back five times.`);
      const { UnprocessedItems } = await client.send(new BatchWriteItemCommand({ RequestItems: { [table]: left } }));
      left = UnprocessedItems?.[table] ?? [];
    }
  };
  const known = async (): Promise<string[]> => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: ALL, ConsistentRead: true }));
    return Item?.ids?.S?.split(' ').filter(Boolean) ?? [];
  };

  return {
    async read(id) {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: keyOf(id) }));
      if (!Item) return undefined;
      return { id, status: Item.status!.S!, ouPath: Item.ouPath!.S!, seenAt: Number(Item.seenAt!.N) };
    },

    async replace(accounts) {
      // Whoever moved to another unit meanwhile was met twice.
      const byId = new Map(accounts.map((account) => [account.id, account]));
      const gone = (await known()).filter((id) => !byId.has(id));
      const items = [...byId.values(), ...gone.map((id) => ({ id, status: LEFT, ouPath: '/' }))].map((account) =>
        itemOf(account, now()),
      );
      for (let first = 0; first < items.length; first += BATCH) await write(items.slice(first, first + BATCH));
      // Last: until it is written, whoever has left is marked again.
      const ids = [...byId.keys()].join(' ');
      await client.send(new PutItemCommand({ TableName: table, Item: { ...ALL, ids: { S: ids } } }));
      return gone;
    },
  };
}

const keyOf = (id: string) => ({ pk: { S: `account#${id}` }, sk: { S: 'account' } });

const itemOf = ({ id, status, ouPath }: Account, at: number): WriteRequest => ({
  PutRequest: { Item: { ...keyOf(id), status: { S: status }, ouPath: { S: ouPath }, seenAt: { N: String(at) } } },
});
