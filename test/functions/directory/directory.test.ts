import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { OrganizationsClient } from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createDirectory } from '../../../functions/aws/directory.ts';
import { listAccounts } from '../../../functions/aws/organization.ts';
import { dynamoAccounts } from '../../../functions/ledger/accounts.ts';
import type { AccountStore } from '../../../functions/ports/accounts.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import type { Snapshot } from '../../../sandbox/kernel/states.ts';
import { organizationState } from '../../../sandbox/services/organizations/look-up.ts';

const MANAGEMENT = '999999999999';
const SECURITY = '111111111111';
const SHOP = '333333333333';
const SUSPENDED = '444444444444';
const HOUR = 3_600_000;

let sandbox: Sandbox;
let organizations: OrganizationsClient;
let dynamo: DynamoDBClient;
let untouched: Snapshot;
let now = 0;
let table = '';
let accounts: AccountStore;

beforeAll(async () => {
  sandbox = await createSandbox({
    organization: {
      id: 'o-directory01',
      managementAccount: MANAGEMENT,
      accounts: [
        { id: MANAGEMENT, name: 'management' },
        { id: SECURITY, name: 'security', ouPath: 'Security' },
        { id: SHOP, name: 'shop', ouPath: 'Workloads/Production' },
        { id: SUSPENDED, name: 'old', ouPath: 'Workloads', status: 'SUSPENDED' },
        ...Array.from({ length: 45 }, (_, n) => ({
          id: String(500_000_000_000 + n),
          name: `team ${n}`,
          ouPath: 'Sandbox',
        })),
      ],
      delegatedAdministrators: { 'securityhub.amazonaws.com': [SECURITY] },
    },
    homeRegion: 'us-east-1',
  });
  const settings = { ...sandbox.administrator(SECURITY), maxAttempts: 1 };
  organizations = new OrganizationsClient(settings);
  dynamo = new DynamoDBClient(settings);
  untouched = sandbox.snapshot();
});
afterAll(() => sandbox.close());

let tables = 0;
beforeEach(async () => {
  sandbox.kernel.faults.length = 0;
  sandbox.restore(untouched);
  sandbox.kernel.calls.length = 0;
  now = Date.parse('2026-11-22T08:00:00Z');
  table = `ledger-${tables++}`;
  await dynamo.send(
    new CreateTableCommand({
      TableName: table,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  await sandbox.kernel.clock.advance(60_000);
  accounts = dynamoAccounts(table, dynamo, () => now);
});

const listing = () => listAccounts(organizations, async () => {});
const listed = async () => (await listing()).accounts;
const refresh = async () => {
  const { accounts: found, units } = await listing();
  return accounts.replace(found, units);
};
const opened = () => createDirectory({ accounts, organizations, now: () => now });
const callsOfOrganizations = () =>
  sandbox.kernel.calls.filter(({ service }) => service === 'organizations').map(({ operation }) => operation);
const state = () => organizationState(sandbox.kernel);
const unreachable = () =>
  void sandbox.kernel.faults.push(({ service }) =>
    service === 'organizations' ? { kind: 'error', code: 'ServiceException', status: 500 } : undefined,
  );

it('the listing has every account of every unit, over several pages, with its state and path', async () => {
  const found = new Map((await listed()).map(({ id, ...account }) => [id, account]));
  expect(found.size).toBe(49);
  expect(found.get(MANAGEMENT)).toMatchObject({ status: 'ACTIVE', ouPath: '/' });
  expect(found.get(SHOP)).toMatchObject({ status: 'ACTIVE', ouPath: '/Workloads/Production' });
  expect(found.get(SUSPENDED)).toMatchObject({ status: 'SUSPENDED', ouPath: '/Workloads' });
  expect(found.get('500000000044')).toMatchObject({ status: 'ACTIVE', ouPath: '/Sandbox' });
  const { units } = await listing();
  const [root, ...chain] = found.get(SHOP)!.unitIds;
  expect(root).toMatch(/^r-/);
  expect(chain).toEqual([units['/Workloads'], units['/Workloads/Production']]);
});

describe('an account', () => {
  it('is read from the ledger, without a call of Organizations', async () => {
    await refresh();
    sandbox.kernel.calls.length = 0;
    expect(await opened().lookUp(SHOP)).toMatchObject({ status: 'ACTIVE', ouPath: '/Workloads/Production' });
    expect(callsOfOrganizations()).toEqual([]);
  });

  it('has the same unit ids from the ledger as from Organizations', async () => {
    const live = (await opened().lookUp(SHOP))!.unitIds;
    await refresh();
    expect((await opened().lookUp(SHOP))!.unitIds).toEqual(live);
    expect(live).toHaveLength(3);
    expect(Object.values((await opened().units())!)).toEqual(expect.arrayContaining(live.slice(1)));
  });

  it('is read from the ledger while Organizations cannot be reached', async () => {
    await refresh();
    unreachable();
    expect(await opened().lookUp(SUSPENDED)).toMatchObject({ status: 'SUSPENDED' });
  });

  it('is read from Organizations if the ledger lacks it, at most every five minutes', async () => {
    const found = opened();
    expect(await found.lookUp(SHOP)).toMatchObject({ id: SHOP, status: 'ACTIVE', ouPath: '/Workloads/Production' });
    await found.lookUp(SHOP);
    expect(callsOfOrganizations().filter((operation) => operation === 'DescribeAccount')).toHaveLength(1);
    now += 6 * 60_000;
    await found.lookUp(SHOP);
    expect(callsOfOrganizations().filter((operation) => operation === 'DescribeAccount')).toHaveLength(2);
  });

  it("is read from Organizations if the ledger's entry is older than a day", async () => {
    await refresh();
    state().accounts.get(SHOP)!.status = 'SUSPENDED';
    now += 24 * HOUR - 1;
    expect(await opened().lookUp(SHOP)).toMatchObject({ status: 'ACTIVE' });
    now += 1;
    expect(await opened().lookUp(SHOP)).toMatchObject({ status: 'SUSPENDED' });
  });

  it('is undefined if the organization does not have it', async () => {
    expect(await opened().lookUp('123123123123')).toBeUndefined();
  });
});

describe('an account that cannot be looked up stops the decision', () => {
  it.each<[string, () => void, string, RegExp]>([
    ['Organizations is down', unreachable, 'ServiceUnavailable', /333333333333/],
    [
      'Organizations throttles',
      () =>
        void sandbox.kernel.faults.push(({ service }) =>
          service === 'organizations' ? { kind: 'error', code: 'TooManyRequestsException', status: 400 } : undefined,
        ),
      'Throttled',
      /333333333333/,
    ],
    [
      'the security account is not a delegated administrator',
      () => state().delegated.clear(),
      'ServiceUnavailable',
      /delegated administrator of Organizations/,
    ],
    [
      'the ledger cannot be read',
      () =>
        void sandbox.kernel.faults.push(({ service }) =>
          service === 'dynamodb' ? { kind: 'error', code: 'InternalServerError', status: 500 } : undefined,
        ),
      'ServiceUnavailable',
      /333333333333/,
    ],
  ])('when %s', async (_, happens, name, message) => {
    happens();
    await expect(opened().lookUp(SHOP)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});

describe('from one hour to the next', () => {
  it('an account that left is marked as LEFT', async () => {
    await refresh();
    state().accounts.delete(SHOP);
    expect(await refresh()).toEqual([SHOP]);
    sandbox.kernel.calls.length = 0;
    expect(await opened().lookUp(SHOP)).toBeUndefined();
    expect(callsOfOrganizations()).toEqual([]);
    expect(await refresh()).toEqual([]);
  });

  it('an account that came back is a member again', async () => {
    await refresh();
    const shop = state().accounts.get(SHOP)!;
    state().accounts.delete(SHOP);
    await refresh();
    state().accounts.set(SHOP, shop);
    await refresh();
    expect(await opened().lookUp(SHOP)).toMatchObject({ status: 'ACTIVE' });
  });

  it('an account that was moved has its new path', async () => {
    await refresh();
    const sandboxUnit = state().accounts.get('500000000000')!.parent;
    state().accounts.get(SHOP)!.parent = sandboxUnit;
    await refresh();
    expect(await opened().lookUp(SHOP)).toMatchObject({ ouPath: '/Sandbox' });
  });

  it('an account that was moved during the listing, and is in both units, has its last path', async () => {
    const accountsListed = await listed();
    await accounts.replace(
      accountsListed.flatMap((each) => (each.id === SHOP ? [each, { ...each, ouPath: '/Sandbox' }] : [each])),
      {},
    );
    expect(await opened().lookUp(SHOP)).toMatchObject({ ouPath: '/Sandbox' });
  });

  it('nothing is written if Organizations fails during the listing', async () => {
    await refresh();
    state().accounts.delete(SHOP);
    let asked = 0;
    sandbox.kernel.faults.push(({ operation }) =>
      operation === 'ListAccountsForParent' && ++asked === 3
        ? { kind: 'error', code: 'ServiceException', status: 500 }
        : undefined,
    );
    await expect(refresh()).rejects.toThrow('ServiceException');
    expect(await opened().lookUp(SHOP)).toMatchObject({ status: 'ACTIVE' });
  });
});
