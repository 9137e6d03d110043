import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as secretsmanager from '@aws-sdk/client-secrets-manager';
import * as sfn from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { actionDetails } from '../../sandbox/authorization/actions.ts';
import type { Service } from '../../sandbox/kernel/kernel.ts';
import { modelOf } from '../../sandbox/wire/model.ts';
import { kebabCase } from '../../tools/identifiers.ts';
import { besideText, likelyType, neededResources, needsText } from '../../tools/operation-needs.ts';
import { newKind } from '../../tools/record-kind.ts';
import { unwrittenFaults } from '../../tools/structure/skeletons.ts';
import { copyRepository, type RepositoryCopy } from '../support/copy.ts';

/** Its client is installed, and no other service reads its state. */
const SERVICE = 'emr';

let copy: RepositoryCopy;
beforeAll(async () => {
  copy = await copyRepository();
  await rm(join(copy.root, 'sandbox/services', SERVICE), { recursive: true });
  await rm(join(copy.root, 'test/sandbox/services/emr.test.ts'), { force: true });
  for (const list of ['services', 'loaders']) await withoutLinesOf(`sandbox/services/${list}.generated.ts`);
});
afterAll(() => copy.remove());

const textOf = (path: string) => readFile(join(copy.root, path), 'utf8');

async function withoutLinesOf(path: string): Promise<void> {
  const lines = (await textOf(path)).split('\n').filter((line) => !line.includes(SERVICE));
  await writeFile(join(copy.root, path), lines.join('\n'));
}

const EXECUTED: string[] = [];
function npm(script: string, ...args: string[]) {
  EXECUTED.push(`npm run ${script} -- ${args.join(' ')}`);
  return copy.script(script, ...args);
}

it('a new service is written and registered, with what is left', async () => {
  expect(await npm('new:service', SERVICE, '--prefix', 'mapreduce')).toMatchObject({
    code: 2,
    out: expect.stringContaining('has no service "mapreduce"'),
  });
  const { code, out } = await npm('new:service', SERVICE);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('What is left:') });
  expect(out).toContain('npm run new:operation -- emr AddInstanceFleet');
  expect(await textOf('sandbox/services/services.generated.ts')).toContain("import { emr } from './emr/index.ts';");
  expect(await textOf('sandbox/services/loaders.generated.ts')).toContain('EMRClient:');
  expect(await textOf('sandbox/services/emr/index.ts')).toContain("prefix: 'elasticmapreduce'");
});

it('it compiles, is formatted, and its test passes', async () => {
  expect(await copy.faultsOf('sandbox/services/emr', 'test/sandbox/services/emr.test.ts')).toEqual([]);
  const { code, out } = await copy.run('npx', 'vitest', 'run', 'test/sandbox/services/emr.test.ts');
  expect(code, out).toBe(0);
});

it('a new operation is written and registered, with the permission that IAM has for it', async () => {
  const { code, out } = await npm('new:operation', SERVICE, 'DescribeCluster');
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain('elasticmapreduce:DescribeCluster on the resource that the request names, of arn:');
  expect(out).toContain('3. Its request: it has ClusterId.');
  expect(await textOf('sandbox/services/emr/index.ts')).toContain('operations: { DescribeCluster: describeCluster },');
  const again = await npm('new:operation', SERVICE, 'DescribeCluster');
  expect(again).toMatchObject({ code: 2, out: expect.stringContaining('models DescribeCluster already') });
});

it('several operations are written at once, each with its permission, on two resources if IAM requires two', async () => {
  const { code, out } = await npm('new:operation', 'rds', 'ModifyTenantDatabase', 'DescribeTenantDatabases');
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain('modify-tenant-database.ts\nsandbox/services/rds/describe-tenant-databases.ts\n');
  expect(out).toContain('What is left of each:');
  expect(out).toMatch(/\n {3}DescribeTenantDatabases: rds:DescribeTenantDatabases on .*\n/);
  expect(out).toContain("beside: ['arn:{partition}:rds:{region}:{account}:tenant-database:{TenantResourceId}']");
  const text = await textOf('sandbox/services/rds/modify-tenant-database.ts');
  expect(text).toContain(
    "`arn:${at.partition}:rds:${at.region}:${at.account}:db:${input.DBInstanceIdentifier ?? '*'}`",
  );
  expect(text).toContain('`arn:${at.partition}:rds:${at.region}:${at.account}:tenant-database:*`');
  const index = await textOf('sandbox/services/rds/index.ts');
  expect(index).toContain('ModifyTenantDatabase: modifyTenantDatabase');
  expect(index).toContain('DescribeTenantDatabases: describeTenantDatabases');
});

it('operations of one resource become a kind of record with verbs, which work, and its guesses are marked', async () => {
  const { code, out } = await npm('new:operation', SERVICE, 'CreateStudio', 'DescribeStudio', 'DeleteStudio');
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain('CreateStudio, DescribeStudio, DeleteStudio are verbs of STUDIO');
  const text = await textOf('sandbox/services/emr/studio.ts');
  expect(text).toContain("DescribeStudio: gets(STUDIO, { under: 'Studio' })");
  expect(text).toContain('newId: (at) =>');
  expect(await textOf('sandbox/services/emr/state.ts')).toContain("'region', ['studios']");
  expect(await textOf('sandbox/services/emr/index.ts')).toContain('KINDS: readonly RecordKind[] = [STUDIO]');
  const faults = unwrittenFaults([{ path: 'sandbox/services/emr/studio.ts', text }]);
  expect(faults.map(({ message }) => message)).toEqual([expect.stringContaining('facts are still the guesses')]);
});

it('operations of a resource that has a kind become its verbs, and the others files', async () => {
  const operations = ['UpdateStudio', 'AddTags', 'ListStudios', 'ListBootstrapActions'];
  const { code, out } = await npm('new:operation', SERVICE, ...operations);
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain('UpdateStudio, AddTags, ListStudios are verbs of STUDIO too, and work.');
  expect(out).toContain('sandbox/services/emr/list-bootstrap-actions.ts');
  const text = await textOf('sandbox/services/emr/studio.ts');
  expect(text).toContain('UpdateStudio: changes(STUDIO, {');
  expect(text).toContain("AddTags: addsTags(TAGGED, 'ResourceId', 'Tags')");
  const faults = unwrittenFaults([{ path: 'sandbox/services/emr/studio.ts', text }]);
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringContaining('facts are still the guesses'),
    expect.stringContaining('verbs are still the guesses'),
  ]);
});

it('a table that somebody has written takes a verb too', async () => {
  const { code, out } = await npm('new:operation', 'efs', 'UpdateFileSystem');
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('is a verb of FILE_SYSTEM too') });
  expect(await textOf('sandbox/services/efs/index.ts')).toMatch(
    /UpdateFileSystem: changes\(FILE_SYSTEM, [\s\S]* {2}\}\),\n/,
  );
});

it.each([
  ['rds', 'DescribeDBEngineVersions', 'describe-db-engine-versions'],
  ['efs', 'DescribeMountTargets', 'describe-mount-targets'],
  ['sts', 'GetAccessKeyInfo', 'get-access-key-info'],
  ['appconfig', 'ListExtensions', 'list-extensions'],
])('an operation of %s, %s, goes into the definition whatever its form', async (service, operation, file) => {
  const { code, out } = await npm('new:operation', service, operation);
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining(`${file}.ts`) });
  expect(await textOf(`sandbox/services/${service}/index.ts`)).toContain(`${operation}: `);
});

it('all of them compile, and refuse to run', async () => {
  const services = ['emr', 'rds', 'efs', 'sts', 'appconfig'].map((service) => `sandbox/services/${service}`);
  expect(await copy.faultsOf(...services)).toEqual([]);
  const script = `import { createSandboxWith } from './sandbox/create-sandbox.ts';
import { SERVICES } from './sandbox/services/services.generated.ts';
const sandbox = await createSandboxWith(SERVICES, { organization: { id: 'o-exampleorgid', managementAccount: '000000000001', accounts: [{ id: '000000000001', name: 'a' }] }, homeRegion: 'us-east-1' });
const place = { partition: 'aws', account: '000000000001', region: 'us-east-1' };
for (const [service, operation] of [['emr', 'DescribeCluster'], ['rds', 'DescribeDBEngineVersions'], ['efs', 'DescribeMountTargets']])
  await sandbox.kernel.call(sandbox.kernel.administrator(place.account), place, service, operation, {}).catch(({ code, message }) => console.log(code, message));
await sandbox.close();`;
  const { out } = await copy.run('node', '--input-type=module', '-e', script);
  expect(out).toContain(
    'NotModelled The sandbox does not model emr DescribeCluster yet: write sandbox/services/emr/describe-cluster.ts',
  );
  expect(out.match(/NotModelled/g)).toHaveLength(3);
});

it('CONTRIBUTING.md names the commands', async () => {
  const [, section = ''] = (await textOf('CONTRIBUTING.md')).split('## Add a sandbox service\n');
  const [, block = ''] = /```sh\n([\s\S]*?)```/.exec(section) ?? [];
  const commands = block.trim().split(/\n\s*/);
  expect(commands).toHaveLength(2);
  expect(commands.filter((command) => !EXECUTED.includes(command))).toEqual([]);
});

it.each<[what: string, script: string, args: string[], message: string]>([
  ['a client that is not installed', 'new:service', ['rds2'], 'npm install --save-exact @aws-sdk/client-rds2'],
  ['a service that exists', 'new:service', ['sqs'], 'sandbox/services/sqs exists already. Nothing was written.'],
  ['a client that a service answers', 'new:service', ['neptune'], 'answers NeptuneClient already'],
  ['a name in capitals', 'new:service', ['Glue'], '"Glue" is not the name of a service'],
  ['no name', 'new:service', [], 'Name one service. Nothing was written.'],
  ['a service that is missing', 'new:operation', ['glue', 'GetJob'], 'Add it first: npm run new:service -- glue'],
  ['an operation that AWS does not have', 'new:operation', ['sqs', 'SendMesage'], 'did you mean SendMessage'],
  ['an operation that is modelled', 'new:operation', ['sqs', 'SendMessage'], 'models SendMessage already'],
  ['one argument', 'new:operation', ['sqs'], 'Name one service, and its operations.'],
  [
    'several operations for one that AWS does not have',
    'new:operation',
    ['sqs', 'StartMessageMoveTask', 'AddPermision', 'SendMessage', 'AddPermission', 'AddPermission'],
    'sqs has no operation AddPermision; did you mean AddPermission?\n',
  ],
  [
    'an operation that stands twice',
    'new:operation',
    ['sqs', 'AddPermission', 'AddPermission'],
    'stands twice.\nNothing',
  ],
])('refuses %s, and writes nothing', async (_, script, args, message) => {
  const before = await copy.run('git', 'hash-object', 'sandbox/services/sqs/index.ts', 'package.json');
  expect(await npm(script, ...args)).toMatchObject({ code: 2, out: expect.stringContaining(message) });
  expect(await copy.run('git', 'hash-object', 'sandbox/services/sqs/index.ts', 'package.json')).toEqual(before);
});

async function kindOf(sdk: object, client: Service['client'], prefix: string, operations: readonly string[]) {
  const service = { name: 'own', sdk, client, prefix } as Service;
  const { operations: models } = modelOf(service);
  const wanted = operations.map(async (name) => ({
    service,
    model: models.get(name)!,
    action: await actionDetails(`${prefix}:${name}`),
    file: name,
  }));
  const errors = Object.keys(sdk).filter((name) => /(Exception|Fault)$/.test(name));
  return newKind(await Promise.all(wanted), '@aws-sdk/client-own', errors);
}

it('a kind says by which member each operation names its record, and how tags and pages look', async () => {
  const named = ['CreateSecret', 'DescribeSecret', 'UpdateSecret', 'ListSecrets'];
  const secrets = await kindOf(secretsmanager, secretsmanager.SecretsManagerClient as never, 'secretsmanager', named);
  expect(secrets?.text).toContain("id: 'Name',");
  expect(secrets?.text).toContain("DescribeSecret: gets(SECRET, { named: 'SecretId' })");
  expect(secrets?.text).toContain("UpdateSecret: changes(SECRET, { named: 'SecretId', takes: {");
  expect(secrets?.text).toContain("missing: (id) => modelled('ResourceNotFoundException'");
  expect(secrets?.text).toContain("tags: { ...TAG_LIST, shownAs: 'Tags' }");
  expect(secrets?.text).toContain("pages: { token: 'NextToken', next: 'NextToken', size: 'MaxResults'");
  const byArn = ['CreateStateMachine', 'DescribeStateMachine', 'ListTagsForResource'];
  const machines = await kindOf(sfn, sfn.SFNClient as never, 'states', byArn);
  expect(machines?.text).toContain("id: 'stateMachineArn',\n  namedBy: 'arn',");
  expect(machines?.text).toContain("creates(STATE_MACHINE, { named: 'name'");
  expect(machines?.text).toContain("listsTags(TAGGED, 'resourceArn', 'tags')");
});

it('leaves out members that would have no effect, and operations that create nothing', async () => {
  const create = ['CreateSecret', 'DescribeSecret'];
  const secrets = await kindOf(secretsmanager, secretsmanager.SecretsManagerClient as never, 'secretsmanager', create);
  expect(secrets?.text).toContain('ClientRequestToken: notKept(anyValue)');
  expect(secrets?.text).not.toContain('ForceOverwriteReplicaSecret');
  const read = await kindOf(sfn, sfn.SFNClient as never, 'states', ['DescribeStateMachine', 'UpdateStateMachine']);
  expect(read).toBeUndefined();
});

it.each([
  ['DescribeDBInstances', 'describe-db-instances'],
  ['GetEbsEncryptionByDefault', 'get-ebs-encryption-by-default'],
  ['PutMFADevice', 'put-mfa-device'],
])('%s stands in %s.ts', (operation, file) => {
  expect(kebabCase(operation)).toBe(file);
});

it.each<[action: string, members: string[], type: string]>([
  ['kinesis:StartStreamEncryption', ['EncryptionType', 'KeyId', 'StreamName', 'StreamARN'], 'stream'],
  ['kinesis:ListTagsForResource', ['ResourceARN', 'StreamId'], 'stream'],
  ['rds:ModifyDBInstance', ['DBInstanceIdentifier'], 'db'],
])('the skeleton of %s with %j asks for a permission on a %s', async (action, members, type) => {
  const { resourceTypes } = await actionDetails(action);
  expect(likelyType(resourceTypes, action.split(':')[0]!, members)?.name).toBe(type);
});

it.each<[action: string, members: string[], types: string[], beside: string]>([
  [
    'kinesis:StartStreamEncryption',
    ['EncryptionType', 'KeyId', 'StreamName', 'StreamARN'],
    ['stream', 'kmsKey'],
    "'arn:{partition}:kms:{region}:{account}:key/{KeyId}'",
  ],
  ['kinesis:TagResource', ['ResourceARN', 'Tags', 'StreamId'], ['stream'], ''],
  ['elasticache:ModifyReplicationGroup', ['ReplicationGroupId'], ['replicationgroup'], ''],
])('%s with %j is authorized on %j', async (action, members, types, beside) => {
  const details = await actionDetails(action);
  const needed = neededResources(details, action.split(':')[0]!, members);
  expect(needed.map(({ type }) => type.name)).toEqual(types);
  expect(besideText(needed)).toBe(beside);
  expect(needsText(details, needed).match(/action: /g)).toHaveLength(types.length);
});
