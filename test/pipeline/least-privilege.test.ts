/** Permissions of the synthesized roles. Each denied call is beside the most similar allowed one. */
import { AppConfigClient, StartDeploymentCommand } from '@aws-sdk/client-appconfig';
import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeSecurityGroupRulesCommand,
  EC2Client,
  GetEbsEncryptionByDefaultCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { GenerateMacCommand, KMSClient, VerifyMacCommand } from '@aws-sdk/client-kms';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  BatchUpdateFindingsCommand,
  type BatchUpdateFindingsCommandInput,
  SecurityHubClient,
} from '@aws-sdk/client-securityhub';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { SendMessageCommand, SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SigningFunction } from '../../functions/domain/signature.ts';
import { openRule } from '../../functions/remediations/ec2/fixtures.ts';
import { invokerRoleArn, memberRoleArn, signingKeyArn, stateMachineArn } from '../../stacks/names.ts';
import { groupIdOf } from '../support/inspection.ts';
import {
  executionRoleName,
  JOURNAL_TABLE,
  LEDGER_TABLE,
  PROXY_ROLE,
  remediationFunctionName,
} from '../support/names.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';

const CLOSE_PORTS = 'ec2/close-admin-ports';
const ENCRYPT = 'ec2/encrypt-ebs-by-default';

let suture: Pipeline;
beforeAll(async () => {
  suture = await startPipeline();
});
afterAll(() => suture.sandbox.close());

type Settings = ReturnType<Pipeline['as']>;
type PermissionTest = readonly [
  title: string,
  caller: () => Settings | Promise<Settings>,
  call: (settings: Settings) => Promise<unknown>,
];

const security = (role: string) => () =>
  suture.as(`arn:aws:iam::${suture.context.securityAccount}:role/suture/${role}`);
const remediation = (id: string) => () =>
  suture.as(`arn:aws:iam::${suture.context.serviceAccount}:role/suture/remediation/${executionRoleName(id)}`);
const securityAdministrator = () => suture.securityAdministrator();
const serviceAdministrator = () => suture.sandbox.administrator(suture.context.serviceAccount);

function describePermissions(
  title: string,
  tests: { readonly may: readonly PermissionTest[]; readonly mayNot: readonly PermissionTest[] },
) {
  describe(title, () => {
    it.each(tests.may)('%s: is allowed', async (_, caller, call) => {
      await expect(call(await caller())).resolves.toBeDefined();
    });
    it.each(tests.mayNot)('%s: is denied', async (_, caller, call) => {
      await expect(call(await caller())).rejects.toMatchObject({
        name: expect.stringMatching(/^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/),
      });
    });
  });
}

const invoke = (name: string, Qualifier?: string) => (settings: Settings) => {
  const { homeRegion, serviceAccount } = suture.context;
  const FunctionName = `arn:aws:lambda:${homeRegion}:${serviceAccount}:function:${name}`;
  return new LambdaClient(settings).send(new InvokeCommand({ FunctionName, Qualifier, InvocationType: 'DryRun' }));
};
const CLOSE_PORTS_FUNCTION = remediationFunctionName(CLOSE_PORTS);

const assumeInvoker = (settings: Settings) =>
  new STSClient(settings).send(
    new AssumeRoleCommand({ RoleArn: invokerRoleArn(suture.context), RoleSessionName: 'trial' }),
  );
const invoker = () => suture.asInvoker();

describePermissions("a remediation's function", {
  may: [['the invoker, live', invoker, invoke(CLOSE_PORTS_FUNCTION, 'live')]],
  mayNot: [
    ['the invoker, unqualified', invoker, invoke(CLOSE_PORTS_FUNCTION)],
    ['the invoker, $LATEST', invoker, invoke(CLOSE_PORTS_FUNCTION, '$LATEST')],
    ['the invoker, a version', invoker, invoke(CLOSE_PORTS_FUNCTION, '1')],
    ['the proxy, live', security(PROXY_ROLE), invoke(CLOSE_PORTS_FUNCTION, 'live')],
    ['triage, live', security('suture-triage'), invoke(CLOSE_PORTS_FUNCTION, 'live')],
    ['report, live', security('suture-report'), invoke(CLOSE_PORTS_FUNCTION, 'live')],
    ['the workflow, live', () => suture.asWorkflow(), invoke(CLOSE_PORTS_FUNCTION, 'live')],
    ['an administrator of the security account, live', securityAdministrator, invoke(CLOSE_PORTS_FUNCTION, 'live')],
    ['another remediation, live', remediation(ENCRYPT), invoke(CLOSE_PORTS_FUNCTION, 'live')],
  ],
});

describePermissions('the invoker role', {
  may: [['the proxy assumes it', security(PROXY_ROLE), assumeInvoker]],
  mayNot: [
    ['triage', security('suture-triage'), assumeInvoker],
    ['an administrator of the security account', securityAdministrator, assumeInvoker],
    ['an administrator of the service account', serviceAdministrator, assumeInvoker],
    ['a remediation', remediation(CLOSE_PORTS), assumeInvoker],
  ],
});

const entries = (id: string) => (settings: Settings) =>
  new DynamoDBClient(settings).send(
    new QueryCommand({
      TableName: JOURNAL_TABLE,
      KeyConditionExpression: 'pk = :key',
      ExpressionAttributeValues: { ':key': { S: `${id}#finding` } },
    }),
  );
const key = (pk: string, sk: string) => ({ pk: { S: pk }, sk: { S: sk } });
const put =
  (TableName: string, pk: string, sk = 'record') =>
  (settings: Settings) =>
    new DynamoDBClient(settings).send(new PutItemCommand({ TableName, Item: key(pk, sk) }));
const remove = (TableName: string, pk: string, sk: string) => (settings: Settings) =>
  new DynamoDBClient(settings).send(new DeleteItemCommand({ TableName, Key: key(pk, sk) }));

const macs = (signer: SigningFunction) => ({
  KeyId: signingKeyArn(suture.context, signer),
  MacAlgorithm: 'HMAC_SHA_256' as const,
  Message: new Uint8Array(32),
});
const sign = (signer: SigningFunction) => (settings: Settings) =>
  new KMSClient(settings).send(new GenerateMacCommand(macs(signer)));
const verify = (signer: SigningFunction) => async (settings: Settings) => {
  const signing = new KMSClient(await security(`suture-${signer}`)());
  const { Mac } = await signing.send(new GenerateMacCommand(macs(signer)));
  return new KMSClient(settings).send(new VerifyMacCommand({ ...macs(signer), Mac }));
};

describePermissions('the keys of signatures', {
  may: [
    ['triage signs what executions may do', security('suture-triage'), sign('triage')],
    ['the approval function signs approvals', security('suture-approvals'), sign('approvals')],
    ['a remediation verifies the one', remediation(CLOSE_PORTS), verify('triage')],
    ['a remediation verifies the other', remediation(CLOSE_PORTS), verify('approvals')],
  ],
  mayNot: [
    ['triage signs approvals', security('suture-triage'), sign('approvals')],
    ['the approval function signs what executions may do', security('suture-approvals'), sign('triage')],
    ['the proxy signs approvals', security(PROXY_ROLE), sign('approvals')],
    ['a remediation signs what it may do', remediation(CLOSE_PORTS), sign('triage')],
    ['an administrator of the security account signs approvals', securityAdministrator, sign('approvals')],
    ['an administrator of the service account signs approvals', serviceAdministrator, sign('approvals')],
  ],
});

describePermissions("a remediation's journal", {
  may: [
    ['it reads its entries', remediation(CLOSE_PORTS), entries(CLOSE_PORTS)],
    ['it writes its entries', remediation(CLOSE_PORTS), put(JOURNAL_TABLE, `${CLOSE_PORTS}#finding`)],
  ],
  mayNot: [
    ['another reads them', remediation(ENCRYPT), entries(CLOSE_PORTS)],
    ['another writes them', remediation(ENCRYPT), put(JOURNAL_TABLE, `${CLOSE_PORTS}#finding`)],
    ['it deletes its entries', remediation(CLOSE_PORTS), remove(JOURNAL_TABLE, `${CLOSE_PORTS}#finding`, 'record')],
    [
      'it reads all entries',
      remediation(CLOSE_PORTS),
      (settings) => new DynamoDBClient(settings).send(new ScanCommand({ TableName: JOURNAL_TABLE })),
    ],
    ['the proxy reads them', security(PROXY_ROLE), entries(CLOSE_PORTS)],
  ],
});

const update = (pk: string) => (settings: Settings) =>
  new DynamoDBClient(settings).send(
    new UpdateItemCommand({
      TableName: LEDGER_TABLE,
      Key: key(pk, 'record'),
      UpdateExpression: 'SET trial = :trial',
      ExpressionAttributeValues: { ':trial': { BOOL: true } },
    }),
  );
const record = put(LEDGER_TABLE, 'finding#trial', 'history#trial');

describePermissions('the ledger', {
  may: [
    ['the proxy takes a lease', security(PROXY_ROLE), put(LEDGER_TABLE, 'lease#trial', 'lease')],
    ['the proxy releases a lease', security(PROXY_ROLE), remove(LEDGER_TABLE, 'lease#trial', 'lease')],
    ['the proxy opens a finding', security(PROXY_ROLE), update('finding#trial')],
    ['report closes a finding', security('suture-report'), update('finding#trial')],
    ['finding-updates records history', security('suture-finding-updates'), record],
  ],
  mayNot: [
    ['the proxy turns the kill switch off', security(PROXY_ROLE), remove(LEDGER_TABLE, 'stop', 'all')],
    ['the proxy turns the kill switch on', security(PROXY_ROLE), put(LEDGER_TABLE, 'stop', 'all')],
    ['the proxy records history', security(PROXY_ROLE), record],
    ['report resets a counter', security('suture-report'), update('counter#trial')],
    ['report takes a lease', security('suture-report'), put(LEDGER_TABLE, 'lease#trial', 'lease')],
    ['triage writes', security('suture-triage'), update('finding#trial')],
  ],
});

const SOURCE_IDENTITY = `suture-${'0123456789abcdef'.repeat(2)}`;
const tags = (id: string) => [
  { Key: 'suture:remediation', Value: id },
  { Key: 'suture:finding', Value: 'finding' },
  { Key: 'suture:execution', Value: 'execution' },
];
/** As the function of CLOSE_PORTS does it, with changes by `overrides`. */
const assume =
  (overrides: Partial<AssumeRoleCommandInput> = {}) =>
  (settings: Settings) =>
    new STSClient(settings).send(
      new AssumeRoleCommand({
        RoleArn: memberRoleArn(suture.context, SHOP),
        RoleSessionName: 'trial',
        SourceIdentity: SOURCE_IDENTITY,
        ExternalId: suture.context.externalId,
        DurationSeconds: 900,
        Tags: tags(CLOSE_PORTS),
        ...overrides,
      }),
    );

describePermissions('the member role', {
  may: [['a remediation assumes it under its own tag', remediation(CLOSE_PORTS), assume()]],
  mayNot: [
    ["another remediation's tag", remediation(ENCRYPT), assume()],
    ['without tag', remediation(CLOSE_PORTS), assume({ Tags: [] })],
    [
      'with one more tag',
      remediation(CLOSE_PORTS),
      assume({ Tags: [...tags(CLOSE_PORTS), { Key: 'department', Value: 'x' }] }),
    ],
    ['without source identity', remediation(CLOSE_PORTS), assume({ SourceIdentity: undefined })],
    ['with a source identity of another shape', remediation(CLOSE_PORTS), assume({ SourceIdentity: 'suture-alice' })],
    ['without external id', remediation(CLOSE_PORTS), assume({ ExternalId: undefined })],
    ['with a wrong external id', remediation(CLOSE_PORTS), assume({ ExternalId: 'another-external-id' })],
    ['the proxy', security(PROXY_ROLE), assume()],
    ['an administrator of the service account', serviceAdministrator, assume()],
    ['an administrator of the security account', securityAdministrator, assume()],
    [
      "a remediation, the organization's access role",
      remediation(CLOSE_PORTS),
      assume({ RoleArn: `arn:aws:iam::${SHOP}:role/OrganizationAccountAccessRole` }),
    ],
  ],
});

describe('a session of the member role', () => {
  /** Without a session policy, with everything that the role itself allows. */
  async function sessionOf(id: string) {
    const { Credentials } = await assume({ Tags: tags(id) })(remediation(id)());
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials!;
    const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
    return { ...suture.sandbox.administrator(SHOP), credentials };
  }
  const denied = { name: 'UnauthorizedOperation' };

  it('may do what the remediation of its tag declares, and nothing that only another declares', async () => {
    const GroupId = groupIdOf((await suture.arrange('EC2.13')).Resources[0]!);
    const revoke = new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [openRule(22)] });
    const encrypting = new EC2Client(await sessionOf(ENCRYPT));
    await encrypting.send(new GetEbsEncryptionByDefaultCommand({}));
    await expect(encrypting.send(new DescribeSecurityGroupRulesCommand({}))).rejects.toMatchObject(denied);
    await expect(encrypting.send(revoke)).rejects.toMatchObject(denied);

    const closing = new EC2Client(await sessionOf(CLOSE_PORTS));
    await expect(closing.send(new GetEbsEncryptionByDefaultCommand({}))).rejects.toMatchObject(denied);
    await closing.send(revoke);
  });
  it('may not change permissions', async () => {
    const iam = new IAMClient(await sessionOf(CLOSE_PORTS));
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [] });
    const RoleName = 'suture-member';
    await expect(
      iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'more', PolicyDocument })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });
});

const start = (settings: Settings) =>
  new SFNClient(settings).send(
    new StartExecutionCommand({ stateMachineArn: stateMachineArn(suture.context), input: '{}' }),
  );
const updateFinding = (fields: Omit<BatchUpdateFindingsCommandInput, 'FindingIdentifiers'>) => (settings: Settings) =>
  new SecurityHubClient(settings).send(
    new BatchUpdateFindingsCommand({ FindingIdentifiers: [{ Id: 'trial', ProductArn: 'trial' }], ...fields }),
  );
const suppress = updateFinding({ Workflow: { Status: 'SUPPRESSED' } });
const UPDATER = security('suture-finding-updates');
const withField = (name: string, field: object): PermissionTest => [
  `the function of the queue writes ${name}`,
  UPDATER,
  updateFinding({ Workflow: { Status: 'NOTIFIED' }, Note: { Text: 'a', UpdatedBy: 'b' }, ...field }),
];
const sendTo =
  (queue: string, body: object = { kind: 'trial' }) =>
  (settings: Settings) =>
    new SQSClient(settings).send(
      new SendMessageCommand({
        QueueUrl: `${suture.sandbox.endpoint}/${suture.context.securityAccount}/${queue}`,
        MessageBody: JSON.stringify(body),
      }),
    );
const send = sendTo('suture-finding-updates');
const redrive = (queue: string, to?: string) => (settings: Settings) => {
  const arn = (name: string) => `arn:aws:sqs:${suture.context.homeRegion}:${suture.context.securityAccount}:${name}`;
  return new SQSClient(settings).send(
    new StartMessageMoveTaskCommand({ SourceArn: arn(queue), ...(to && { DestinationArn: arn(to) }) }),
  );
};
const changePolicy = (settings: Settings) =>
  new AppConfigClient(settings).send(
    new StartDeploymentCommand({
      ApplicationId: 'abcdef0',
      EnvironmentId: 'abcdef1',
      ConfigurationProfileId: 'abcdef2',
      DeploymentStrategyId: 'AppConfig.AllAtOnce',
      ConfigurationVersion: '1',
    }),
  );

describePermissions('in the security account', {
  may: [
    ['triage starts executions', security('suture-triage'), start],
    ['the function of the queue updates findings', UPDATER, suppress],
    ['the function of the queue writes a note alone', UPDATER, updateFinding({ Note: { Text: 'a', UpdatedBy: 'b' } })],
    ['report sends to the queue', security('suture-report'), send],
    ['recurring-findings sends to the queue', security('suture-recurring-findings'), send],
    ['the workflow sends to the queue', () => suture.asWorkflow(), send],
    ['the API sends to the queue', security('suture-api'), send],
    ['the API moves failures back', security('suture-api'), redrive('suture-failures-dlq', 'suture-failures')],
  ],
  mayNot: [
    ['the proxy starts executions', security(PROXY_ROLE), start],
    ['report starts executions', security('suture-report'), start],
    ['triage updates findings', security('suture-triage'), suppress],
    ['the proxy updates findings', security(PROXY_ROLE), suppress],
    ['report updates findings', security('suture-report'), suppress],
    ['triage sends to the queue', security('suture-triage'), send],
    ['the function of the queue sends to it', UPDATER, send],
    ['an administrator of the security account sends to the queue', securityAdministrator, send],
    ['an administrator puts a dead letter into its queue', securityAdministrator, sendTo('suture-finding-updates-dlq')],
    [
      'an administrator moves dead letters to the queue',
      securityAdministrator,
      redrive('suture-finding-updates-dlq', 'suture-finding-updates'),
    ],
    [
      'an administrator moves dead letters to where they came from',
      securityAdministrator,
      redrive('suture-finding-updates-dlq'),
    ],
    [
      'the API moves updates back, instead of sending them',
      security('suture-api'),
      redrive('suture-finding-updates-dlq', 'suture-finding-updates'),
    ],
    ['the API sends to the queue of an alarm', security('suture-api'), sendTo('suture-notify-dlq')],
    ['the function of the queue resolves findings', UPDATER, updateFinding({ Workflow: { Status: 'RESOLVED' } })],
    [
      'the function of the queue writes a severity without a status',
      UPDATER,
      updateFinding({ Note: { Text: 'a', UpdatedBy: 'b' }, Severity: { Label: 'LOW' } }),
    ],
    withField('the confidence', { Confidence: 1 }),
    withField('the criticality', { Criticality: 1 }),
    withField('related findings', { RelatedFindings: [{ Id: 'a', ProductArn: 'b' }] }),
    withField("the severity's label", { Severity: { Label: 'LOW' } }),
    withField('the normalized severity', { Severity: { Normalized: 1 } }),
    withField("the product's severity", { Severity: { Product: 1 } }),
    withField('types', { Types: ['Software and Configuration Checks'] }),
    withField('fields of users', { UserDefinedFields: { a: 'b' } }),
    withField('the verification state', { VerificationState: 'FALSE_POSITIVE' }),
    ['the proxy changes the policy', security(PROXY_ROLE), changePolicy],
    ['triage changes the policy', security('suture-triage'), changePolicy],
  ],
});
