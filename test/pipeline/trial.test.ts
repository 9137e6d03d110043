/** A trial is one account without an organization, with the settings that `npm run trial` decides. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient, ListAliasesCommand } from '@aws-sdk/client-kms';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { App } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { approveChanges } from '../../lab/organization/approve-changes.ts';
import { deleteStack } from '../../sandbox/cloudformation/deploy.ts';
import { createSandbox } from '../../sandbox/index.ts';
import { designateAdministrator } from '../../sandbox/services/securityhub/simulation.ts';
import { addStacks } from '../../stacks/app.ts';
import { bundlesIn } from '../../stacks/bundle-code.ts';
import { buildBundles } from '../../stacks/bundles.ts';
import { TRIAL_TAG } from '../../stacks/constructs/tagging.ts';
import { readContext, type SutureContext } from '../../stacks/context.ts';
import { readPolicy } from '../../stacks/policy.ts';
import { NO_ORGANIZATION } from '../../stacks/trial.ts';
import { Pipeline } from '../support/pipeline.ts';

const OWN = '333333333333';
const REGION = 'eu-west-1';
const SETTINGS = { 'suture:trial': 'true', 'suture:securityAccount': OWN, 'suture:homeRegion': REGION };
const FEW = REMEDIATIONS.filter(({ id }) =>
  /^(ec2\/close-admin-ports|kms\/rotate-keys|sqs\/close-queue-policies)$/.test(id),
);
const folder = mkdtempSync(join(tmpdir(), 'suture-trial-'));
const bundles = join(folder, 'bundles');
const DAY_MS = 24 * 3_600_000;

let suture: Pipeline;
let deployed: Awaited<ReturnType<Pipeline['sandbox']['deploy']>>;
let templates: [name: string, text: string][];
beforeAll(async () => {
  await buildBundles(FEW, { outdir: bundles });
  const context = readContext(new App({ context: SETTINGS }).node);
  const synthesized = { directory: synthesize(context), reused: false, seconds: 0 };
  const files = (await readdir(synthesized.directory)).filter((file) => /^Suture.*\.template\.json$/.test(file));
  templates = (await Promise.all(
    files.map(async (file) => [file, await readFile(join(synthesized.directory, file), 'utf8')] as const),
  )) as never;
  const sandbox = await createSandbox({
    organization: {
      id: 'o-elsewhere001',
      managementAccount: '999999999999',
      accounts: [
        { id: '999999999999', name: 'management', ouPath: '/' },
        { id: OWN, name: 'ours', ouPath: '/Sandboxes' },
      ],
    },
    homeRegion: REGION,
  });
  designateAdministrator(sandbox.kernel, { account: OWN, region: REGION });
  deployed = await sandbox.deploy(synthesized.directory, { memberAccounts: [] });
  expect(new Set(deployed.map(({ place }) => `${place.account} ${place.region}`))).toEqual(
    new Set([`${OWN} ${REGION}`]),
  );
  suture = new Pipeline({ sandbox, context, synthesized });
});
afterAll(async () => {
  await suture?.sandbox.close();
  rmSync(folder, { recursive: true });
});

function synthesize(context: SutureContext): string {
  const app = new App({ outdir: join(folder, 'assembly'), analyticsReporting: false });
  const policy = readPolicy(fileURLToPath(new URL('../../policy.yaml', import.meta.url)), REMEDIATIONS);
  addStacks(app, { context, remediations: FEW, policy, bundles: bundlesIn(bundles) });
  return app.synth().directory;
}

describe('a trial', () => {
  it('fixes a finding of its own account after a person approved the change', async () => {
    const finding = await suture.arrange('EC2.13', { account: OWN });
    const before = await suture.inbound(finding);
    const [waiting] = await suture.process(finding);
    expect(waiting).toMatchObject({ route: 'approve', outcome: 'WAITING' });
    expect(await suture.inbound(finding)).toEqual(before);
    expect(await approveChanges(suture.sandbox, OWN, [{ control: 'EC2.13', account: OWN }])).toHaveLength(1);
    await suture.sandbox.settled();
    expect(await suture.outcomes(finding)).toContain('FIXED');
    expect((await suture.inbound(finding)).filter((rule) => rule.startsWith('tcp 22'))).toEqual([]);
  });

  it("leaves Suture's own resources alone", async () => {
    const kms = new KMSClient(suture.sandbox.administrator(OWN, REGION));
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const topic = { Type: 'AwsKmsKey', Id: KeyMetadata!.Arn! };
    const queue = { Type: 'AwsSqsQueue', Id: `arn:aws:sqs:${REGION}:${OWN}:suture-sessions` };
    const [ofKey, ofQueue] = await suture.process(
      suture.finding('KMS.4', topic, { account: OWN }),
      suture.finding('SQS.3', queue, { account: OWN }),
    );
    expect(ofKey).toMatchObject({ route: 'approve' });
    expect(ofQueue).toMatchObject({ route: 'ignore', reason: expect.stringContaining('suture-itself') });
  });

  it('rejects findings of other accounts', async () => {
    const group = {
      Type: 'AwsEc2SecurityGroup',
      Id: `arn:aws:ec2:${REGION}:444444444444:security-group/sg-0123456789abcdef0`,
    };
    const [trace] = await suture.process(suture.finding('EC2.13', group, { account: '444444444444' }));
    expect(trace).toMatchObject({ route: 'reject' });
  });

  it('calls no organization, also after a day', async () => {
    await suture.kernel.clock.advance(DAY_MS);
    await suture.sandbox.settled();
    expect(suture.kernel.calls.filter(({ service }) => service === 'organizations')).toEqual([]);
    const finding = await suture.arrange('EC2.13', { account: OWN });
    expect(await suture.process(finding)).toMatchObject([{ route: 'approve', outcome: 'WAITING' }]);
  });
});

it('is removed with its tables and keys, except for the bucket of copies', async () => {
  const { kernel } = suture;
  const before = suture.sandbox.snapshot();
  const place = { partition: 'aws', account: OWN, region: REGION };
  for (const { stack } of [...deployed].reverse()) await deleteStack(kernel, place, stack.name);
  const settings = suture.sandbox.administrator(OWN, REGION);
  expect((await new DynamoDBClient(settings).send(new ListTablesCommand({}))).TableNames).toEqual([]);
  expect((await new KMSClient(settings).send(new ListAliasesCommand({}))).Aliases).toEqual([]);
  const { Buckets } = await new S3Client(settings).send(new ListBucketsCommand({}));
  expect(Buckets!.map(({ Name }) => Name)).toEqual([`suture-copies-${OWN}-${REGION}`]);
  const { Roles } = await new IAMClient(settings).send(new ListRolesCommand({ PathPrefix: '/suture/' }));
  expect(Roles).toEqual([]);
  suture.sandbox.restore(before);
});

describe('the templates of a trial', () => {
  it('name no organization', () => {
    for (const [name, text] of templates) {
      expect(text, name).not.toContain(NO_ORGANIZATION);
      expect(text, name).not.toMatch(/PrincipalOrgID|ResourceOrgID|organizations:/);
    }
  });

  it('are marked as those of a trial', () => {
    expect(templates.length).toBeGreaterThanOrEqual(10);
    for (const [name, text] of templates)
      expect(JSON.parse(text).Description, name).toMatch(/^TRIAL, not for production\. /);
    expect(templates.map(([, text]) => text).join('')).toContain(TRIAL_TAG);
  });

  it('have each name once', () => {
    const names = templates.flatMap(([, text]) =>
      Object.values<any>(JSON.parse(text).Resources).flatMap(({ Type, Properties = {} }) =>
        Object.entries(Properties)
          .filter(([key, value]) => /Name$/.test(key) && typeof value === 'string' && isOwnName(Type, key))
          .map(([key, value]) => `${Type} ${key} ${value}`),
      ),
    );
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
  });
});

/** Properties that name another resource do not count. */
const isOwnName = (type: string, key: string) => {
  const [, , kind] = type.split('::') as [string, string, string];
  return kind !== 'EventInvokeConfig' && (key === `${kind}Name` || key === 'AlarmName' || key === 'ManagedPolicyName');
};
