/** `npm run upgrade-ledger` deploys the ledger's stack of a newer version, one new index after the other. */
import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { UsageError } from '../cli/errors/usage-error.ts';
import { parseOptions } from '../cli/options/parse-options.ts';
import { namesOf } from '../functions/domain/names.ts';
import { readCdkJsonContext } from '../stacks/context.ts';
import { deployLedgerInSteps, type LedgerIndex } from '../stacks/ledger-steps.ts';
import { runGenerator } from './run-generator.ts';

const USAGE =
  'npm run upgrade-ledger [-- --prefix <prefix of the installation>]    (with credentials of an administrator of the security account)';
const PAUSE_MS = 30_000;

await runGenerator(USAGE, async () => {
  const { values } = parseOptions({ options: { prefix: { type: 'string' } } });
  const context = await readCdkJsonContext();
  const prefix = values.prefix ?? context.prefix;
  const names = namesOf({ prefix });
  const client = new DynamoDBClient({ region: context.homeRegion });
  await deployLedgerInSteps({
    indexes: () => indexesOf(client, names.ledgerTable),
    deploy: (indexes) =>
      cdkDeploy(names.stack('Ledger'), [
        `suture:prefix=${prefix}`,
        ...(indexes === undefined ? [] : [`suture:ledgerIndexes=${indexes}`]),
      ]),
    pause: async (filling) => {
      console.log(
        `DynamoDB fills ${filling.join(', ')}, which takes minutes or hours depending on the size of the ledger.`,
      );
      await setTimeout(PAUSE_MS);
    },
  });
  return `${names.stack('Ledger')} is deployed, and all of its indexes can be read.`;
});

async function indexesOf(client: DynamoDBClient, TableName: string): Promise<LedgerIndex[]> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  return (Table?.GlobalSecondaryIndexes ?? []).map(({ IndexName, IndexStatus }) => ({
    name: IndexName!,
    isActive: IndexStatus === 'ACTIVE',
  }));
}

/** @throws UsageError if the CDK could not deploy */
function cdkDeploy(stack: string, settings: readonly string[]): Promise<void> {
  const args = ['cdk', 'deploy', '--exclusively', stack, ...settings.flatMap((setting) => ['-c', setting])];
  return new Promise((resolve, reject) => {
    const cdk = spawn('npx', args, { stdio: 'inherit', shell: process.platform === 'win32' });
    cdk.once('error', reject);
    cdk.once('close', (code) =>
      code === 0
        ? resolve()
        : reject(new UsageError(`npx ${args.join(' ')} ended with ${code}. Run npm run upgrade-ledger again.`)),
    );
  });
}
