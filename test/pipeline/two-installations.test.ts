/** Staging beside production: two installations in the same accounts of one organization. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { namesOf } from '../../functions/domain/names.ts';
import { sourceIdentity } from '../../functions/domain/trace.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import { deployPolicy } from '../../lab/organization/deploy-policy.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { deployAssembly } from '../../sandbox/cloudformation/index.ts';
import type { AwsPlace, Need } from '../../sandbox/kernel/kernel.ts';
import { iamStateOf, type RoleRecord } from '../../sandbox/services/iam/state.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { createSession } from '../../sandbox/services/sts/assume.ts';
import { assembly } from '../../stacks/assembly.ts';
import { memberRoleArn, stateMachineArn } from '../../stacks/names.ts';
import { suture } from '../support/command-line.ts';
import { DEFAULT_NAMES } from '../support/names.ts';
import { DATA, type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';

const STAGING = namesOf({ prefix: 'staging' });
const EXTERNAL_ID = 'external-id-of-staging';
const INSTALLATIONS = [DEFAULT_NAMES, STAGING] as const;
const SSH_FROM_ANYWHERE = 'tcp 22 from 0.0.0.0/0';
const DENIED = { name: 'AccessDenied' };

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await startPipeline();
  const api = JSON.stringify({ logRole: false });
  const { directory } = await assembly({ settings: { prefix: 'staging', externalId: EXTERNAL_ID, api } });
  const { kernel, context, sandbox } = pipeline;
  await deployAssembly(kernel, directory, { memberAccounts: [], homeRegion: context.homeRegion });
  const administrator = sandbox.administrator(context.securityAccount);
  const policyFor = (excluded: string) => ({
    version: 1,
    controls: { 'EC2.13': 'auto' },
    excludedAccounts: [excluded],
  });
  await pipeline.setPolicy(policyFor(DATA));
  await deployPolicy(administrator, policyFor(SHOP), () => kernel.clock.now(), STAGING);
  await kernel.clock.advance(61_000);
});
afterAll(() => pipeline?.sandbox.close());
afterEach(() => vi.unstubAllEnvs());

/** By installation: the status of the finding in its ledger. */
async function statuses(finding: ControlFinding) {
  const client = new DynamoDBClient(pipeline.sandbox.administrator(pipeline.context.securityAccount));
  const records = INSTALLATIONS.map(async ({ prefix, ledgerTable }) => {
    const record = await ledgerQueries(ledgerTable, client).record(finding.Id);
    return [prefix, record?.ofStatus] as const;
  });
  return Object.fromEntries(await Promise.all(records));
}

async function process(finding: ControlFinding): Promise<void> {
  putFinding(pipeline.kernel, finding as never);
  await pipeline.sandbox.settled();
}

describe('a finding', () => {
  it.each([
    [SHOP, { suture: 'FIXED', staging: 'IGNORED' }],
    [DATA, { suture: 'IGNORED', staging: 'FIXED' }],
  ])('of %s is fixed by the installation whose policy names it', async (account, expected) => {
    const finding = await pipeline.arrange('EC2.13', { account });
    expect(await pipeline.inbound(finding)).toContain(SSH_FROM_ANYWHERE);
    await process(finding);
    expect(await pipeline.inbound(finding)).not.toContain(SSH_FROM_ANYWHERE);
    expect(await statuses(finding)).toEqual(expected);
  });

  it('is shown by the command line with the prefix of its installation', async () => {
    const finding = await pipeline.arrange('EC2.13', { account: DATA });
    await process(finding);
    const { credentials, endpoint } = pipeline.sandbox.administrator(pipeline.context.securityAccount) as never as {
      credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string };
      endpoint: string;
    };
    vi.stubEnv('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', credentials.sessionToken);
    vi.stubEnv('AWS_REGION', pipeline.context.homeRegion);
    vi.stubEnv('AWS_ENDPOINT_URL', endpoint ?? pipeline.sandbox.endpoint);
    for (const [prefix, status] of [
      ['suture', 'IGNORED'],
      ['staging', 'FIXED'],
    ] as const) {
      vi.stubEnv('SUTURE_PREFIX', prefix);
      const { out } = await suture('show', finding.Id, '--json');
      expect(JSON.parse(out)[0].record.ofStatus, prefix).toBe(status);
    }
  });
});

const rolesOf = (account: string, path: string): RoleRecord[] =>
  [...iamStateOf(pipeline.kernel, account).roles.values()].filter((role) => role.arn.includes(`:role${path}`));
const isStaging = ({ arn }: RoleRecord) => arn.includes(':role/suture/staging/');

/** Everything that IAM protects of an installation, as it is asked for when somebody uses it. */
function usesOf({ prefix, ...names }: typeof STAGING): Need[] {
  const { partition, homeRegion, securityAccount, serviceAccount } = pipeline.context;
  const arn = (account: string, service: string, resource: string) =>
    `arn:${partition}:${service}:${homeRegion}:${account}:${resource}`;
  const inSecurity = (action: string, resource: string): Need => ({
    action,
    resource: arn(securityAccount, action.split(':')[0]!, resource),
  });
  const remediation = names.remediationFunction('ec2/close-admin-ports');
  return [
    { action: 'states:StartExecution', resource: stateMachineArn({ ...pipeline.context, prefix }) },
    inSecurity('lambda:InvokeFunction', `function:${names.function('triage')}`),
    inSecurity('lambda:InvokeFunction', `function:${names.function('notify')}`),
    inSecurity('dynamodb:PutItem', `table/${names.ledgerTable}`),
    inSecurity('dynamodb:GetItem', `table/${names.ledgerTable}`),
    inSecurity('sqs:SendMessage', names.own('finding-updates')),
    inSecurity('sqs:ReceiveMessage', names.own('failures')),
    inSecurity('sns:Publish', names.alarmTopic),
    inSecurity('events:PutEvents', `event-bus/${names.eventBus}`),
    inSecurity('events:StartReplay', `replay/${names.own('0123456789ab')}`),
    { action: 'lambda:InvokeFunction', resource: arn(serviceAccount, 'lambda', `function:${remediation}:live`) },
    { action: 'dynamodb:UpdateItem', resource: arn(serviceAccount, 'dynamodb', `table/${names.journalTable}`) },
    {
      action: 's3:PutObject',
      resource: `arn:${partition}:s3:::${names.copiesBucket(serviceAccount, homeRegion)}/ec2/close-admin-ports/x`,
      owner: serviceAccount,
    },
  ];
}

/** As `suture-triage may states:StartExecution on …`. */
function allowed(roles: readonly RoleRecord[], uses: readonly Need[]): string[] {
  const { kernel, context } = pipeline;
  return roles.flatMap((role) =>
    uses.flatMap((need) => {
      const account = role.arn.split(':')[4]!;
      const place: AwsPlace = { partition: context.partition, account, region: context.homeRegion };
      try {
        kernel.authorize(createSession(kernel, role, 'a-thief'), place, need);
        return [`${role.name} may ${need.action} on ${need.resource}`];
      } catch {
        return [];
      }
    }),
  );
}

describe('neither installation', () => {
  it.each([
    ['suture', DEFAULT_NAMES, STAGING],
    ['staging', STAGING, DEFAULT_NAMES],
  ])('can use or start resources of the other: %s', (_, own, other) => {
    const { securityAccount, serviceAccount } = pipeline.context;
    const roles = [securityAccount, serviceAccount]
      .flatMap((account) => rolesOf(account, '/suture/'))
      .filter((role) => isStaging(role) === (own === STAGING));
    expect(roles.length).toBeGreaterThan(50);
    expect(allowed(roles, usesOf(other))).toEqual([]);
    // The same uses are allowed to roles of their own installation; those of other accounts need its resource policy.
    const uses = usesOf(own).filter(({ resource }) => !resource.endsWith(':live'));
    const used = allowed(roles, uses);
    for (const { action, resource } of uses) expect(used.join('\n')).toContain(`may ${action} on ${resource}`);
  });

  it.each([
    ['the default installation', DEFAULT_NAMES, STAGING],
    ['staging', STAGING, DEFAULT_NAMES],
  ])("can open sessions of the other's member role: %s", async (_, own, other) => {
    const { context, kernel, sandbox } = pipeline;
    const role = `arn:${context.partition}:iam::${context.serviceAccount}:role${own.executionRolePath}${own.executionRole('ec2/close-admin-ports')}`;
    const settings = sandbox.clientSettings(kernel.assumeForService('lambda.amazonaws.com', role, 'function'));
    const open = (names: typeof STAGING) =>
      new STSClient(settings).send(
        new AssumeRoleCommand({
          RoleArn: memberRoleArn({ ...context, prefix: names.prefix }, SHOP),
          RoleSessionName: 'session',
          SourceIdentity: sourceIdentity('execution'),
          ExternalId: names === STAGING ? EXTERNAL_ID : context.externalId,
          Tags: [{ Key: 'suture:remediation', Value: 'ec2/close-admin-ports' }],
        }),
      );
    await expect(open(other)).rejects.toMatchObject(DENIED);
    expect((await open(own)).Credentials).toBeDefined();
  });
});
