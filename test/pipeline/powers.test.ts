/**
 * Tries the powers of a thief of each role of the security account: every role that Suture ships there, against every
 * call that changes what Suture does. A role that gains one fails here, and docs/security.md says what a thief gains.
 */
import { AppConfigClient, StartDeploymentCommand } from '@aws-sdk/client-appconfig';
import { BatchWriteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { IAMClient, paginateListRoles, type Role } from '@aws-sdk/client-iam';
import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { BatchUpdateFindingsCommand, SecurityHubClient } from '@aws-sdk/client-securityhub';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCOUNT_LISTS } from '../../functions/domain/account.ts';
import { IP_RANGES_REQUESTS } from '../../functions/domain/api-ip-ranges.ts';
import { HIDDEN, SUPPRESSIONS } from '../../functions/domain/ledger.ts';
import { OPERATIONS, operationKey } from '../../functions/domain/operations.ts';
import { PROPOSAL_AUDIT, PROPOSALS } from '../../functions/domain/proposal.ts';
import type { SigningFunction } from '../../functions/domain/signature.ts';
import { AUDIT } from '../../functions/domain/stops.ts';
import { policyResourceIds } from '../../lab/organization/deploy-policy.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { invokerRoleArn, signingKeyArn, stateMachineArn } from '../../stacks/names.ts';
import { APPROVAL_MACHINE, LEDGER_TABLE, remediationFunctionName } from '../support/names.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

type Power = (settings: ClientSettings) => Promise<unknown>;

let suture: Pipeline;
let roles: Role[];
let policyIds: Awaited<ReturnType<typeof policyResourceIds>>;

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  roles = [];
  for await (const page of paginateListRoles(
    { client: new IAMClient(suture.securityAdministrator()) },
    { PathPrefix: '/suture/' },
  ))
    roles.push(...page.Roles!);
  policyIds = await policyResourceIds(new AppConfigClient(suture.securityAdministrator()));
});
afterAll(() => suture.sandbox.close());

const start = (machine?: typeof APPROVAL_MACHINE) => (settings: ClientSettings) =>
  new SFNClient(settings).send(
    new StartExecutionCommand({ stateMachineArn: stateMachineArn(suture.context, machine), input: '{}' }),
  );
const sendTo = (queue: string) => (settings: ClientSettings) =>
  new SQSClient(settings).send(
    new SendMessageCommand({
      QueueUrl: `${suture.sandbox.endpoint}/${suture.context.securityAccount}/${queue}`,
      MessageBody: JSON.stringify({ kind: 'trial' }),
    }),
  );
const keyOf = (pk: string) => ({ pk: { S: pk }, sk: { S: 'trial' } });
/** Never holds, so that a call which IAM allows changes nothing. */
const NEVER = { ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(pk)' };
const write = (pk: string) => async (settings: ClientSettings) => {
  const client = new DynamoDBClient(settings);
  const ways = [
    () => client.send(new PutItemCommand({ TableName: LEDGER_TABLE, Item: keyOf(pk), ...NEVER })),
    () =>
      client.send(
        new UpdateItemCommand({
          ...{ TableName: LEDGER_TABLE, Key: keyOf(pk), ...NEVER, UpdateExpression: 'SET a = :a' },
          ExpressionAttributeValues: { ':a': { S: 'a' } },
        }),
      ),
  ];
  const results = await Promise.allSettled(ways.map((way) => way()));
  const denied = results.filter((result) => result.status === 'rejected' && isDenial(result.reason));
  if (denied.length === ways.length) throw (denied[0] as PromiseRejectedResult).reason;
};

const signAs = (signer: SigningFunction) => (settings: ClientSettings) =>
  new KMSClient(settings).send(
    new GenerateMacCommand({
      KeyId: signingKeyArn(suture.context, signer),
      MacAlgorithm: 'HMAC_SHA_256',
      Message: new Uint8Array(32),
    }),
  );

const POWERS: Readonly<Record<string, Power>> = {
  'starts executions of the workflow': start(),
  'starts executions that wait for approval': start(APPROVAL_MACHINE),
  'sends to the queue of updates': sendTo('suture-finding-updates'),
  'puts a dead letter of updates': sendTo('suture-finding-updates-dlq'),
  'puts a dead letter of findings': sendTo('suture-finding-events-dlq'),
  'updates findings': (settings) =>
    new SecurityHubClient(settings).send(
      new BatchUpdateFindingsCommand({
        FindingIdentifiers: [{ Id: 'trial', ProductArn: 'trial' }],
        Workflow: { Status: 'SUPPRESSED' },
      }),
    ),
  'invokes remediations': (settings) => {
    const { homeRegion, serviceAccount } = suture.context;
    const name = remediationFunctionName('ec2/close-admin-ports');
    return new LambdaClient(settings).send(
      new InvokeCommand({
        FunctionName: `arn:aws:lambda:${homeRegion}:${serviceAccount}:function:${name}`,
        Qualifier: 'live',
        InvocationType: 'DryRun',
      }),
    );
  },
  'takes the role that invokes remediations': (settings) =>
    new STSClient(settings).send(
      new AssumeRoleCommand({ RoleArn: invokerRoleArn(suture.context), RoleSessionName: 'trial' }),
    ),
  'signs what executions may do': signAs('triage'),
  'signs approvals': signAs('approvals'),
  'deploys a policy': (settings) =>
    new AppConfigClient(settings).send(new StartDeploymentCommand({ ...policyIds, ConfigurationVersion: '999' })),
  'writes the kill switch': write('stop'),
  'writes the permission to deploy': write('policy'),
  'writes proposals': write(PROPOSALS),
  'writes changes that wait': write('approvals'),
  'writes the audit trail of operators': write(OPERATIONS),
  'writes who redrove': write(operationKey('redrive-trial')),
  'writes the audit trail of proposals': write(PROPOSAL_AUDIT),
  'writes the audit trail of stops': write(AUDIT),
  'writes circuits': write('circuits'),
  'writes leases': write('lease#trial'),
  'writes counters': write('counter#trial'),
  'writes records of findings': write('finding#trial'),
  'writes the directory of accounts': (settings) =>
    new DynamoDBClient(settings).send(
      new BatchWriteItemCommand({
        RequestItems: { [LEDGER_TABLE]: [{ PutRequest: { Item: keyOf('account#trial') } }] },
      }),
    ),
  'writes lists of accounts and units': write(ACCOUNT_LISTS),
  'writes requests about address ranges': write(IP_RANGES_REQUESTS),
  'writes the index of suppressions': write(SUPPRESSIONS),
  'writes the count of hidden findings': write(HIDDEN),
};

const isDenial = ({ name }: Error): boolean => /AccessDenied|NotAuthorized|Unauthorized/.test(name);

/** A session of the role, whoever may open one. */
function sessionOf({ Arn, RoleName, RoleId }: Role): ClientSettings {
  const { securityAccount: account } = suture.context;
  return suture.sandbox.clientSettings({
    kind: 'session',
    arn: `arn:aws:sts::${account}:assumed-role/${RoleName}/trial`,
    account,
    role: Arn!,
    userId: `${RoleId}:trial`,
    sessionTags: {},
    issuedAt: suture.kernel.clock.now(),
  });
}

async function holdersOf(power: Power): Promise<string[]> {
  const holders: string[] = [];
  for (const role of roles)
    await power(sessionOf(role)).then(
      () => holders.push(role.RoleName!),
      (error: Error) => isDenial(error) || holders.push(role.RoleName!),
    );
  return holders.sort();
}

const API = ['suture-api'];
const PROXY = ['suture-proxy'];
/** By power; nobody holds the others. */
const HOLDERS: Readonly<Record<string, readonly string[]>> = {
  'starts executions of the workflow': ['suture-api', 'suture-finding-rules', 'suture-triage'],
  'starts executions that wait for approval': ['suture-remediate-finding'],
  'sends to the queue of updates': [
    'suture-api',
    'suture-failures',
    'suture-recurring-findings',
    'suture-remediate-finding',
    'suture-report',
  ],
  'updates findings': ['suture-finding-updates'],
  'takes the role that invokes remediations': PROXY,
  'signs what executions may do': ['suture-triage'],
  'signs approvals': ['suture-approvals'],
  'deploys a policy': API,
  'writes the kill switch': API,
  'writes the permission to deploy': API,
  'writes proposals': API,
  'writes changes that wait': ['suture-approvals', 'suture-await-approval', 'suture-report'],
  'writes the audit trail of operators': API,
  'writes who redrove': API,
  'writes the audit trail of proposals': API,
  'writes the audit trail of stops': API,
  'writes circuits': PROXY,
  'writes leases': PROXY,
  'writes counters': PROXY,
  'writes records of findings': [
    'suture-failures',
    'suture-finding-updates',
    'suture-orphaned-executions',
    'suture-proxy',
    'suture-recurring-findings',
    'suture-report',
  ],
  'writes the directory of accounts': ['suture-directory'],
  'writes lists of accounts and units': ['suture-directory'],
  'writes requests about address ranges': ['suture-api', 'suture-ip-ranges'],
  'writes the index of suppressions': ['suture-finding-updates', 'suture-recurring-findings'],
  'writes the count of hidden findings': ['suture-recurring-findings'],
};

it('there are roles of functions, of the workflow and of people', () => {
  const names = roles.map(({ RoleName }) => RoleName);
  expect(names).toEqual(expect.arrayContaining(['suture-proxy', 'suture-finding-updates', 'suture-approver']));
});

it.each(Object.keys(POWERS))('only the listed roles have the power: %s', async (name) => {
  expect(await holdersOf(POWERS[name]!)).toEqual(HOLDERS[name] ?? []);
});
