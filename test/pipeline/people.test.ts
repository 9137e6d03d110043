/** Viewer, operator and approver: who may be one, and what each may and may not, tried with the commands themselves. */
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
import { AssumeRoleCommand, type AssumeRoleCommandInput, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalApi } from '../../bin/approvals/api.ts';
import { approvalsCommand } from '../../bin/commands/approvals.ts';
import { diffCommand, pushCommand } from '../../bin/commands/policy.ts';
import { resumeCommand, stopCommand, stopsCommand } from '../../bin/commands/stops.ts';
import { stopsIn } from '../../bin/stops/ledger.ts';
import { hash } from '../../functions/contract/trace.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { roleOfPermissionSet } from '../../sandbox/services/sso.ts';
import { roleAt, sessionOf } from '../../sandbox/services/sts/assume.ts';
import { type Person, personNames } from '../../stacks/constructs/people-permissions.ts';
import { functionName, LEDGER_TABLE, PEOPLE_PATH, personName } from '../../stacks/names.ts';
import { type Pipeline, startPipeline } from './support/pipeline.ts';
import { POLICY } from './support/policy.ts';

const HOUR = 3_600_000;
const CODE = '123456';
const POLICY_FILE = 'policy.yaml';

let suture: Pipeline;
let ada: User;
let grace: User;

beforeAll(async () => {
  suture = await startPipeline();
  ada = await user('ada');
  grace = await user('grace');
});
afterAll(() => suture.sandbox.close());

type User = { readonly name: string; readonly device: string; readonly keys: ClientSettings };

/** A user of the security account who may assume any role there, as far as the role agrees. */
async function user(UserName: string): Promise<User> {
  const settings = suture.sandbox.administrator(suture.context.securityAccount);
  const iam = new IAMClient(settings);
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: UserName }));
  const SerialNumber = VirtualMFADevice!.SerialNumber!;
  await iam.send(
    new EnableMFADeviceCommand({ UserName, SerialNumber, AuthenticationCode1: CODE, AuthenticationCode2: '654321' }),
  );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { name: UserName, device: SerialNumber, keys: { ...settings, credentials } };
}

type Given = { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined;
const signedWith = (given: Given): ClientSettings => ({
  ...ada.keys,
  credentials: {
    accessKeyId: given!.AccessKeyId!,
    secretAccessKey: given!.SecretAccessKey!,
    sessionToken: given!.SessionToken!,
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
const withCode = ({ device }: User) => ({ SerialNumber: device, TokenCode: CODE });

const refused = { name: 'AccessDenied', message: expect.stringContaining('not authorized to perform: sts:AssumeRole') };

describe.each(personNames)('the role of the %s', (person) => {
  it('is assumed with a code of a device', async () => {
    await expect(assume(ada, person, withCode(ada))).resolves.toBeDefined();
  });
  it('is not assumed without, even by an administrator', async () => {
    await expect(assume(ada, person)).rejects.toMatchObject(refused);
  });
  it('is not assumed under the name of somebody else', async () => {
    await expect(assume(ada, person, { ...withCode(ada), RoleSessionName: 'grace' })).rejects.toMatchObject(refused);
  });
  it('is assumed for an hour after an MFA session began, and not later', async () => {
    const token = new GetSessionTokenCommand(withCode(ada));
    const session = signedWith((await new STSClient(ada.keys).send(token)).Credentials);
    await expect(assume(ada, person, {}, session)).resolves.toBeDefined();
    await suture.kernel.clock.advance(HOUR);
    await expect(assume(ada, person, {}, session)).rejects.toMatchObject(refused);
  });
  it('is not assumed by another role of the account', async () => {
    const administrator = suture.sandbox.administrator(suture.context.securityAccount);
    await expect(assume(ada, person, {}, administrator)).rejects.toMatchObject(refused);
  });
  it('is not assumed from another account', async () => {
    const other = suture.sandbox.administrator(suture.context.serviceAccount);
    await expect(assume(ada, person, {}, other)).rejects.toMatchObject(refused);
  });
});

/** What is tried, with somebody's credentials. */
const now = () => suture.kernel.clock.now();
const stopping = (settings: ClientSettings) => ({
  reason: 'a trial',
  yes: true,
  json: true,
  ledger: stopsIn(new DynamoDBClient(settings), now),
  sts: new STSClient(settings),
});
const approving = (settings: ClientSettings) => approvalApi(new LambdaClient(settings));
const key = (pk: string, sk: string) => ({ TableName: LEDGER_TABLE, Key: { pk: { S: pk }, sk: { S: sk } } });

type Trial = (settings: ClientSettings) => Promise<unknown>;
const TRIALS: Readonly<Record<string, readonly [readonly Person[], Trial]>> = {
  'suture stops': [
    ['viewer', 'operator', 'approver'],
    (settings) => stopsCommand({ json: true, ledger: stopsIn(new DynamoDBClient(settings), now) }),
  ],
  'suture policy diff': [
    ['viewer', 'operator', 'approver'],
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
  'suture stop': [['operator'], (settings) => stopCommand(stopping(settings))],
  'suture resume': [
    ['operator'],
    async (settings) => {
      await stopCommand(stopping(suture.sandbox.administrator(suture.context.securityAccount)));
      return resumeCommand(stopping(settings));
    },
  ],
  'suture approvals': [
    ['approver'],
    async (settings) => approvalsCommand({ json: true, api: await approving(settings) }),
  ],
  'the approval function, not by its URL': [
    [],
    (settings) => new LambdaClient(settings).send(new InvokeCommand({ FunctionName: functionName('approvals') })),
  ],
  'the task token of an approval': [
    [],
    (settings) => new DynamoDBClient(settings).send(new GetItemCommand(key('approvals', '1a2b3c4d'))),
  ],
  'the whole ledger': [
    [],
    (settings) => new DynamoDBClient(settings).send(new ScanCommand({ TableName: LEDGER_TABLE })),
  ],
  "a finding's record": [
    [],
    (settings) =>
      new DynamoDBClient(settings).send(
        new PutItemCommand({ TableName: LEDGER_TABLE, Item: { pk: { S: 'finding#x' }, sk: { S: 'record' } } }),
      ),
  ],
  'a line of the audit trail, deleted': [
    [],
    (settings) => new DynamoDBClient(settings).send(new DeleteItemCommand(key('audit#stops', 'x'))),
  ],
  'the member role': [
    [],
    (settings) => {
      const RoleArn = `arn:aws:iam::333333333333:role/suture/suture-member`;
      return new STSClient(settings).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'ada' }));
    },
  ],
};
const denied = {
  message: expect.stringMatching(/not authorized to perform|IAM does not let you call the approval function/),
};

describe.each(['a role with MFA', 'a permission set'] as const)('as %s,', (way) => {
  const people = new Map<Person, ClientSettings>();
  beforeAll(async () => {
    for (const person of personNames)
      people.set(
        person,
        way === 'a role with MFA' ? await assume(ada, person, withCode(ada)) : fromPermissionSet(person),
      );
  });

  /** As Identity Center signs people in: a session of the set's role under the user's name. */
  function fromPermissionSet(person: Person): ClientSettings {
    const { kernel, sandbox, context } = suture;
    const name = roleOfPermissionSet(kernel, personName(person), context.securityAccount)!;
    const arn = `arn:aws:iam::${context.securityAccount}:role/aws-reserved/sso.amazonaws.com/${name}`;
    return sandbox.clientSettings(sessionOf(kernel, roleAt(kernel, arn)!, 'ada@example.com'));
  }

  describe.each(personNames)('the %s', (person) => {
    const trials = Object.entries(TRIALS).map(([what, [who, trial]]) => ({ what, may: who.includes(person), trial }));
    it.each(trials.filter(({ may }) => may))('may: $what', async ({ trial }) => {
      await expect(trial(people.get(person)!)).resolves.toBeDefined();
    });
    it.each(trials.filter(({ may }) => !may))('may not: $what', async ({ trial }) => {
      await expect(trial(people.get(person)!)).rejects.toMatchObject(denied);
    });
  });
});

/** With the task token, which an administrator can read. */
async function answerPastTheFunction(settings: ClientSettings, id: string): Promise<unknown> {
  const ledger = new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount));
  const { Item } = await ledger.send(new GetItemCommand(key('approvals', id)));
  const output = JSON.stringify({ approved: true });
  return new SFNClient(settings).send(new SendTaskSuccessCommand({ taskToken: Item!.token!.S, output }));
}

describe('a change that waits', () => {
  it('is approved by an approver, under the own name, and by nobody else', async () => {
    await resumeCommand(stopping(suture.sandbox.administrator(suture.context.securityAccount)));
    await suture.setPolicy({ ...POLICY, controls: { 'EC2.13': 'approve' } });
    const [{ execution }] = await suture.deal(await suture.arrange('EC2.13'));
    const id = hash(execution!.arn);
    const operator = await assume(ada, 'operator', withCode(ada));
    await expect(approving(operator)).rejects.toThrow('lambda:GetFunctionUrlConfig');
    for (const person of personNames)
      await expect(answerPastTheFunction(await assume(ada, person, withCode(ada)), id)).rejects.toThrow(
        'not authorized to perform: states:SendTaskSuccess',
      );
    const approver = await approving(await assume(grace, 'approver', withCode(grace)));
    const { securityAccount } = suture.context;
    expect(await approver.answer(id, { answer: 'approve' })).toMatchObject({
      by: `arn:aws:sts::${securityAccount}:assumed-role/suture-approver/grace`,
    });
    await suture.sandbox.settled();
    expect(suture.execution(execution!.arn)).toMatchObject({ status: 'SUCCEEDED' });
  });
});
