/**
 * The commands themselves show who may assume the roles of viewer, operator and approver, and what each may do.
 */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListEnvironmentsCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteItemCommand,
  DeleteTableCommand,
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
import { RedriveExecutionCommand, SendTaskSuccessCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { PurgeQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, type AssumeRoleCommandInput, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findApi, hostOf, sendSigned, sutureApi } from '../../cli/clients/api.ts';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { ipRangesClient } from '../../cli/clients/ip-ranges.ts';
import { policyStore } from '../../cli/clients/policy.ts';
import { proposalApi } from '../../cli/clients/proposals.ts';
import { stopsClient } from '../../cli/clients/stops.ts';
import { announceCommand } from '../../cli/commands/announce.ts';
import { approvalsCommand } from '../../cli/commands/approvals.ts';
import { backfillCommand } from '../../cli/commands/backfill.ts';
import { coverageCommand } from '../../cli/commands/coverage.ts';
import { dlqListCommand } from '../../cli/commands/dlq/list.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { eventsReplayCommand } from '../../cli/commands/events/replay.ts';
import { exemptCommand } from '../../cli/commands/exempt.ts';
import { ipRangesStatusCommand } from '../../cli/commands/ip-ranges/status.ts';
import { listCommand } from '../../cli/commands/list.ts';
import { nextCommand } from '../../cli/commands/next.ts';
import { diffCommand } from '../../cli/commands/policy/diff.ts';
import { pushCommand } from '../../cli/commands/policy/push.ts';
import { showPolicyCommand } from '../../cli/commands/policy/show.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import { reportCommand } from '../../cli/commands/report.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { showCommand } from '../../cli/commands/show.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { stopsCommand } from '../../cli/commands/stops.ts';
import { suppressionsCommand } from '../../cli/commands/suppressions.ts';
import { triageCommand } from '../../cli/commands/triage.ts';
import { answerProposal } from '../../cli/proposals/answer-proposal.ts';
import { listProposals } from '../../cli/proposals/list-proposals.ts';
import { API_ROUTES, type ApiRouteName } from '../../functions/domain/api.ts';
import { POLICY_GRANT } from '../../functions/domain/api-policy.ts';
import { noteOf } from '../../functions/domain/notes.ts';
import { OPERATIONS, operationKey } from '../../functions/domain/operations.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { PROPOSALS } from '../../functions/domain/proposal.ts';
import { AUDIT, KILL_SWITCH } from '../../functions/domain/stops.ts';
import { hash } from '../../functions/domain/trace.ts';
import { dynamoOperatorRuns } from '../../functions/ledger/operator-runs.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { approveAsSecondPerson } from '../../lab/organization/second-person.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { roleOfPermissionSet } from '../../sandbox/services/sso/state.ts';
import { createSession, findRole } from '../../sandbox/services/sts/assume.ts';
import { PERSON_NAMES, type Person } from '../../stacks/constructs/people-permissions.ts';
import { stateMachineArn } from '../../stacks/names.ts';
import { denyRevoke } from '../support/faults.ts';
import { functionName, LEDGER_TABLE, PEOPLE_PATH, POLICY, personName } from '../support/names.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
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
  await suture.pauseSchedules();
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
const stopsOf = (settings: ClientSettings) => stopsClient(new DynamoDBClient(settings), now);
const stopOptions = (settings: ClientSettings) => ({
  reason: 'a trial',
  yes: true,
  json: true,
  ledger: stopsOf(settings),
});
const approvalsOf = (settings: ClientSettings) => approvalApi(new APIGatewayClient(settings));
const key = (pk: string, sk: string) => ({ TableName: LEDGER_TABLE, Key: { pk: { S: pk }, sk: { S: sk } } });

const ALL: readonly Person[] = ['viewer', 'operator', 'approver'];

async function resumeAnyStop(): Promise<void> {
  const { proposal } = JSON.parse(await resumeCommand(stopOptions(suture.securityAdministrator())));
  if (proposal) await approveAsSecondPerson(suture, proposal);
}

/** Resets stops and policy, which earlier tasks may have changed. */
async function processedFinding(faults: readonly FaultRule[] = []): Promise<ControlFinding> {
  return (await processed(faults)).finding;
}
async function processed(faults: readonly FaultRule[]): Promise<{ finding: ControlFinding; execution: string }> {
  await resumeAnyStop();
  await suture.setPolicy(TEST_POLICY);
  const finding = await suture.arrange('EC2.13');
  const [{ execution }] = await suture.withFaults(faults, () => suture.process(finding));
  return { finding, execution: execution!.arn };
}
async function reportOf(running: Promise<{ text: string; failed: boolean }>): Promise<any> {
  const { text, failed } = await running;
  await suture.sandbox.settled();
  if (failed) throw new Error(text);
  return JSON.parse(text);
}
const operator = (settings: ClientSettings) => ({ ...testOperator(suture, settings), reason: 'a trial' });

async function redrive(queue: string, body: object, settings: ClientSettings): Promise<unknown> {
  const sqs = new SQSClient(suture.securityAdministrator());
  const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/${queue}`;
  await sqs.send(new PurgeQueueCommand({ QueueUrl }));
  await suture.kernel.clock.advance(60_000);
  suture.putDeadLetter(queue, body);
  const report = await reportOf(dlqRedriveCommand(queue, operator(settings)));
  expect(report).toMatchObject({ redriven: 1, problems: [] });
  return report;
}

type PersonTask = (settings: ClientSettings) => Promise<unknown>;
const QUEUES = [
  'suture-finding-updates',
  'suture-finding-updates-dlq',
  'suture-finding-events-dlq',
  'suture-notify-dlq',
];
const FUNCTIONS = ['api', 'approvals', 'triage', 'proxy', 'report', 'finding-updates', 'notify'] as const;
const ledgerItem = (pk: string) => ({ TableName: LEDGER_TABLE, Item: { pk: { S: pk }, sk: { S: 'x' } } });
/** Tasks that people do through the API alone. */
const DIRECT_CALLS: Readonly<Record<string, readonly [readonly Person[], PersonTask]>> = {
  'starting an execution': [
    [],
    (settings) =>
      new SFNClient(settings).send(
        new StartExecutionCommand({ stateMachineArn: stateMachineArn(suture.context), input: '{}' }),
      ),
  ],
  'redriving an execution': [
    [],
    (settings) => {
      const executionArn = `${stateMachineArn(suture.context).replace(':stateMachine:', ':execution:')}:x`;
      return new SFNClient(settings).send(new RedriveExecutionCommand({ executionArn }));
    },
  ],
  ...Object.fromEntries(
    QUEUES.map((queue) => [
      `sending to ${queue}`,
      [
        [],
        (settings: ClientSettings) => {
          const QueueUrl = `${suture.kernel.endpoint}/${suture.context.securityAccount}/${queue}`;
          return new SQSClient(settings).send(new SendMessageCommand({ QueueUrl, MessageBody: '{}' }));
        },
      ],
    ]),
  ),
  ...Object.fromEntries(
    FUNCTIONS.map((name) => [
      `invoking the function ${name}`,
      [
        [],
        (settings: ClientSettings) =>
          new LambdaClient(settings).send(new InvokeCommand({ FunctionName: functionName(name), Payload: '{}' })),
      ],
    ]),
  ),
  ...Object.fromEntries(
    [
      KILL_SWITCH.pk,
      AUDIT,
      PROPOSALS,
      POLICY_GRANT.pk,
      OPERATIONS,
      operationKey('000000000000'),
      'finding#x',
      'circuits',
      'approvals',
    ].map((pk) => [
      `writing ${pk} into the ledger`,
      [[], (settings: ClientSettings) => new DynamoDBClient(settings).send(new PutItemCommand(ledgerItem(pk)))],
    ]),
  ),
  'adding a version of the policy': [
    [],
    async (settings) => {
      const { application, profile } = await policyResources();
      const Content = new TextEncoder().encode('{}');
      return new AppConfigClient(settings).send(
        new CreateHostedConfigurationVersionCommand({
          ...{ ApplicationId: application, ConfigurationProfileId: profile, Content, ContentType: 'application/json' },
        }),
      );
    },
  ],
  'deploying a version of the policy': [
    [],
    async (settings) => {
      const { application, profile, environment, strategy } = await policyResources();
      return new AppConfigClient(settings).send(
        new StartDeploymentCommand({
          ...{ ApplicationId: application, ConfigurationProfileId: profile, EnvironmentId: environment },
          ...{ DeploymentStrategyId: strategy, ConfigurationVersion: '1' },
        }),
      );
    },
  ],
};

async function policyResources() {
  const client = new AppConfigClient(suture.securityAdministrator());
  const named = (items: readonly { Id?: string; Name?: string }[] | undefined, name: string) =>
    items!.find(({ Name }) => Name === name)!.Id!;
  const application = named((await client.send(new ListApplicationsCommand({}))).Items, POLICY.application);
  const of = { ApplicationId: application };
  return {
    application,
    profile: named((await client.send(new ListConfigurationProfilesCommand(of))).Items, POLICY.profile),
    environment: named((await client.send(new ListEnvironmentsCommand(of))).Items, POLICY.environment),
    strategy: named((await client.send(new ListDeploymentStrategiesCommand({}))).Items, POLICY.strategy),
  };
}

const TASKS: Readonly<Record<string, readonly [readonly Person[], PersonTask]>> = {
  'suture status': [ALL, async (settings) => (await statusCommand(operator(settings))).text],
  'reading the log of a function': [
    ['operator'],
    (settings) => {
      const client = new CloudWatchLogsClient(settings);
      return client.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/suture-triage' }));
    },
  ],
  'suture list': [ALL, (settings) => listCommand({ ...operator(settings), control: 'EC2.13' })],
  'suture show': [ALL, async (settings) => showCommand((await processedFinding()).Id, operator(settings))],
  'suture exempt': [
    ALL,
    async (settings) =>
      exemptCommand((await processedFinding()).Id, {
        ...{ ...operator(settings), file: POLICY_FILE, until: '2099-12-31', owner: 'web', dryRun: true },
      }),
  ],
  'suture coverage': [ALL, (settings) => coverageCommand([], operator(settings))],
  'suture next': [ALL, (settings) => nextCommand(operator(settings))],
  'suture report': [ALL, (settings) => reportCommand(operator(settings))],
  'suture triage': [ALL, (settings) => triageCommand(operator(settings))],
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
  // SQS moves the messages, which the command watches.
  'suture dlq redrive of a failure': [
    ['operator'],
    async (settings) => {
      const { execution } = await processed([denyRevoke]);
      const failure = { execution, started: new Date(now()).toISOString() };
      return redrive('suture-failures-dlq', failure, settings);
    },
  ],
  'suture dlq redrive of a notification': [
    ['operator'],
    (settings) => redrive('suture-notify-dlq', { requestPayload: { kind: 'digest' } }, settings),
  ],
  'suture events replay': [
    ['operator'],
    (settings) => reportOf(eventsReplayCommand({ ...operator(settings), from: '1m' })),
  ],
  'suture backfill': [
    ['operator'],
    async (settings) => {
      // A viewer may read Security Hub, and is denied when there is something to start.
      await putExistingFindings(suture, [await suture.arrange('EC2.13')]);
      return reportOf(backfillCommand({ ...operator(settings), limit: 1 }));
    },
  ],
  'suture ip-ranges status': [
    ALL,
    async (settings) => ipRangesStatusCommand({ json: true, api: await sutureApi(new APIGatewayClient(settings)) }),
  ],
  'suture ip-ranges apply': [
    ['operator'],
    async (settings) =>
      (await ipRangesClient(await sutureApi(new APIGatewayClient(settings)))).ask('changeIpRanges', {
        body: { command: 'apply' },
      }),
  ],
  'suture stops': [
    ALL,
    (settings) => stopsCommand({ json: true, ledger: stopsClient(new DynamoDBClient(settings), now) }),
  ],
  'suture suppressions': [ALL, (settings) => suppressionsCommand(testOperator(suture, settings))],
  'suture policy diff': [
    ALL,
    (settings) => diffCommand(POLICY_FILE, { client: new AppConfigClient(settings), json: true }),
  ],
  'suture policy show': [ALL, (settings) => showPolicyCommand({ client: new AppConfigClient(settings) })],
  'suture policy show --version, which does not exist': [
    ALL,
    async (settings) =>
      expect(showPolicyCommand({ client: new AppConfigClient(settings), version: 4711 })).rejects.toThrow(
        /no version 4711 of the policy\. The newest .*\(deployed\)/,
      ),
  ],
  'suture policy diff --impact': [
    ALL,
    (settings) =>
      diffCommand(POLICY_FILE, { ...operator(settings), client: new AppConfigClient(settings), impact: true }),
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
      await resumeAnyStop();
      await stopCommand(stopOptions(suture.securityAdministrator()));
      const { proposal } = JSON.parse(await resumeCommand(stopOptions(settings)));
      return approveAsSecondPerson(suture, proposal);
    },
  ],
  'suture announce': [
    ['operator'],
    async (settings) => announceCommand('a test', { api: await sutureApi(new APIGatewayClient(settings)), json: true }),
  ],
  'suture proposals list': [ALL, async (settings) => listProposals(undefined, await proposing(settings))],
  'suture policy approve': [
    ['approver'],
    async (settings) => answerProposal('approve', await proposedPolicy(), await proposing(settings)),
  ],
  'suture proposals deny': [
    ['approver'],
    async (settings) => answerProposal('deny', await proposedPolicy(), await proposing(settings)),
  ],
  'suture approvals': [ALL, async (settings) => approvalsCommand({ json: true, api: await approvalsOf(settings) })],
  'invoking the approval function without the API': [
    [],
    (settings) => new LambdaClient(settings).send(new InvokeCommand({ FunctionName: functionName('approvals') })),
  ],
  ...DIRECT_CALLS,
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
  'deleting the ledger': [
    [],
    (settings) => new DynamoDBClient(settings).send(new DeleteTableCommand({ TableName: LEDGER_TABLE })),
  ],
  'assuming the member role': [
    [],
    (settings) => {
      const RoleArn = `arn:aws:iam::333333333333:role/suture/suture-member`;
      return new STSClient(settings).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'ada' }));
    },
  ],
};
const proposing = async (settings: ClientSettings) => ({
  api: await proposalApi(new APIGatewayClient(settings)),
  ...{ json: true, yes: true, now },
});
let proposedCap = 1000;
/** An administrator proposes a higher cap each time. */
async function proposedPolicy(): Promise<string> {
  const store = await policyStore(new AppConfigClient(suture.securityAdministrator()));
  proposedCap += 1;
  const caps = { ...TEST_POLICY.caps, perAccountAndHour: proposedCap };
  const version = await store.add(SuturePolicy.parse({ ...TEST_POLICY, caps }), await store.latestVersion());
  const reply = await store.deploy(version, () => {});
  return 'proposal' in reply ? reply.proposal.id : '';
}
async function undeliveredEvent(): Promise<object> {
  const { securityAccount: account, homeRegion: region } = suture.context;
  const time = new Date(now()).toISOString();
  const finding = await suture.arrange('EC2.13');
  const event = { source: 'aws.securityhub', 'detail-type': 'Security Hub Findings - Imported', account, region, time };
  return { ...event, id: suture.kernel.uuid(), detail: { findings: [finding] } };
}
async function undeliveredUpdate(): Promise<object> {
  const [report] = JSON.parse(
    await showCommand((await processedFinding()).Id, operator(suture.securityAdministrator())),
  );
  const { job } = report.executions[0];
  return { v: 3, kind: 'notify', job, note: noteOf(job) };
}

const DENIED = {
  message: expect.stringMatching(/not authorized to perform/),
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

/** The routes that each person may call. The body does not matter. */
const ROUTE_USERS: Readonly<Record<ApiRouteName, readonly Person[]>> = Object.fromEntries(
  Object.keys(API_ROUTES).map((name) => {
    if (/^(list|show|read|check|compare)|Result$/.test(name)) return [name, ALL];
    return [name, /^answer|^approve/.test(name) ? ['approver'] : ['operator']];
  }),
) as never;

describe.each(PERSON_NAMES)('the API lets the %s', (person) => {
  let client: APIGatewayClient;
  let host: string;
  beforeAll(async () => {
    client = new APIGatewayClient(await assume(ada, person, withCode(ada)));
    host = hostOf(await findApi(client), suture.context.homeRegion);
  });
  const send = (name: ApiRouteName, body: object) => {
    const { method, path } = API_ROUTES[name];
    const filled = path.replace(/\{\w+\}/g, '00000000000000000000000000000000');
    return sendSigned(client, host, { method, path: `/live${filled}`, body: JSON.stringify(body) });
  };
  const routes = Object.entries(ROUTE_USERS) as [ApiRouteName, readonly Person[]][];

  it.each(routes.filter(([, who]) => who.includes(person)).map(([name]) => name))('reach %s', async (name) => {
    const { status, body } = await send(name, { actor: 'arn:aws:iam::111111111111:user/eve' });
    expect(status, JSON.stringify(body)).not.toBe(403);
    expect(status).toBeLessThan(500);
  });
  it.each(routes.filter(([, who]) => !who.includes(person)).map(([name]) => name))('not reach %s', async (name) => {
    expect(await send(name, {})).toMatchObject({
      status: 403,
      body: { Message: expect.stringContaining('not authorized to perform: execute-api:Invoke') },
    });
  });
});

describe('an actor in a body', () => {
  it.each<[ApiRouteName, object]>([
    ['stop', { reason: 'a trial' }],
    ['begin rollbacks', { reason: 'a trial', selection: {} }],
    ['addPolicy', { policy: TEST_POLICY, after: null }],
  ])('is refused by %s, and what is recorded has the name that signed', async (name, fields) => {
    const client = new APIGatewayClient(await assume(grace, 'operator', withCode(grace)));
    const host = hostOf(await findApi(client), suture.context.homeRegion);
    const { method, path } = API_ROUTES[name];
    const send = (body: object) =>
      sendSigned(client, host, { method, path: `/live${path}`, body: JSON.stringify(body) });
    for (const field of ['by', 'actor', 'askedBy', 'caller'])
      expect(await send({ ...fields, [field]: 'arn:aws:iam::111111111111:user/eve' })).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(field) },
      });
  });

  it('is never the requester of an execution, nor in the audit trail', async () => {
    const settings = await assume(grace, 'operator', withCode(grace));
    const finding = await processedFinding();
    const { run } = await reportOf(rollbackCommand(finding.Id, operator(settings)));
    const arn = `arn:aws:sts::${suture.context.securityAccount}:assumed-role/suture-operator/grace`;
    const { job } = (await suture.history(finding.Id)).at(-1)!;
    expect(job).toMatchObject({ askedBy: arn });
    const ledger = new DynamoDBClient(suture.securityAdministrator());
    const runs = await dynamoOperatorRuns(LEDGER_TABLE, ledger).recent();
    expect(runs.find((each) => each.run === run)).toMatchObject({ by: arn, action: 'rollback', reason: 'a trial' });
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
  it("is approved only by an approver, under the approver's name", async () => {
    await resumeAnyStop();
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' } });
    const [{ execution }] = await suture.process(await suture.arrange('EC2.13'));
    const id = hash(execution!.arn);
    const operator = await assume(ada, 'operator', withCode(ada));
    await expect(approvalsOf(operator)).resolves.toBeDefined();
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

  it('that an operator asked for through the API is not approved by the same person as an approver', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'approve' } });
    const finding = await suture.arrange('EC2.13');
    const [{ execution }] = await suture.process(finding);
    const graceApproves = await approvalsOf(await assume(grace, 'approver', withCode(grace)));
    await graceApproves.answer(hash(execution!.arn), { answer: 'deny', reason: 'not now' });
    await suture.sandbox.settled();

    const adaOperates = operator(await assume(ada, 'operator', withCode(ada)));
    await reportOf(replayCommand(finding.Id, { ...adaOperates, again: true, wait: false }));
    const adaApproves = await approvalsOf(await assume(ada, 'approver', withCode(ada)));
    const waiting = (await adaApproves.list()).find(({ resource }) => resource === finding.Resources[0]!.Id)!;
    expect(waiting.askedBy).toMatch(/assumed-role\/suture-operator\/ada$/);
    await expect(adaApproves.answer(waiting.id, { answer: 'approve' })).rejects.toThrow(
      /suture-operator\/ada asked for this change. Somebody else must approve it/,
    );
    expect(await graceApproves.answer(waiting.id, { answer: 'approve' })).toMatchObject({ answer: 'approve' });
    await suture.sandbox.settled();
    expect((await suture.history(finding.Id)).at(-1)!.outcome).toBe('FIXED');
  });
});
