/** Executes docs/uninstall.md, checks what is left, and installs again with the kept tables. */
import { readFile } from 'node:fs/promises';
import {
  AppConfigClient,
  DeleteHostedConfigurationVersionCommand,
  ListHostedConfigurationVersionsCommand,
} from '@aws-sdk/client-appconfig';
import {
  CloudFormationClient,
  DeleteStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeKeyCommand, KMSClient, ScheduleKeyDeletionCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type WorldDifference, worldDifferences } from '../../lab/laws/world.ts';
import { policyResourceIds } from '../../lab/organization/deploy-policy.ts';
import { organizationOptions, SAMPLE_MEMBERS } from '../../lab/organization/organization.ts';
import { type AssemblyOptions, deployAssembly } from '../../sandbox/cloudformation/index.ts';
import { CLOUDFORMATION } from '../../sandbox/cloudformation/stacks.ts';
import { createSandbox } from '../../sandbox/index.ts';
import type { AwsPlace } from '../../sandbox/kernel/kernel.ts';
import type { Snapshot } from '../../sandbox/kernel/states.ts';
import { iamStateOf } from '../../sandbox/services/iam/state.ts';
import { designateAdministrator } from '../../sandbox/services/securityhub/simulation.ts';
import { assembly } from '../../stacks/assembly.ts';
import { readCdkJsonContext } from '../../stacks/context.ts';
import { Pipeline, SHOP } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const CONTEXT = await readCdkJsonContext();
const { securityAccount, serviceAccount, homeRegion } = CONTEXT;
const PAGE = await readFile(new URL('../../docs/uninstall.md', import.meta.url), 'utf8');
/** As the page has them, such as `SutureRemediations-*`. */
const ORDER = [...PAGE.matchAll(/^\| \d+ \| `(\S+)` \|/gm)].map(([, name]) => name!);
const QUEUE_NAME_MS = 61_000;

let pipeline: Pipeline;
let before: Snapshot;
beforeAll(async () => {
  const synthesized = await assembly();
  const sandbox = await createSandbox({
    organization: organizationOptions(CONTEXT, SAMPLE_MEMBERS),
    homeRegion,
  });
  designateAdministrator(sandbox.kernel, { account: securityAccount, region: homeRegion });
  pipeline = new Pipeline({ sandbox, context: CONTEXT, synthesized });
  before = sandbox.snapshot();
  await deploy();
  await pipeline.setPolicy(TEST_POLICY);
});
afterAll(() => pipeline?.sandbox.close());

const deploy = (options: Partial<AssemblyOptions> = {}) =>
  deployAssembly(pipeline.kernel, pipeline.synthesized.directory, { memberAccounts: [], homeRegion, ...options });

type Installed = { readonly place: AwsPlace; readonly name: string; readonly isProtected: boolean };

/** Stacks of StackSets belong to their StackSet. */
function installedStacks(): Installed[] {
  const regions = [...new Set([homeRegion, CONTEXT.ipRanges?.region ?? homeRegion])];
  const accounts = [securityAccount, serviceAccount, CONTEXT.rollout!.managementAccount];
  return accounts.flatMap((account) =>
    regions.flatMap((region) => {
      const place = { partition: CONTEXT.partition, account, region };
      const { stacks } = pipeline.kernel.state(CLOUDFORMATION, place);
      return [...stacks.values()].map(({ name, isProtected }) => ({ place, name, isProtected }));
    }),
  );
}

const matches = (pattern: string, name: string) =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

async function remove({ place: { account, region }, name, isProtected }: Installed): Promise<void> {
  const client = new CloudFormationClient(pipeline.sandbox.administrator(account, region));
  const StackName = name;
  if (isProtected)
    await client.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: false }));
  if (name === 'SuturePolicy') await deletePolicyVersions();
  await client.send(new DeleteStackCommand({ StackName }));
}

async function deletePolicyVersions(): Promise<void> {
  const client = new AppConfigClient(pipeline.sandbox.administrator(securityAccount));
  const { ApplicationId, ConfigurationProfileId } = await policyResourceIds(client);
  const profile = { ApplicationId, ConfigurationProfileId };
  const { Items = [] } = await client.send(new ListHostedConfigurationVersionsCommand(profile));
  for (const { VersionNumber } of Items)
    await client.send(new DeleteHostedConfigurationVersionCommand({ ...profile, VersionNumber }));
}

async function keyId(account: string): Promise<string> {
  const client = new KMSClient(pipeline.sandbox.administrator(account));
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: 'alias/suture' }));
  return KeyMetadata!.KeyId!;
}

/** The page keeps the keys of tables and buckets alone. */
async function deleteOtherKeys(kept: ReadonlySet<string>): Promise<void> {
  const changed = worldDifferences(pipeline.sandbox, before, pipeline.sandbox.snapshot());
  const keys = changed.flatMap(({ where, path: [kind, id] }) =>
    where.startsWith('kms ') && kind === 'keys' ? [`${where} ${id}`] : [],
  );
  for (const key of new Set(keys)) {
    const [, account, region, KeyId] = key.split(' ');
    if (kept.has(KeyId!)) continue;
    const client = new KMSClient(pipeline.sandbox.administrator(account!, region));
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId }));
    // Keys of signatures go with their stack.
    if (KeyMetadata!.KeyState !== 'PendingDeletion') await client.send(new ScheduleKeyDeletionCommand({ KeyId }));
  }
}

const memberRoles = () => SAMPLE_MEMBERS.filter(({ id }) => iamStateOf(pipeline.kernel, id).roles.has('suture-member'));

/** Records that AWS keeps by itself, and what the test did besides. */
function isExpected({ where, path: [kind, name = ''], to }: WorldDifference): boolean {
  const made: any = to;
  switch (where.split(' ')[0]) {
    case 'cloudformation':
      return kind === 'deleted';
    case 'sqs':
      return kind === 'deletedAt';
    case 'iam':
      return kind === 'roles' && /^(stacksets-exec-|AWSServiceRoleFor|OrganizationAccountAccessRole$)/.test(name);
    case 'kms':
      return kind === 'keys' && made?.state === 'PendingDeletion';
    case 'sfn':
      return kind === 'executions';
    default:
      // Traces of the test, and AWS's records of calls and sessions.
      return ['appconfigdata', 'cloudtrail', 'cloudwatch', 'ec2', 'securityhub'].includes(where.split(' ')[0]!);
  }
}

it('leaves only what is kept, and the next installation imports it with its history', async () => {
  const finding = await pipeline.arrange('EC2.13', { account: SHOP });
  await pipeline.process(finding);
  const history = await pipeline.history(finding.Id);
  expect(history.map(({ outcome }) => outcome)).toEqual(['FIXED']);
  const keys = { [securityAccount]: await keyId(securityAccount), [serviceAccount]: await keyId(serviceAccount) };

  for (const [n, pattern] of ORDER.entries()) {
    for (const stack of installedStacks().filter(({ name }) => matches(pattern, name))) await remove(stack);
    if (n === 0) expect(memberRoles()).toEqual([]);
  }
  expect(installedStacks()).toEqual([]);
  await deleteOtherKeys(new Set(Object.values(keys)));
  const left = worldDifferences(pipeline.sandbox, before, pipeline.sandbox.snapshot())
    .filter((each) => !isExpected(each))
    .map(({ where, path }) => `${where}: ${path.slice(0, 2).join('.')}`);
  expect([...new Set(left)].sort()).toEqual([
    `dynamodb ${securityAccount} ${homeRegion}: tables.suture-ledger`,
    `dynamodb ${serviceAccount} ${homeRegion}: tables.suture-journal`,
    `kms ${securityAccount} ${homeRegion}: keys.${keys[securityAccount]}`,
    `kms ${serviceAccount} ${homeRegion}: keys.${keys[serviceAccount]}`,
    `s3 ${serviceAccount} ${homeRegion}: buckets.suture-copies-${serviceAccount}-${homeRegion}`,
  ]);

  await pipeline.kernel.clock.advance(QUEUE_NAME_MS);
  for (const [stack, account] of [
    ['SuturePolicy', securityAccount],
    ['SutureService', serviceAccount],
  ] as const)
    await deploy({ only: [stack], imports: { [await logicalIdOfKey(stack)]: { KeyId: keys[account]! } } });
  await deploy({ imports: 'named' });
  expect(await pipeline.history(finding.Id)).toEqual(history);
  expect(await keyId(securityAccount)).toBe(keys[securityAccount]);
  await pipeline.setPolicy(TEST_POLICY);
  const next = await pipeline.arrange('EC2.13', { account: SHOP });
  await pipeline.process(next);
  expect((await pipeline.history(next.Id)).map(({ outcome }) => outcome)).toEqual(['FIXED']);
});

async function logicalIdOfKey(stack: string): Promise<string> {
  const file = `${pipeline.synthesized.directory}/${stack}.template.json`;
  const { Resources } = JSON.parse(await readFile(file, 'utf8'));
  return Object.keys(Resources).find((id) => /^Key[0-9A-F]{8}$/.test(id))!;
}

it('names every stack of the installation', async () => {
  const { artifacts } = JSON.parse(await readFile(`${pipeline.synthesized.directory}/manifest.json`, 'utf8'));
  const stacks = Object.entries<any>(artifacts).flatMap(([id, { type }]) =>
    type === 'aws:cloudformation:stack' ? [id] : [],
  );
  expect(stacks.filter((name) => !ORDER.some((pattern) => matches(pattern, name)))).toEqual([]);
});
