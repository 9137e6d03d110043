/** The directory as it is deployed: by its schedule, with its own role. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MEMBERS, type Running, runOrganization } from '../../../lab/organization/organization.ts';

let running: Running;
beforeAll(async () => {
  running = await runOrganization(MEMBERS);
});
afterAll(() => running.sandbox.close());

test('within an hour every account is in the ledger', async () => {
  const { sandbox, context } = running;
  const read = async (id: string) => {
    // Of its own for each read: the clock moves by an hour, for which credentials last.
    const dynamo = new DynamoDBClient(sandbox.administrator(context.securityAccount));
    const Key = { pk: { S: `account#${id}` }, sk: { S: 'account' } };
    return (await dynamo.send(new GetItemCommand({ TableName: 'suture-ledger', Key }))).Item;
  };
  expect(await read(MEMBERS[0]!.id)).toBeUndefined();
  await sandbox.kernel.clock.advance(3_600_000);
  await sandbox.settled();
  for (const { id, withoutRole } of MEMBERS) {
    const ouPath = { S: withoutRole ? '/Acquired' : '/Workloads' };
    expect(await read(id)).toMatchObject({ status: { S: 'ACTIVE' }, ouPath });
  }
  expect(await read(context.securityAccount)).toMatchObject({ ouPath: { S: '/Security' } });
});
