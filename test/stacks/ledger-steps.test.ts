/** A ledger with fewer indexes gets the others one after the other, and keeps its items. */
import { DescribeTableCommand, DynamoDBClient, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CHANGED_AT, INDEXES } from '../../functions/domain/ledger.ts';
import { organizationOptions } from '../../lab/organization/organization.ts';
import { deployAssembly, deployTemplate } from '../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { assembly } from '../../stacks/assembly.ts';
import { readCdkJsonContext, readContext } from '../../stacks/context.ts';
import { deployLedgerInSteps } from '../../stacks/ledger-steps.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { synthesizeTemplates } from './templates.ts';

const CONTEXT = await readCdkJsonContext();
const { securityAccount, homeRegion, partition } = CONTEXT;
const PLACE = { partition, account: securityAccount, region: homeRegion };
const MINUTE = 60_000;
const KEYS = Object.keys(INDEXES) as (keyof typeof INDEXES)[];
/** The indexes of an earlier version. */
const FIRST = 2;
const PK = { S: 'finding#1' };
const textOf = (key: string) => ({ S: `of ${key}` });
const RECORD = {
  ...{ pk: PK, sk: { S: 'record' }, [CHANGED_AT]: { S: '2026-03-03T09:10:00Z' } },
  ...Object.fromEntries(KEYS.map((key) => [key, textOf(key)])),
};

let sandbox: Sandbox;
let client: DynamoDBClient;
beforeAll(async () => {
  sandbox = await createSandbox({ organization: organizationOptions(CONTEXT, []), homeRegion });
  client = new DynamoDBClient(sandbox.administrator(securityAccount));
  const { directory } = await assembly();
  await deployAssembly(sandbox.kernel, directory, { memberAccounts: [], homeRegion, only: ['SuturePolicy'] });
});
afterAll(() => sandbox.close());

/** Deploys the stack with its first indexes. */
const deploy = async (ledgerIndexes?: number) => {
  const { template } = synthesizeTemplates([], { ...CONTEXT, ledgerIndexes });
  await deployTemplate(sandbox.kernel, PLACE, 'SutureLedger', template('SutureLedger').toJSON());
};
const indexes = async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: LEDGER_TABLE }));
  return Table!.GlobalSecondaryIndexes!.map(({ IndexName, IndexStatus }) => ({
    name: IndexName!,
    isActive: IndexStatus === 'ACTIVE',
  }));
};
const found = async (key: keyof typeof INDEXES) => {
  const { Items } = await client.send(
    new QueryCommand({
      TableName: LEDGER_TABLE,
      IndexName: INDEXES[key].name,
      KeyConditionExpression: '#key = :value',
      ExpressionAttributeNames: { '#key': key },
      ExpressionAttributeValues: { ':value': textOf(key) },
    }),
  );
  return Items!.map(({ pk }) => pk);
};

it('refuses several new indexes at once, and changes nothing', async () => {
  await deploy(FIRST);
  await client.send(new PutItemCommand({ TableName: LEDGER_TABLE, Item: RECORD }));
  await expect(deploy()).rejects.toThrow('Cannot perform more than one GSI creation or deletion in a single update');
  expect((await indexes()).map(({ name }) => name)).toEqual(KEYS.slice(0, FIRST).map((key) => INDEXES[key].name));
  expect(await found(KEYS[0]!)).toEqual([PK]);
});

it('creates them one after the other, each when the one before is filled', async () => {
  const steps: (number | undefined)[] = [];
  let pauses = 0;
  await deployLedgerInSteps({
    indexes,
    deploy: async (count) => {
      steps.push(count);
      await deploy(count);
    },
    pause: async (filling) => {
      expect(filling).toHaveLength(1);
      pauses += 1;
      await sandbox.kernel.clock.advance(MINUTE);
    },
  });
  expect(steps).toEqual([3, 4, 5, undefined]);
  expect(pauses).toBeGreaterThanOrEqual(steps.length);
  for (const key of KEYS) expect(await found(key), key).toEqual([PK]);
});

it('deploys once when there is no new index, for the other changes of the stack', async () => {
  const steps: (number | undefined)[] = [];
  await deployLedgerInSteps({
    indexes,
    deploy: async (count) => void steps.push(count),
    pause: async () => expect.unreachable(),
  });
  expect(steps).toEqual([undefined]);
});

it('takes the number of indexes from the command line, never from cdk.json', () => {
  const read = (context: Record<string, unknown>) => readContext(new App({ context }).node).ledgerIndexes;
  expect(read({ suture: CONTEXT, 'suture:ledgerIndexes': '3' })).toBe(3);
  expect(() => read({ suture: CONTEXT, 'suture:ledgerIndexes': '0' })).toThrow(/a whole number from 1 to 6/);
  expect(() => read({ suture: { ...CONTEXT, ledgerIndexes: 3 } })).toThrow(/remove it from cdk.json/);
});
