/** The deployed directory, with its schedule and its own role. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../../../lab/organization/organization.ts';

let running: RunningOrganization;
beforeAll(async () => {
  running = await runOrganization(SAMPLE_MEMBERS);
});
afterAll(() => running.sandbox.close());

it('every account is in the ledger within an hour', async () => {
  const { sandbox, context } = running;
  const read = async (id: string) => {
    // A new client for each read: the clock moves by an hour, after which credentials expire.
    const dynamo = new DynamoDBClient(sandbox.administrator(context.securityAccount));
    const Key = { pk: { S: `account#${id}` }, sk: { S: 'account' } };
    return (await dynamo.send(new GetItemCommand({ TableName: 'suture-ledger', Key }))).Item;
  };
  expect(await read(SAMPLE_MEMBERS[0]!.id)).toBeUndefined();
  await sandbox.kernel.clock.advance(3_600_000);
  await sandbox.settled();
  for (const { id, withoutRole } of SAMPLE_MEMBERS) {
    const ouPath = { S: withoutRole ? '/Acquired' : '/Workloads' };
    expect(await read(id)).toMatchObject({ status: { S: 'ACTIVE' }, ouPath });
  }
  expect(await read(context.securityAccount)).toMatchObject({ ouPath: { S: '/Security' } });
});
