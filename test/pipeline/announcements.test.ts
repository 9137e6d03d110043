/** What subscribers and people are told of findings, by the events and messages that the executed pipeline sends. */
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
import { EVENTS, type EventDetail, type EventName } from '../../functions/domain/events.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import type { FaultRule } from '../../sandbox/kernel/kernel.ts';
import { findingById, putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { LEDGER_TABLE } from '../../stacks/names.ts';
import { ACQUIRED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

type Told = { readonly name: EventName; readonly detail: any };
type Message = { readonly Subject: string; readonly Message: string };

let suture: Pipeline;
let events: () => Promise<Told[]>;
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

/** A queue that takes everything, and what lies in it by now. */
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
      // Anew each time: an administrator's credentials last an hour.
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

const about = <N extends EventName>(told: readonly Told[], name: N, { Id }: ControlFinding): EventDetail<N>[] =>
  told.filter((each) => each.name === name && each.detail.finding.id === Id).map(({ detail }) => detail);

describe('subscribers', () => {
  it('are told of every end in an event that its schema describes, and of nothing else', async () => {
    const fixed = await suture.arrange('EC2.13');
    const compliant = await suture.arrange('EC2.13', { scenario: 'the rule is restricted to a network' });
    const planned = await suture.arrange('EC2.14', { account: DATA });
    const archived = await suture.arrange('EC2.13', { account: TRAINING });
    const failed = await suture.arrange('EC2.13', { account: ACQUIRED });
    const ignored = suture.finding('S3.1', { Type: 'AwsAccount', Id: `AWS::::Account:${SHOP}` });
    await suture.deal(fixed, compliant, planned, archived, failed, ignored);
    const told = await events();
    for (const { name, detail } of told) expect(() => EVENTS[name].parse(detail), name).not.toThrow();
    expect(told.map(({ name }) => name).sort()).toEqual([
      'suture.finding.archived.v1',
      'suture.finding.compliant.v1',
      'suture.finding.failed.v1',
      'suture.finding.fixed.v1',
      'suture.finding.planned.v1',
    ]);
    expect(about(told, 'suture.finding.fixed.v1', fixed)).toMatchObject([
      {
        remediation: 'ec2/close-admin-ports',
        before: { publicRules: [{ from: 22 }, { from: 443 }] },
        after: { publicRules: [{ from: 443 }] },
        secondsToFix: expect.any(Number),
        finding: { control: 'EC2.13', account: SHOP },
      },
    ]);
    expect(about(told, 'suture.finding.failed.v1', failed)).toMatchObject([
      { error: 'MemberRoleUnavailable', state: 'Remediate' },
    ]);
  });
});

describe('people', () => {
  it('are told of the first failure of a kind at once, of the others as a count', async () => {
    const told = await messages();
    expect(told.map(({ Subject }) => Subject)).toEqual([`Suture: MemberRoleUnavailable: EC2.13 in ${ACQUIRED}`]);
    expect(told[0]!.Message).toContain('suture -- replay ');
    expect(told[0]!.Message).toContain('deploy the member role');
    const findings: ControlFinding[] = [];
    for (let n = 0; n < 3; n++) findings.push(await suture.arrange('EC2.13', { account: ACQUIRED }));
    await suture.deal(...findings);
    expect(await messages()).toEqual([]);
    await suture.kernel.clock.advance(3 * HOUR);
    const counted = (await messages()).find(({ Subject }) => Subject === 'Suture: 3 more of what you know');
    expect(counted!.Message).toContain('3 more failed: MemberRoleUnavailable ec2/close-admin-ports');
  });

  it('are asked when a change waits for them, with the command that answers', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { ...TEST_POLICY.controls, 'EC2.13': 'approve' } });
    await messages();
    await events();
    const finding = await suture.arrange('EC2.13');
    putFinding(suture.kernel, finding as never);
    await suture.kernel.clock.advance(60_000);
    const seen = await events();
    const [asked] = about(seen, 'suture.finding.waiting.v1', finding);
    expect(EVENTS['suture.finding.waiting.v1'].parse(asked)).toMatchObject({
      approval: expect.stringMatching(/^[0-9a-f]{32}$/),
      after: { publicRules: [{ from: 443 }] },
    });
    const message = (await messages()).find(({ Subject }) => Subject === `Suture asks: EC2.13 in ${SHOP}`);
    expect(message!.Message).toContain(`suture -- approve ${asked!.approval.slice(0, 8)}`);
    await suture.setPolicy(TEST_POLICY);
    await suture.sandbox.settled();
  });
});

describe('a finding that still fails a day after its fix', () => {
  const status = ({ Id }: ControlFinding) => findingById(suture.kernel, Id)!.Workflow!.Status;

  it('is dealt with again, twice, then left to people', async () => {
    const [finding, young] = [await suture.arrange('EC2.13'), await suture.arrange('EC2.13')];
    await suture.deal(finding, young);
    expect(status(finding)).toBe('NOTIFIED');
    await events();
    await messages();
    const told: Told[] = [];
    for (let round = 0; round < 4; round++) {
      await grow(finding, 'settledAt', 'reopenedAt');
      await look();
      told.push(...(await events()));
    }
    expect(about(told, 'suture.finding.reopened.v1', finding).map(({ times }) => times)).toEqual([1, 2]);
    // Each time the resource was as it should be, for nobody had undone the fix.
    expect(about(told, 'suture.finding.compliant.v1', finding)).toHaveLength(2);
    expect(about(told, 'suture.finding.unresolved.v1', finding)).toMatchObject([{ times: 2 }]);
    expect(about(told, 'suture.finding.reopened.v1', young)).toEqual([]);
    expect(status(finding)).toBe('NOTIFIED');
    expect((await messages()).map(({ Subject }) => Subject)).toContain(`Suture gave up: EC2.13 in ${SHOP}`);
    expect(suture.metrics('GivenUp').at(-1)).toMatchObject({ GivenUp: 1 });
  });

  it('is taken back to NEW by a second look, if the first one died before it could', async () => {
    const finding = await suture.arrange('EC2.13');
    await suture.deal(finding);
    await grow(finding, 'settledAt');
    const refusing: FaultRule = ({ operation, principal }) =>
      operation === 'SendMessage' &&
      principal.kind === 'session' &&
      principal.role.endsWith('/suture-recurring-findings')
        ? { kind: 'error', code: 'AccessDenied', status: 403 }
        : undefined;
    await suture.withFaults([refusing], look);
    expect(about(await events(), 'suture.finding.compliant.v1', finding)).toEqual([]);
    await look();
    const told = await events();
    expect(about(told, 'suture.finding.reopened.v1', finding).map(({ times }) => times)).toEqual([1]);
    expect(about(told, 'suture.finding.compliant.v1', finding)).toHaveLength(1);
  });

  it('is left alone when it was not Suture that set it NOTIFIED', async () => {
    const finding = await suture.arrange('EC2.13');
    putFinding(suture.kernel, { ...finding, Workflow: { Status: 'NOTIFIED' } } as never);
    await look();
    expect(status(finding)).toBe('NOTIFIED');
    expect(about(await events(), 'suture.finding.reopened.v1', finding)).toEqual([]);
  });

  /** Runs the function, as its schedule does every day, and waits until everything has ended. */
  async function look(): Promise<void> {
    const lambda = new LambdaClient(suture.sandbox.administrator(suture.context.securityAccount));
    await lambda.send(new InvokeCommand({ FunctionName: 'suture-recurring-findings' }));
    await suture.sandbox.settled();
  }
});

describe('the next morning', () => {
  let told: Message[];
  let looks: number;
  beforeAll(async () => {
    await messages();
    const counted = () => suture.metrics('Reopened').length;
    const before = counted();
    const now = suture.kernel.clock.now();
    const midnight = Math.ceil(now / DAY) * DAY;
    await suture.kernel.clock.advance(midnight + 8 * HOUR - now);
    told = await messages();
    looks = counted() - before;
  });

  it('people get a digest of the day before, with what failed where and what waits now', () => {
    const digest = told.find(({ Subject }) => /^Suture on \d{4}-\d\d-\d\d: [1-9]/.test(Subject));
    expect(digest!.Message).toMatch(/^ +\d+ FAILED$/m);
    expect(digest!.Message).toContain(`EC2.13 in ${ACQUIRED}`);
    expect(digest!.Message).toMatch(/\d+ failed and not dealt with, the oldest since/);
  });
  it('findings that still fail have been looked for', () => {
    // Twice, if the tests begin in the night.
    expect([1, 2]).toContain(looks);
  });
});

/** As if a day had passed since: an hour after a fix, the finding may be dealt with again. */
async function grow({ Id }: ControlFinding, ...times: readonly ('settledAt' | 'reopenedAt')[]): Promise<void> {
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
