/**
 * The commands themselves show who may assume the roles of viewer, operator and approver, and what each may do.
 */
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendTaskSuccessCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, type AssumeRoleCommandInput, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { stopsClient } from '../../cli/clients/stops.ts';
import { approvalsCommand } from '../../cli/commands/approvals.ts';
import { backfillCommand } from '../../cli/commands/backfill.ts';
import { dlqListCommand } from '../../cli/commands/dlq/list.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { eventsReplayCommand } from '../../cli/commands/events/replay.ts';
import { ipRangesStatusCommand } from '../../cli/commands/ip-ranges/status.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { diffCommand } from '../../cli/commands/policy/diff.ts';
import { pushCommand } from '../../cli/commands/policy/push.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { stopsCommand } from '../../cli/commands/stops.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { roleOfPermissionSet } from '../../sandbox/services/sso/state.ts';
import { createSession, findRole } from '../../sandbox/services/sts/assume.ts';
import { PERSON_NAMES, type Person } from '../../stacks/constructs/people-permissions.ts';
import { functionName, LEDGER_TABLE, PEOPLE_PATH, personName } from '../../stacks/names.ts';
import { testOperator } from '../support/operator.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const HOUR = 3_600_000;
const MFA_CODE = '123456';
const POLICY_FILE = 'policy.yaml';

let suture: Pipeline;
let ada: User;
let grace: User;

beforeAll(async () => {
  suture = await startPipeline();
  ada = await createUser('ada');
  grace = await createUser('grace');
});
afterAll(() => suture.sandbox.close());

type User = { readonly name: string; readonly device: string; readonly keys: ClientSettings };

/** An administrator with MFA may assume every role that trusts the account. */
async function createUser(UserName: string): Promise<User> {
  const settings = suture.sandbox.administrator(suture.context.securityAccount);
  const iam = new IAMClient(settings);
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: UserName }));
  const SerialNumber = VirtualMFADevice!.SerialNumber!;
  await iam.send(
    new EnableMFADeviceCommand({
      UserName,
      SerialNumber,
      AuthenticationCode1: MFA_CODE,
      AuthenticationCode2: '654321',
    }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { name: UserName, device: SerialNumber, keys: { ...settings, credentials } };
}

type IssuedCredentials = { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined;
const signedWith = (issued: IssuedCredentials): ClientSettings => ({
  ...ada.keys,
  credentials: {
    accessKeyId: issued!.AccessKeyId!,
    secretAccessKey: issued!.SecretAccessKey!,
    sessionToken: issued!.SessionToken!,
  },
});
const roleArn = (person: Person) => {
  const { partition, securityAccount } = suture.context;
  return `arn:${partition}:iam::${securityAccount}:role${PEOPLE_PATH}${personName(person)}`;
};
async function assume(
  { name, keys }: User,
  person: Person,
  more: Partial<AssumeRoleCommandInput> = {},
  settings = keys,
): Promise<ClientSettings> {
  const input = { RoleArn: roleArn(person), RoleSessionName: name, ...more };
  return signedWith((await new STSClient(settings).send(new AssumeRoleCommand(input))).Credentials);
}
const withCode = ({ device }: User) => ({ SerialNumber: device, TokenCode: MFA_CODE });

const REFUSED = { name: 'AccessDenied', message: expect.stringContaining('not authorized to perform: sts:AssumeRole') };

describe.each(PERSON_NAMES)('the role of the %s', (person) => {
  it('is assumed with a code of an MFA device', async () => {
    await expect(assume(ada, person, withCode(ada))).resolves.toBeDefined();
  });
  it('is not assumed without MFA, even by an administrator', async () => {
    await expect(assume(ada, person)).rejects.toMatchObject(REFUSED);
  });
  it('is not assumed under the name of another user', async () => {
    await expect(assume(ada, person, { ...withCode(ada), RoleSessionName: 'grace' })).rejects.toMatchObject(REFUSED);
  });
  it('is assumed for up to an hour after an MFA session began', async () => {
    const token = new GetSessionTokenCommand(withCode(ada));
    const session = signedWith((await new STSClient(ada.keys).send(token)).Credentials);
    await expect(assume(ada, person, {}, session)).resolves.toBeDefined();
    await suture.kernel.clock.advance(HOUR);
    await expect(assume(ada, person, {}, session)).rejects.toMatchObject(REFUSED);
  });
  it('is not assumed by another role of the account', async () => {
    const administrator = suture.sandbox.administrator(suture.context.securityAccount);
    await expect(assume(ada, person, {}, administrator)).rejects.toMatchObject(REFUSED);
  });
  it('is not assumed from another account', async () => {
    const other = suture.sandbox.administrator(suture.context.serviceAccount);
    await expect(assume(ada, person, {}, other)).rejects.toMatchObject(REFUSED);
  });
});

const now = () => suture.kernel.clock.now();
const stopOptions = (settings: ClientSettings) => ({
  reason: 'a trial',
  yes: true,
  json: true,
  ledger: stopsClient(new DynamoDBClient(settings), now),
  sts: new STSClient(settings),
});
const approvalsOf = (settings: ClientSettings) => approvalApi(new LambdaClient(settings));
const key = (pk: string, sk: string) => ({ TableName: LEDGER_TABLE, Key: { pk: { S: pk }, sk: { S: sk } } });

const ALL: readonly Person[] = ['viewer', 'operator', 'approver'];
const administrator = () => suture.sandbox.administrator(suture.context.securityAccount);

/** Resets stops and policy, which earlier tasks may have changed. */
async function processedFinding(faults: readonly FaultRule[] = []): Promise<ControlFinding> {
  await resumeCommand(stopOptions(administrator()));
  await suture.setPolicy(TEST_POLICY);
  const finding = await suture.arrange('EC2.13');
  await suture.withFaults(faults, () => suture.process(finding));
  return finding;
}
const denyRevoke: FaultRule = ({ operation }) =>
  operation === 'RevokeSecurityGroupIngress'
    ? { kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 }
    : undefined;

async function reportOf(running: Promise<{ text: string; failed: boolean }>): Promise<any> {
  const { text, failed } = await running;
  await suture.sandbox.settled();
  if (failed) throw new Error(text);
  return JSON.parse(text);
}
const operator = (settings: ClientSettings) => ({ ...testOperator(suture, settings), reason: 'a trial' });

async function redrive(queue: string, body: object, settings: ClientSettings): Promise<unknown> {
  const sqs = new SQSClient(administrator());
  const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/${queue}`;
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await suture.kernel.clock.advance(60_000);
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
  const report = await reportOf(dlqRedriveCommand(queue, operator(settings)));
  expect(report).toMatchObject({ redriven: 1, problems: [] });
  return report;
}

type PersonTask = (settings: ClientSettings) => Promise<unknown>;
const TASKS: Readonly<Record<string, readonly [readonly Person[], PersonTask]>> = {
  'suture status': [ALL, async (settings) => (await statusCommand(operator(settings))).text],
  'suture list': [ALL, (settings) => listCommand({ ...operator(settings), control: 'EC2.13' })],
  'suture show': [ALL, async (settings) => showCommand((await processedFinding()).Id, operator(settings))],
  'suture dlq list': [ALL, (settings) => dlqListCommand(operator(settings))],
  'suture replay of a failed execution': [
    ['operator'],
    async (settings) => {
      const { results } = await reportOf(replayCommand((await processedFinding([denyRevoke])).Id, operator(settings)));
      expect(results).toMatchObject([{ outcome: 'FIXED' }]);
      return results;
    },
  ],
  'suture rollback': [
    ['operator'],
    async (settings) => {
      const { results } = await reportOf(rollbackCommand((await processedFinding()).Id, operator(settings)));
      expect(results).toMatchObject([{ outcome: 'ROLLED_BACK' }]);
      return results;
    },
  ],
  'suture dlq redrive of a finding update': [
    ['operator'],
    async (settings) => redrive('suture-finding-updates-dlq', await undeliveredUpdate(), settings),
  ],
  'suture dlq redrive of a finding event': [
    ['operator'],
    async (settings) => redrive('suture-finding-events-dlq', await undeliveredEvent(), settings),
  ],
  'suture dlq redrive of a notification': [
    ['operator'],
    (settings) => redrive('suture-notify-dlq', { requestPayload: { kind: 'digest' } }, settings),
  ],
  'suture events replay': [
    ['operator'],
    (settings) => reportOf(eventsReplayCommand({ ...operator(settings), from: '1m' })),
  ],
  'suture backfill': [['operator'], (settings) => reportOf(backfillCommand({ ...operator(settings), limit: 1 }))],
  'suture ip-ranges status': [
    ['operator'],
    (settings) => {
      const region = suture.context.ipRanges?.region ?? suture.context.homeRegion;
      return ipRangesStatusCommand({ json: true, lambda: new LambdaClient({ ...settings, region }) });
    },
  ],
  'suture stops': [
    ALL,
    (settings) => stopsCommand({ json: true, ledger: stopsClient(new DynamoDBClient(settings), now) }),
  ],
  'suture policy diff': [
    ALL,
    (settings) => diffCommand(POLICY_FILE, { client: new AppConfigClient(settings), json: true }),
  ],
  'suture policy push': [
    ['operator'],
    (settings) => pushCommand(undefined, { client: new AppConfigClient(settings), version: 1, yes: true, json: true }),
  ],
  'suture policy push of a file': [
    ['operator'],
    (settings) => pushCommand(POLICY_FILE, { client: new AppConfigClient(settings), yes: true, json: true }),
  ],
  'suture stop': [['operator'], (settings) => stopCommand(stopOptions(settings))],
  'suture resume': [
    ['operator'],
    async (settings) => {
      await stopCommand(stopOptions(suture.sandbox.administrator(suture.context.securityAccount)));
      return resumeCommand(stopOptions(settings));
    },
  ],
  'suture approvals': [
    ['approver'],
    async (settings) => approvalsCommand({ json: true, api: await approvalsOf(settings) }),
  ],
  'invoking the approval function without its URL': [
    [],
    (settings) => new LambdaClient(settings).send(new InvokeCommand({ FunctionName: functionName('approvals') })),
  ],
  'reading the task token of an approval': [
    [],
    (settings) => new DynamoDBClient(settings).send(new GetItemCommand(key('approvals', '1a2b3c4d'))),
  ],
  'scanning the ledger': [
    [],
    (settings) => new DynamoDBClient(settings).send(new ScanCommand({ TableName: LEDGER_TABLE })),
  ],
  "writing a finding's record": [
    [],
    (settings) =>
      new DynamoDBClient(settings).send(
        new PutItemCommand({ TableName: LEDGER_TABLE, Item: { pk: { S: 'finding#x' }, sk: { S: 'record' } } }),
      ),
  ],
  'deleting an audit entry': [
    [],
    (settings) => new DynamoDBClient(settings).send(new DeleteItemCommand(key('audit#stops', 'x'))),
  ],
  'assuming the member role': [
    [],
    (settings) => {
      const RoleArn = `arn:aws:iam::333333333333:role/suture/suture-member`;
      return new STSClient(settings).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'ada' }));
    },
  ],
};
async function undeliveredEvent(): Promise<object> {
  const { securityAccount: account, homeRegion: region } = suture.context;
  const time = new Date(now()).toISOString();
  const finding = await suture.arrange('EC2.13');
  const event = { source: 'aws.securityhub', 'detail-type': 'Security Hub Findings - Imported', account, region, time };
  return { ...event, id: suture.kernel.uuid(), detail: { findings: [finding] } };
}
async function undeliveredUpdate(): Promise<object> {
  const [report] = JSON.parse(await showCommand((await processedFinding()).Id, operator(administrator())));
  return { v: 3, kind: 'notify', job: report.executions[0].job, note: 'a trial' };
}

const DENIED = {
  message: expect.stringMatching(/not authorized to perform|IAM does not let you call the approval function/),
};

describe.each(['a role with MFA', 'a permission set'] as const)('by %s,', (signIn) => {
  const people = new Map<Person, ClientSettings>();
  beforeAll(async () => {
    for (const person of PERSON_NAMES)
      people.set(
        person,
        signIn === 'a role with MFA' ? await assume(ada, person, withCode(ada)) : fromPermissionSet(person),
      );
  });

  /** Identity Center creates a session of the permission set's role under the user's name. */
  function fromPermissionSet(person: Person): ClientSettings {
    const { kernel, sandbox, context } = suture;
    const name = roleOfPermissionSet(kernel, personName(person), context.securityAccount)!;
    const arn = `arn:aws:iam::${context.securityAccount}:role/aws-reserved/sso.amazonaws.com/${name}`;
    return sandbox.clientSettings(createSession(kernel, findRole(kernel, arn)!, 'ada@example.com'));
  }

  describe.each(PERSON_NAMES)('the %s', (person) => {
    const tasks = Object.entries(TASKS).map(([title, [allowed, task]]) => ({
      title,
      may: allowed.includes(person),
      task,
    }));
    it.each(tasks.filter(({ may }) => may))('may do: $title', async ({ task }) => {
      await expect(task(people.get(person)!)).resolves.toBeDefined();
    });
    it.each(tasks.filter(({ may }) => !may))('may not do: $title', async ({ task }) => {
      await expect(task(people.get(person)!)).rejects.toMatchObject(DENIED);
    });
  });
});

/** Uses the task token, which an administrator can read, instead of the approval function. */
async function answerDirectly(settings: ClientSettings, id: string): Promise<unknown> {
  const ledger = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
  const { Item } = await ledger.send(new GetItemCommand(key('approvals', id)));
  const output = JSON.stringify({ approved: true });
  return new SFNClient(settings).send(new SendTaskSuccessCommand({ taskToken: Item!.token!.S, output }));
}

describe('a waiting change', () => {
  it("is approved only by an approver, and under the approver's name", async () => {
    await resumeCommand(stopOptions(suture.sandbox.administrator(suture.context.securityAccount)));
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' } });
    const [{ execution }] = await suture.process(await suture.arrange('EC2.13'));
    const id = hash(execution!.arn);
    const operator = await assume(ada, 'operator', withCode(ada));
    await expect(approvalsOf(operator)).rejects.toThrow('lambda:GetFunctionUrlConfig');
    for (const person of PERSON_NAMES)
      await expect(answerDirectly(await assume(ada, person, withCode(ada)), id)).rejects.toThrow(
        'not authorized to perform: states:SendTaskSuccess',
      );
    const approver = await approvalsOf(await assume(grace, 'approver', withCode(grace)));
    const { securityAccount } = suture.context;
    expect(await approver.answer(id, { answer: 'approve' })).toMatchObject({
      by: `arn:aws:sts::${securityAccount}:assumed-role/suture-approver/grace`,
    });
    await suture.sandbox.settled();
    expect(suture.execution(execution!.arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
