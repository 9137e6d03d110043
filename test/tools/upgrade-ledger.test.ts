/** `npm run upgrade-ledger` as a process against the sandbox, with an `npx` that changes the table as `cdk deploy` would. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { INDEXES } from '../../functions/domain/ledger.ts';
import { namesOf } from '../../functions/domain/names.ts';
import type { Sandbox } from '../../sandbox/create-sandbox.ts';
import { dynamodb } from '../../sandbox/services/dynamodb/index.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { CLIENT_ACCOUNT, sandboxFor } from '../sandbox/support/sdk-client.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { homeRegion } = await readCdkJsonContext();
const { ledgerTable: TableName } = namesOf({ prefix: 'staging' });
const MINUTE = 60_000;
const KEYS = Object.keys(INDEXES) as (keyof typeof INDEXES)[];
/** Passes its words on, and fails with the deployment. */
const NPX = `#!/usr/bin/env node
const { ok } = await fetch(process.env.DEPLOYMENTS, { method: 'POST', body: JSON.stringify(process.argv.slice(2)) });
process.exitCode = ok ? 0 : 1;
`;

let sandbox: Sandbox;
let client: DynamoDBClient;
let deployments: Server;
let bin: string;
let words: string[][];
let present: number;
let failing: boolean;
beforeEach(async () => {
  [words, present, failing] = [[], 3, false];
  sandbox = await sandboxFor(dynamodb);
  client = new DynamoDBClient(sandbox.administrator(CLIENT_ACCOUNT, homeRegion));
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', ...KEYS.slice(0, present)].map(stringNamed),
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: KEYS.slice(0, present).map(indexOf),
    }),
  );
  deployments = createServer((request, response) => {
    text(request)
      .then((body) => deploy(JSON.parse(body)))
      .then(
        () => response.end(),
        () => response.writeHead(500).end(),
      );
  }).listen(0, '127.0.0.1');
  await once(deployments, 'listening');
  bin = await mkdtemp(join(tmpdir(), 'npx-'));
  await writeFile(join(bin, 'package.json'), '{ "type": "module" }');
  await writeFile(join(bin, 'npx'), NPX, { mode: 0o755 });
});
afterEach(async () => {
  deployments.close();
  await sandbox.close();
  await rm(bin, { recursive: true });
});

const stringNamed = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });
const indexOf = (key: keyof typeof INDEXES) => ({
  IndexName: INDEXES[key].name,
  KeySchema: [{ AttributeName: key, KeyType: 'HASH' as const }],
  Projection: { ProjectionType: 'KEYS_ONLY' as const },
});

/** As CloudFormation does: one new index in each deployment. */
async function deploy(said: string[]): Promise<void> {
  words.push(said);
  const count = Number(/^suture:ledgerIndexes=(\d+)$/.exec(said.at(-1)!)?.[1] ?? KEYS.length);
  if (failing || count > present + 1) throw new Error('Cannot perform more than one GSI creation');
  for (const key of KEYS.slice(present, count))
    await client.send(
      new UpdateTableCommand({
        TableName,
        AttributeDefinitions: [stringNamed(key)],
        GlobalSecondaryIndexUpdates: [{ Create: indexOf(key) }],
      }),
    );
  present = Math.max(present, count);
  await sandbox.kernel.clock.advance(10 * MINUTE);
}

async function upgradeLedger(): Promise<{ readonly code: number; readonly output: string }> {
  const { credentials, endpoint } = sandbox.administrator(CLIENT_ACCOUNT);
  const env = {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    DEPLOYMENTS: `http://127.0.0.1:${(deployments.address() as AddressInfo).port}`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
  const args = ['tools/upgrade-ledger.ts', '--prefix', 'staging'];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

it('deploys the ledger of an installation once for each new index, and then whole', async () => {
  expect(await upgradeLedger()).toEqual({
    code: 0,
    output: 'StagingLedger is deployed, and all of its indexes can be read.\n',
  });
  const whole = ['cdk', 'deploy', '--exclusively', 'StagingLedger', '-c', 'suture:prefix=staging'];
  const withFirst = (count: number) => [...whole, '-c', `suture:ledgerIndexes=${count}`];
  expect(words).toEqual([withFirst(4), withFirst(5), whole]);
});

it('says what to run again if a deployment fails', async () => {
  failing = true;
  const { code, output } = await upgradeLedger();
  expect([code, words.length]).toEqual([2, 1]);
  expect(output).toMatch(
    /^npx cdk deploy .*suture:ledgerIndexes=4 ended with 1\. Run npm run upgrade-ledger again\.$/m,
  );
});
