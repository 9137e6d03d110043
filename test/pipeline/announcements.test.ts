import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sutureApi } from '../../cli/clients/api.ts';
import { policyStore } from '../../cli/clients/policy.ts';
import { announceCommand } from '../../cli/commands/announce.ts';
import { EVENTS, type EventDetail, type EventName } from '../../functions/domain/events.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import type { Proposal } from '../../functions/domain/proposal.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import { dynamoOperatorRuns } from '../../functions/ledger/operator-runs.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { addKnownFinding, findingById, putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { ACQUIRED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type ReceivedEvent = { readonly name: EventName; readonly detail: any };
type Message = { readonly Subject: string; readonly Message: string };

let suture: Pipeline;
let events: () => Promise<ReceivedEvent[]>;
let messages: () => Promise<Message[]>;

beforeAll(async () => {
  suture = await startPipeline();
  const settings = suture.sandbox.administrator(suture.context.securityAccount);
  const { partition, homeRegion, securityAccount } = suture.context;
  const bus = await queue('events');
  const bridge = new EventBridgeClient(settings);
  const EventPattern = JSON.stringify({ source: ['suture'] });
  await bridge.send(new PutRuleCommand({ Name: 'subscriber', EventBusName: 'suture', EventPattern }));
  const target = { Id: 'queue', Arn: bus.arn };
  await bridge.send(new PutTargetsCommand({ Rule: 'subscriber', EventBusName: 'suture', Targets: [target] }));
  events = async () =>
    (await bus.drain()).map((body) => ({ name: JSON.parse(body)['detail-type'], detail: JSON.parse(body).detail }));
  const people = await queue('people');
  const TopicArn = `arn:${partition}:sns:${homeRegion}:${securityAccount}:suture-alarms`;
  await new SNSClient(settings).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: people.arn }));
  messages = async () => (await people.drain()).map((body) => JSON.parse(body));
});
afterAll(() => suture.sandbox.close());

/** The queue accepts every message. `drain` returns and deletes its messages. */
async function queue(QueueName: string) {
  const { securityAccount } = suture.context;
  const client = () => new SQSClient(suture.sandbox.administrator(securityAccount));
  const sqs = client();
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const arn = Attributes!.QueueArn!;
  const anybody = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: arn };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [anybody] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  return {
    arn,
    async drain(): Promise<string[]> {
      const bodies: string[] = [];
      // A new client each time, because an administrator's credentials expire after an hour.
      const sqs = client();
      for (;;) {
        const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (!Messages?.length) return bodies;
        bodies.push(...Messages.map(({ Body }) => Body!));
        const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
        await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
  };
}

const about = <N extends EventName>(
  events: readonly ReceivedEvent[],
  name: N,
  { Id }: ControlFinding,
): EventDetail<N>[] =>
  events.filter((each) => each.name === name && each.detail.finding.id === Id).map(({ detail }) => detail);

describe('subscribers', () => {
  it('get one event per outcome, as its schema describes, and no other events', async () => {
    const fixed = await suture.arrange('EC2.13');
    const compliant = await suture.arrange('EC2.13', { scenario: 'the rule is restricted to a network' });
    const planned = await suture.arrange('EC2.14', { account: DATA });
    const archived = await suture.arrange('EC2.13', { account: TRAINING });
    const failed = await suture.arrange('EC2.13', { account: ACQUIRED });
    const ignored = suture.finding('S3.1', { Type: 'AwsAccount', Id: `AWS::::Account:${SHOP}` });
    await suture.process(fixed, compliant, planned, archived, failed, ignored);
    const received = await events();
    for (const { name, detail } of received) expect(() => EVENTS[name].parse(detail), name).not.toThrow();
    expect(received.map(({ name }) => name).sort()).toEqual([
      'suture.finding.archived.v1',
      'suture.finding.compliant.v1',
      'suture.finding.failed.v1',
      'suture.finding.fixed.v1',
      'suture.finding.planned.v1',
    ]);
    expect(about(received, 'suture.finding.fixed.v1', fixed)).toMatchObject([
      {
        remediation: 'ec2/close-admin-ports',
        before: { publicRules: [{ from: 22 }, { from: 443 }] },
        after: { publicRules: [{ from: 443 }] },
        secondsToFix: expect.any(Number),
        finding: { control: 'EC2.13', account: SHOP },
      },
    ]);
    expect(about(received, 'suture.finding.failed.v1', failed)).toMatchObject([
      { error: 'MemberRoleUnavailable', state: 'Remediate' },
    ]);
  });
});

describe('people', () => {
  it('get the first failure of a kind at once, and the others as a count', async () => {
    const received = await messages();
    expect(received.map(({ Subject }) => Subject)).toEqual([`Suture: MemberRoleUnavailable: EC2.13 in ${ACQUIRED}`]);
    expect(received[0]!.Message).toContain('suture replay ');
    expect(received[0]!.Message).toContain('deploy the member role');
    const findings: ControlFinding[] = [];
    for (let n = 0; n < 3; n++) findings.push(await suture.arrange('EC2.13', { account: ACQUIRED }));
    await suture.process(...findings);
    expect(await messages()).toEqual([]);
    await suture.kernel.clock.advance(3 * HOUR);
    const counted = (await messages()).find(({ Subject }) => Subject === 'Suture: 3 more messages of known kinds');
    expect(counted!.Message).toContain('3 more failed: MemberRoleUnavailable ec2/close-admin-ports');
  });

  it('get the first message of a kind from a later attempt if SNS refused the earlier one', async () => {
    await messages();
    const finding = await suture.arrange('EC2.13');
    let refused = 0;
    const denied = (code: string) => ({ kind: 'error', code, message: 'no', status: 403 }) as const;
    const denying: FaultRule = ({ operation }) => {
      if (operation === 'RevokeSecurityGroupIngress') return denied('UnauthorizedOperation');
      if (operation === 'Publish' && refused++ < 2) return denied('AuthorizationError');
      return undefined;
    };
    await suture.withFaults([denying], async () => {
      await suture.process(finding);
      await suture.kernel.clock.advance(HOUR / 6);
    });
    expect(refused).toBe(3);
    const subject = `Suture: MemberAccessDenied: EC2.13 in ${SHOP}`;
    expect((await messages()).map(({ Subject }) => Subject)).toEqual([subject]);
  });

  it('get a message when a change waits for approval, with the command that answers', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { ...TEST_POLICY.controls, 'EC2.13': 'approve' } });
    await messages();
    await events();
    const finding = await suture.arrange('EC2.13');
    putFinding(suture.kernel, finding as never);
    await suture.kernel.clock.advance(60_000);
    const received = await events();
    const [waiting] = about(received, 'suture.finding.waiting.v1', finding);
    expect(EVENTS['suture.finding.waiting.v1'].parse(waiting)).toMatchObject({
      approval: expect.stringMatching(/^[0-9a-f]{32}$/),
      after: { publicRules: [{ from: 443 }] },
    });
    const message = (await messages()).find(({ Subject }) => Subject === `Suture asks: EC2.13 in ${SHOP}`);
    expect(message!.Message).toContain(`suture approve ${waiting!.approval.slice(0, 8)}`);
    await suture.setPolicy(TEST_POLICY);
    await suture.sandbox.settled();
  });
});

describe('people get a message from the API', () => {
  const settings = () => suture.sandbox.administrator(suture.context.securityAccount);
  const api = () => sutureApi(new APIGatewayClient(settings()));

  it('about a proposal, once, with the command that approves it', async () => {
    await messages();
    const store = await policyStore(new AppConfigClient(settings()));
    const criteria = { control: 'S3.1' };
    const suppression = { id: 'shop', owner: 'ada', expires: '2027-01-31', reason: 'why', criteria };
    const policy = SuturePolicy.parse({ ...TEST_POLICY, suppressions: [...TEST_POLICY.suppressions, suppression] });
    const reply = await store.deploy(await store.add(policy, await store.latestVersion()), () => {});
    const { proposal } = reply as { proposal: Proposal };
    await suture.sandbox.settled();
    const received = await messages();
    expect(received.map(({ Subject }) => Subject)).toEqual([
      expect.stringMatching(/^Suture asks: .* proposes a policy$/),
    ]);
    expect(received[0]!.Message).toContain(`suture proposals approve ${proposal.id}`);
    expect(received[0]!.Message).toContain('! suppression shop: new');
  });

  it('that a person sends, with the name, and the audit trail has it', async () => {
    await announceCommand('Please read <https://evil.example/>', { api: await api() });
    await suture.sandbox.settled();
    const [{ Subject, Message }] = (await messages()) as [Message];
    expect(Subject).toBe('Suture: a message of administrator');
    expect(Message).toContain('Please read ‹https(:)//evil(.)example/›');
    const runs = await dynamoOperatorRuns(LEDGER_TABLE, new DynamoDBClient(settings())).recent();
    expect(runs[0]).toMatchObject({ action: 'announce', by: expect.stringContaining('administrator'), counts: {} });
  });
});

describe('a finding that still fails a day after its fix', () => {
  const status = ({ Id }: ControlFinding) => findingById(suture.kernel, Id)!.Workflow!.Status;

  it('is processed again twice, then needs a person', async () => {
    const [finding, young] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await suture.process(finding, young);
    expect(status(finding)).toBe('NOTIFIED');
    await events();
    await messages();
    const received: ReceivedEvent[] = [];
    for (let round = 0; round < 4; round++) {
      await moveBackOneDay(finding, 'settledAt', 'reopenedAt');
      await runRecurringFindings();
      received.push(...(await events()));
    }
    expect(about(received, 'suture.finding.reopened.v1', finding).map(({ times }) => times)).toEqual([1, 2]);
    // The resource was compliant each time, because nobody had undone the fix.
    expect(about(received, 'suture.finding.compliant.v1', finding)).toHaveLength(2);
    expect(about(received, 'suture.finding.unresolved.v1', finding)).toMatchObject([{ times: 2 }]);
    expect(about(received, 'suture.finding.reopened.v1', young)).toEqual([]);
    expect(status(finding)).toBe('NOTIFIED');
    expect((await messages()).map(({ Subject }) => Subject)).toContain(`Suture gave up: EC2.13 in ${SHOP}`);
    expect(suture.metrics('GivenUp').at(-1)).toMatchObject({ GivenUp: 1 });
  });

  it('is set back to NEW by the second run if the first one failed before it could', async () => {
    const finding = await suture.arrange('EC2.13');
    await suture.process(finding);
    await moveBackOneDay(finding, 'settledAt');
    const denying: FaultRule = ({ operation, principal }) =>
      operation === 'SendMessage' &&
      principal.kind === 'session' &&
      principal.role.endsWith('/suture-recurring-findings')
        ? { kind: 'error', code: 'AccessDenied', status: 403 }
        : undefined;
    await suture.withFaults([denying], runRecurringFindings);
    expect(about(await events(), 'suture.finding.compliant.v1', finding)).toEqual([]);
    await runRecurringFindings();
    const received = await events();
    expect(about(received, 'suture.finding.reopened.v1', finding).map(({ times }) => times)).toEqual([1]);
    expect(about(received, 'suture.finding.compliant.v1', finding)).toHaveLength(1);
  });

  it('is not reopened if Suture did not set it to NOTIFIED', async () => {
    const finding = await suture.arrange('EC2.13');
    putFinding(suture.kernel, { ...finding, Workflow: { Status: 'NOTIFIED' } } as never);
    await runRecurringFindings();
    expect(status(finding)).toBe('NOTIFIED');
    expect(about(await events(), 'suture.finding.reopened.v1', finding)).toEqual([]);
  });

  /** Starts the function like its daily schedule, and waits until every execution ended. */
  async function runRecurringFindings(): Promise<void> {
    const lambda = new LambdaClient(suture.sandbox.administrator(suture.context.securityAccount));
    await lambda.send(new InvokeCommand({ FunctionName: 'suture-recurring-findings' }));
    await suture.sandbox.settled();
  }
});

describe('on the next morning', () => {
  let received: Message[];
  let runs: number;
  beforeAll(async () => {
    await messages();
    const counted = () => suture.metrics('Reopened').length;
    const before = counted();
    const gone = { 'EC2.7': { mode: 'observe', ous: { '/Gone': 'auto' } } };
    await suture.setPolicy({ ...TEST_POLICY, controls: { ...TEST_POLICY.controls, ...gone } });
    const hidden = await suture.arrange('EC2.14', { account: TRAINING });
    addKnownFinding(suture.kernel, { ...hidden, Workflow: { Status: 'RESOLVED' } } as never);
    const now = suture.kernel.clock.now();
    const midnight = Math.ceil(now / DAY) * DAY;
    await suture.kernel.clock.advance(midnight + 8 * HOUR - now);
    received = await messages();
    runs = counted() - before;
  });

  it('people get a digest of the previous day, with failures by account and open findings', () => {
    const digest = received.find(({ Subject }) => /^Suture on \d{4}-\d\d-\d\d: [1-9]/.test(Subject));
    expect(digest!.Message).toMatch(/^ +\d+ FAILED$/m);
    expect(digest!.Message).toContain(`EC2.13 in ${ACQUIRED}`);
    expect(digest!.Message).toMatch(/\d+ failed and not yet replayed, the oldest since/);
  });
  it('the digest names units of policy that are gone, and accounts that hide failing findings', () => {
    const { Message } = received.find(({ Subject }) => Subject.startsWith('Suture on'))!;
    expect(Message).toMatch(/Policy names organizational units that are gone.*\n +\/Gone\n/);
    expect(Message).toMatch(
      /somebody else has suppressed, resolved or marked as notified:\n(?: +\d+ in \d+\n)*? +1 in 555555555555/,
    );
  });
  it('the search for findings that still fail has run', () => {
    // The schedule runs twice if the tests start at night.
    expect([1, 2]).toContain(runs);
  });
});

/** Lifts the finding's block too, so that it may be processed again. */
async function moveBackOneDay(
  { Id }: ControlFinding,
  ...times: readonly ('settledAt' | 'reopenedAt')[]
): Promise<void> {
  const settings = suture.sandbox.administrator(suture.context.securityAccount);
  const record = (await ledgerQueries(LEDGER_TABLE, new DynamoDBClient(settings)).record(Id))!;
  for (const name of times) {
    if (record[name] === undefined) continue;
    const earlier = new Date(Date.parse(record[name]) - DAY).toISOString();
    await new DynamoDBClient(settings).send(
      new UpdateItemCommand({
        TableName: LEDGER_TABLE,
        Key: { pk: { S: `finding#${Id}` }, sk: { S: 'record' } },
        UpdateExpression: 'SET #name = :earlier REMOVE blockedUntil',
        ExpressionAttributeNames: { '#name': name },
        ExpressionAttributeValues: { ':earlier': { S: earlier } },
      }),
    );
  }
}
