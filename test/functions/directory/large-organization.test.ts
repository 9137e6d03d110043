/** The largest organization: 50,000 accounts in 2,000 units. Time is virtual, at the quotas that are assumed below. */
import { BatchWriteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListRootsCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { expect, it } from 'vitest';
import { listAccounts } from '../../../functions/aws/organization.ts';
import { dynamoAccounts } from '../../../functions/ledger/accounts.ts';

const ACCOUNTS = 50_000;
const UNITS = 2000;
/** https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html */
const PAGE = 20;
/** An assumption (docs/unproven.md): calls of one operation that Organizations lets through in a second. */
const RATE = 8;
const LATENCY_MS = 80;
const WRITE_MS = 20;
const PAUSE_MS = 200;
const TIMEOUT_MS = 15 * 60_000;
/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const ITEM_BYTES = 400 * 1024;
const BATCH = 25;

/** Wakes sleepers in the order of their times as soon as nothing else runs. */
class VirtualTime {
  now = 0;
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  #scheduled = false;

  until(at: number): Promise<void> {
    return new Promise((wake) => {
      this.#sleepers.push({ at, wake });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const next = this.#sleepers.reduce((first, each) => (each.at < first.at ? each : first));
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      next.wake();
      if (this.#sleepers.length > 0) this.#schedule();
    });
  }
}

const accountId = (n: number) => String(100_000_000_000 + n);
/** Names of this length make the list of units larger than an item. */
const unitName = (n: number) => `Geschäftsbereich-${n}-${'ä'.repeat(100)}`;
const unitId = (n: number) => `ou-test-${String(n).padStart(8, '0')}`;

function pageOf<T>(items: readonly T[], token: string | undefined) {
  const first = Number(token ?? 0);
  return {
    items: items.slice(first, first + PAGE),
    next: first + PAGE < items.length ? String(first + PAGE) : undefined,
  };
}

function largeOrganization(time: VirtualTime): OrganizationsClient {
  const client = new OrganizationsClient({ region: 'us-east-1' });
  const inUnit = Map.groupBy(
    Array.from({ length: ACCOUNTS }, (_, n) => ({ Id: accountId(n), Name: `account ${n}`, State: 'ACTIVE' })),
    (_, n) => unitId(n % UNITS),
  );
  const units = Array.from({ length: UNITS }, (_, n) => ({ Id: unitId(n), Name: unitName(n) }));
  const free = new Map<string, number>();
  client.send = async (command: { readonly input: { ParentId?: string; NextToken?: string } }) => {
    const operation = command.constructor.name;
    const start = Math.max(time.now, free.get(operation) ?? 0);
    free.set(operation, start + 1000 / RATE);
    await time.until(start + LATENCY_MS);
    if (command instanceof ListRootsCommand) return { Roots: [{ Id: 'r-test' }] };
    const { ParentId = '', NextToken } = command.input;
    if (command instanceof ListAccountsForParentCommand) {
      const { items, next } = pageOf(inUnit.get(ParentId) ?? [], NextToken);
      return { Accounts: items, NextToken: next };
    }
    if (!(command instanceof ListOrganizationalUnitsForParentCommand)) throw new Error(operation);
    const { items, next } = pageOf(ParentId === 'r-test' ? units : [], NextToken);
    return { OrganizationalUnits: items, NextToken: next };
  };
  return client;
}

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
const sizeOf = (item: Item) =>
  Object.entries(item).reduce(
    (sum, [name, { S, N }]) => sum + Buffer.byteLength(name) + Buffer.byteLength(S ?? N ?? ''),
    0,
  );

function tableWithLimits(time: VirtualTime) {
  const client = new DynamoDBClient({ region: 'us-east-1' });
  const items = new Map<string, Item>();
  const keyOf = ({ pk, sk }: Item) => `${pk!.S} ${sk!.S}`;
  const put = (item: Item) => {
    if (sizeOf(item) > ITEM_BYTES) throw new Error(`Item size has exceeded the maximum allowed size: ${keyOf(item)}`);
    items.set(keyOf(item), item);
  };
  client.send = async (command: { readonly input: any }) => {
    await time.until(time.now + WRITE_MS);
    if (command instanceof PutItemCommand) return put(command.input.Item as Item);
    if (command instanceof GetItemCommand) return { Item: items.get(keyOf(command.input.Key as Item)) };
    if (!(command instanceof BatchWriteItemCommand)) throw new Error(command.constructor.name);
    const [requests] = Object.values<any>(command.input.RequestItems!);
    if (requests.length > BATCH) throw new Error('Too many items requested for the BatchWriteItem call');
    for (const { PutRequest } of requests) put(PutRequest.Item);
    return {};
  };
  return { client, items };
}

it("is listed and stored within the function's timeout, in items within DynamoDB's limit", async () => {
  const time = new VirtualTime();
  const found = await listAccounts(largeOrganization(time), () => time.until(time.now + PAUSE_MS));
  expect(found.accounts).toHaveLength(ACCOUNTS);
  expect(Object.keys(found.units)).toHaveLength(UNITS);

  const { client, items } = tableWithLimits(time);
  const store = dynamoAccounts('ledger', client, () => 0);
  expect(await store.replace(found.accounts, found.units)).toEqual([]);
  expect(time.now).toBeLessThan(TIMEOUT_MS);

  expect(await store.ids()).toEqual(found.accounts.map(({ id }) => id));
  expect(await store.units()).toEqual(found.units);
  expect(await store.read(accountId(ACCOUNTS - 1))).toMatchObject({ ouPath: `/${unitName((ACCOUNTS - 1) % UNITS)}` });

  const [gone, ...stay] = found.accounts;
  expect(await store.replace(stay, found.units)).toEqual([gone!.id]);
  expect(await store.ids()).toHaveLength(ACCOUNTS - 1);
  // A list that became short has no part of the long one.
  await store.replace(stay.slice(0, 10), {});
  expect(await store.ids()).toEqual(stay.slice(0, 10).map(({ id }) => id));
  expect(await store.units()).toEqual({});
  expect(Math.max(...[...items.values()].map(sizeOf))).toBeLessThan(ITEM_BYTES);
});
