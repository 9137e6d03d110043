/** Messages and tickets that the deployed rules send to each place, here to receivers on this machine. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sutureApi } from '../../cli/clients/api.ts';
import { dlqListCommand } from '../../cli/commands/dlq/list.ts';
import { dlqRedriveCommand } from '../../cli/commands/dlq/redrive.ts';
import { messagesListCommand } from '../../cli/commands/messages/list.ts';
import { messagesTestCommand } from '../../cli/commands/messages/test.ts';
import { statusCommand } from '../../cli/commands/status.ts';
import { eventOfEnd, eventOfReopening, type SutureEvent } from '../../functions/domain/events.ts';
import type { Job } from '../../functions/domain/job.ts';
import type { OwnerPlace } from '../../functions/domain/resource-owner.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import { dynamoOperatorRuns } from '../../functions/ledger/operator-runs.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import {
  MESSAGE_HOSTS,
  MESSAGE_SECRETS,
  type MessageHost,
  OPTIONAL_STACKS,
  OWNER_MAIL,
  putMessageSecrets,
} from '../../lab/organization/optional-stacks.ts';
import { type Receiver, type ReceiverAnswer, startReceiver } from '../../lab/organization/receiver.ts';
import { functionLogs } from '../../sandbox/runtime/logs.ts';
import type { Person } from '../../stacks/constructs/people-permissions.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let suture: Pipeline;
let person: (person: Person) => Promise<ReturnType<Pipeline['sandbox']['administrator']>>;
/** A record of the ledger that the workflow wrote. */
let pattern: LedgerRecord;
const RECEIVERS = {} as Record<MessageHost, Receiver>;
const PUBLISHED: string[] = [];

beforeAll(async () => {
  for (const host of Object.keys(MESSAGE_HOSTS) as MessageHost[]) RECEIVERS[host] = await startReceiver();
  suture = await startPipeline({
    settings: OPTIONAL_STACKS,
    prepare: putMessageSecrets,
    receivers: Object.fromEntries(
      Object.entries(MESSAGE_HOSTS).map(([host, origin]) => [origin, RECEIVERS[host as MessageHost].url]),
    ),
  });
  person = await createPerson(suture, 'ann');
  const finding = await suture.arrange('EC2.13');
  await suture.process(finding);
  pattern = (await ledgerQueries(LEDGER_TABLE, new DynamoDBClient(suture.securityAdministrator())).record(finding.Id))!;
});
afterAll(async () => {
  await suture.sandbox.close();
  for (const receiver of Object.values(RECEIVERS)) await receiver.close();
});
beforeEach(() => {
  for (const receiver of Object.values(RECEIVERS)) {
    receiver.requests.length = 0;
    receiver.answer = () => ({});
  }
});

const api = async (who: Person) => sutureApi(new APIGatewayClient(await person(who)));
const received = (host: MessageHost) => RECEIVERS[host].requests.map(({ body }) => JSON.parse(body));

type Given = { readonly id: string; readonly severity?: string; readonly places?: readonly OwnerPlace[] };

function jobOf({ id, severity = 'HIGH', places }: Given, result: object): Job {
  const owner = places && { name: 'shop', because: 'policy', places: [...places] };
  return { ...pattern.job, finding: { ...pattern.job.finding, id, severity }, owner, result } as unknown as Job;
}

async function publish(...events: (SutureEvent | undefined)[]): Promise<void> {
  const bridge = new EventBridgeClient(suture.securityAdministrator());
  for (const event of events) {
    const Detail = JSON.stringify(event!.detail);
    PUBLISHED.push(Detail);
    const entry = { EventBusName: 'suture', Source: 'suture', DetailType: event!.name, Detail };
    await bridge.send(new PutEventsCommand({ Entries: [entry] }));
    await suture.sandbox.settled();
  }
}

const AT = '2026-03-03T10:00:00.000Z';
const NOTIFIED = { kind: 'notified', because: 'code manages it "here"', summary: 's', before: 1, after: 2, version: 1 };
const FIXED = { kind: 'fixed', before: 1, after: 2, summary: 'closed port 22', version: 1 };
const notified = (given: Given) => eventOfEnd(jobOf(given, NOTIFIED), AT);
const fixed = (given: Given) => eventOfEnd(jobOf(given, FIXED), AT);
const reopened = (given: Given) => eventOfReopening(jobOf(given, FIXED), 'reopened', 1, AT);
const unresolved = (given: Given) => eventOfReopening(jobOf(given, FIXED), 'unresolved', 2, AT);

describe('a ticket', () => {
  it('is opened, closed and reopened under one key at each place, with the credentials of the place', async () => {
    const finding = { id: 'ticketed' };
    await publish(notified(finding), fixed(finding), reopened(finding), unresolved(finding));
    expect(received('jira').map(({ action }) => action)).toEqual(['open', 'close', 'reopen', 'open']);
    expect(received('servicenow').map(({ u_action }) => u_action)).toEqual(['open', 'close', 'reopen', 'open']);
    // An operator is paged for what failed again; a notified owner has the finding in hand.
    expect(received('pagerduty').map(({ event_action }) => event_action)).toEqual([
      'acknowledge',
      'resolve',
      'trigger',
      'trigger',
    ]);
    const keys = [
      ...received('jira').map(({ ticket }) => ticket),
      ...received('servicenow').map(({ u_correlation_id }) => u_correlation_id),
      ...received('pagerduty').map(({ dedup_key }) => dedup_key),
    ];
    expect([...new Set(keys)]).toEqual([expect.stringMatching(/^suture-[0-9a-f]{32}$/)]);
    expect(received('jira')[0]).toMatchObject({
      severity: 'HIGH',
      headline: 'EC2.13 notified in account 333333333333, us-east-1',
      summary: expect.stringContaining('code manages it ”here”'),
      dueBy: '',
    });
    expect(received('servicenow')[0]).toMatchObject({ u_assignment_group: 'Cloud', u_severity: 'HIGH' });
    expect(received('pagerduty')[2]).toMatchObject({
      routing_key: MESSAGE_SECRETS['suture/pagerduty'].routingKey,
      payload: { severity: 'error', source: 'Suture', summary: expect.stringContaining('EC2.13 reopened') },
    });
    const [jira, now] = [RECEIVERS.jira.requests[0]!, RECEIVERS.servicenow.requests[0]!];
    expect(jira.headers['x-automation-webhook-token']).toBe(MESSAGE_SECRETS['suture/jira'].token);
    expect(jira.path).toBe('/automation/webhooks/jira/a/cloud/rule');
    expect(now.path).toBe('/api/now/import/u_suture_findings');
    const [, credentials = ''] = now.headers.authorization!.split(' ');
    expect(Buffer.from(credentials, 'base64').toString()).toBe('suture:password-of-servicenow');
  });

  it('goes only to the places of its owner and severity', async () => {
    await publish(
      notified({ id: 'low', severity: 'LOW' }),
      notified({ id: 'elsewhere', places: [{ kind: 'jira', to: 'OTHER' }] }),
      notified({ id: 'grouped', places: [{ kind: 'servicenow', to: 'Shop team' }] }),
    );
    expect(received('jira')).toEqual([expect.objectContaining({ headline: expect.any(String) })]);
    expect(received('servicenow').map(({ u_assignment_group }) => u_assignment_group)).toEqual([
      'Cloud',
      'Cloud',
      'Shop team',
    ]);
  });
});

describe('a place', () => {
  it('that is busy, unreachable or slow gets every event later, and each once', async () => {
    const answers: ReceiverAnswer[] = [
      { status: 429, retryAfter: '120' },
      { status: 503 },
      { afterMs: 5_000 },
      { breaks: true },
    ];
    RECEIVERS.jira.answer = () => answers.shift() ?? {};
    const began = suture.kernel.clock.now();
    await publish(notified({ id: 'late' }));
    expect(received('jira').map(({ ticket }) => ticket)).toHaveLength(5);
    expect(suture.kernel.clock.now() - began).toBeGreaterThan(2 * MINUTE);
    expect((await messagesListCommand({ api: await api('viewer') })).failed).toBe(false);
  });

  it('that refuses gets a dead letter with the reason; so does a wrong secret after a day', async () => {
    RECEIVERS.jira.answer = () => ({ status: 400 });
    RECEIVERS.servicenow.answer = () => ({ status: 401 });
    RECEIVERS.pagerduty.answer = () => ({ status: 400 });
    await publish(unresolved({ id: 'refused' }));
    const { text, failed } = await messagesListCommand({ api: await api('viewer'), json: true });
    expect(failed).toBe(true);
    const letters = JSON.parse(text).map((place: any) => [place.name, place.letters.map(({ error }: any) => error)]);
    expect(Object.fromEntries(letters)).toMatchObject({
      tickets: [expect.stringContaining('status code 400')],
      desk: [expect.stringContaining('status code 401')],
      night: [expect.stringContaining('status code 400')],
      chat: [],
    });
    PUBLISHED.push(text);
  });
});

describe('dead letters of places', () => {
  const QUEUES = ['suture-messages-tickets-dlq', 'suture-messages-desk-dlq'];
  const counts = async () => {
    const { text } = await dlqListCommand(testOperator(suture, await person('viewer')));
    const queues: { queue: string; messages: number }[] = JSON.parse(text);
    return QUEUES.map((name) => queues.find(({ queue }) => queue === name)?.messages);
  };

  it('are listed with those of the other queues, and sent again by their own rule if they are still true', async () => {
    const operator = async () => ({ ...testOperator(suture, await person('operator')), reason: 'a new token' });
    for (const name of QUEUES) await dlqRedriveCommand(name, await operator());
    expect(await counts()).toEqual([0, 0]);

    for (const host of ['jira', 'servicenow'] as const) RECEIVERS[host].answer = () => ({ status: 403 });
    const places: OwnerPlace[] = [{ kind: 'servicenow', to: 'Shop team' }];
    await putRecord('held', places);
    await publish(notified({ id: 'held', places }), notified({ id: 'unknown', places }));
    expect(await counts()).toEqual([2, 2]);
    const status = await statusCommand(testOperator(suture, await person('viewer')));
    expect(JSON.parse(status.text).deadLetters).toMatchObject(Object.fromEntries(QUEUES.map((name) => [name, 2])));

    for (const host of ['jira', 'servicenow'] as const) {
      RECEIVERS[host].answer = () => ({});
      RECEIVERS[host].requests.length = 0;
    }
    const { text, failed } = await dlqRedriveCommand(QUEUES[1]!, await operator());
    expect(JSON.parse(text)).toMatchObject({
      redriven: 1,
      problems: [expect.stringContaining('dropped: the ledger does not know its finding')],
    });
    expect(failed).toBe(true);
    await suture.sandbox.settled();
    // The other place gets no request.
    expect(received('jira')).toEqual([]);
    expect(received('servicenow').map(({ u_action, u_assignment_group }) => [u_action, u_assignment_group])).toEqual([
      ['open', 'Shop team'],
    ]);
    expect(await counts()).toEqual([2, 0]);
    await dlqRedriveCommand(QUEUES[0]!, await operator());
    await suture.sandbox.settled();
    expect(received('jira').map(({ action }) => action)).toEqual(['open']);
    expect(received('servicenow')).toHaveLength(1);
  });

  it('that the place refuses again are sent once and left in the queue, and the command says so', async () => {
    const { json: _, ...operator } = testOperator(suture, await person('operator'));
    RECEIVERS.jira.answer = () => ({ status: 400 });
    await publish(notified({ id: 'held' }));
    RECEIVERS.jira.requests.length = 0;
    const { text, failed } = await dlqRedriveCommand(QUEUES[0]!, {
      ...operator,
      reason: 'a new token',
      sleep: () => suture.sandbox.settled(),
    });
    expect(text).toMatch(
      /^1 redriven\.\n1 message has come back to suture-messages-tickets-dlq, and is left .* messages test tickets$/,
    );
    expect(failed).toBe(true);
    expect(received('jira')).toHaveLength(1);
    expect(await counts()).toEqual([1, 0]);
  });
});

describe('suture messages test', () => {
  const test = async (place: string, options: object = {}, who: Person = 'operator') =>
    messagesTestCommand(place, { api: await api(who), wait: () => suture.sandbox.settled(), ...options });

  it('sends a test through the rules of the place, and writes a line in the audit trail', async () => {
    const { text, failed } = await test('chat', { to: '#cloud', json: true });
    expect(failed).toBe(false);
    expect(JSON.parse(text)).toMatchObject({ place: 'chat', result: 'sent' });
    expect(received('slack')).toEqual([
      {
        channel: '#cloud',
        text: expect.stringMatching(/^A test of Suture: ann asks whether messages arrive at chat$/),
        blocks: [{ type: 'section', text: { type: 'plain_text', text: expect.any(String), emoji: false } }],
        unfurl_links: false,
        unfurl_media: false,
      },
    ]);
    expect(RECEIVERS.slack.requests[0]!.headers.authorization).toBe('Bearer xoxb-secret-of-slack');
    for (const place of ['team', 'tickets', 'desk', 'night']) await test(place);
    for (const place of ['tickets', 'desk', 'night']) await test(place, { action: 'close' });
    expect(received('slack')).toHaveLength(1);
    const [card] = received('teams');
    expect(card.attachments[0].content.body).toEqual([
      { type: 'TextBlock', text: expect.stringContaining('arrive at team'), wrap: true },
    ]);
    expect(RECEIVERS.teams.requests[0]!.path).toContain('sig=signature-of-teams');
    expect(received('jira').map(({ action, ticket }) => [action, ticket])).toEqual([
      ['open', received('jira')[0].ticket],
      ['close', received('jira')[0].ticket],
    ]);
    expect(received('servicenow').map(({ u_action }) => u_action)).toEqual(['open', 'close']);
    expect(received('pagerduty').map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve']);
    const runs = await dynamoOperatorRuns(LEDGER_TABLE, new DynamoDBClient(suture.securityAdministrator())).recent();
    expect(runs.find(({ action }) => action === 'messages test')).toMatchObject({
      by: expect.stringContaining('/ann'),
      selection: { place: 'night', action: 'close' },
      counts: {},
    });
  });

  it('prints the answer of the place, and removes the dead letters of earlier tests', async () => {
    for (const host of ['slack', 'teams'] as const) RECEIVERS[host].answer = () => ({ status: 404 });
    const options = { chat: { to: '#cloud' }, team: {} };
    for (const [place, more] of Object.entries(options))
      expect(await test(place, more)).toMatchObject({ failed: true, text: expect.stringContaining('status code 404') });
    for (const host of ['slack', 'teams'] as const) RECEIVERS[host].answer = () => ({});
    for (const [place, more] of Object.entries(options)) expect((await test(place, more)).failed).toBe(false);
    const { text } = await messagesListCommand({ api: await api('viewer'), json: true });
    const letters = JSON.parse(text).map((place: any) => [place.name, place.letters.length]);
    expect(Object.fromEntries(letters)).toMatchObject({ chat: 0, team: 0 });
  });

  it('is for operators, and sends nothing for wrong options or a dry run', async () => {
    await expect(test('chat', { to: '#cloud' }, 'viewer')).rejects.toThrow(/not authorized|denied/i);
    await expect(test('none')).rejects.toThrow('There is no place "none": there are chat, team, tickets, desk, night.');
    await expect(test('chat')).rejects.toThrow('--to');
    await expect(test('chat', { to: '#c', action: 'close' })).rejects.toThrow('has no tickets');
    expect((await test('night', { dryRun: true })).text).toContain('Nothing was sent.');
    for (const receiver of Object.values(RECEIVERS)) expect(receiver.requests).toEqual([]);
  });
});

describe('owners', () => {
  it('get one message a day for all their findings at each place, also by mail', async () => {
    const mails = await mailbox();
    const places: OwnerPlace[] = [
      { kind: 'slack', to: '#shop' },
      { kind: 'teams', to: 'data' },
      { kind: 'mail', to: OWNER_MAIL },
    ];
    for (let n = 0; n < 40; n++) await putRecord(`owned-${n}`, places);
    await suture.kernel.clock.advance(HOUR);
    await putRecord('owned-later', places);
    for (let hour = 0; hour < 3; hour++) await suture.kernel.clock.advance(HOUR);
    await suture.sandbox.settled();
    const [message, ...more] = received('slack');
    expect(more).toEqual([]);
    expect(message).toMatchObject({ channel: '#shop', text: 'Suture: 40 findings of yours to fix' });
    expect(received('teams')).toHaveLength(1);
    const sent = await mails();
    expect(sent.map(({ Subject }) => Subject)).toEqual(['Suture: 40 findings of yours to fix']);
    expect(sent[0]!.Message).toMatch(/HIGH EC2\.13 in account 333333333333/);
    await suture.kernel.clock.advance(24 * HOUR);
    await suture.sandbox.settled();
    expect(received('slack').map(({ text }) => text)).toEqual([
      'Suture: 40 findings of yours to fix',
      'Suture: one finding of yours to fix',
    ]);
    PUBLISHED.push(...RECEIVERS.teams.requests.map(({ body }) => body), ...sent.map(({ Message }) => Message));
  });

  it('get messages whose secrets are in no event, template, log or item', async () => {
    const secrets = Object.values(MESSAGE_SECRETS).flatMap((each) =>
      Object.entries(each).flatMap(([key, value]) => (key === 'username' ? [] : [value as string])),
    );
    const { Items } = await new DynamoDBClient(suture.securityAdministrator()).send(
      new ScanCommand({ TableName: LEDGER_TABLE }),
    );
    const states = [...suture.sandbox.snapshot()].filter(([name]) => !/^(secretsmanager|eventbridge) /.test(name));
    const files = await readdir(suture.synthesized.directory);
    const templates = files.filter((name) => name.endsWith('.template.json'));
    const texts = [
      JSON.stringify(Items),
      inspect([states, functionLogs(suture.kernel)], { depth: null, maxArrayLength: null, maxStringLength: null }),
      ...(await Promise.all(templates.map((name) => readFile(join(suture.synthesized.directory, name), 'utf8')))),
      ...PUBLISHED,
    ];
    for (const secret of secrets) expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    expect(texts.some((text) => text.includes('resolve:secretsmanager:suture/slack'))).toBe(true);
  });
});

/** As the workflow leaves a finding whose owner was told by policy. */
async function putRecord(id: string, places: readonly OwnerPlace[]): Promise<void> {
  const { job: _, findingId: __, blockedUntil: ___, attempts: ____, reopened: _____, ...status } = pattern;
  const changedAt = new Date(suture.kernel.clock.now()).toISOString();
  const texts = { ...status, ofStatus: 'NOTIFIED', changedAt, job: JSON.stringify(jobOf({ id, places }, NOTIFIED)) };
  const Item = Object.fromEntries(Object.entries(texts).map(([name, S]) => [name, { S: String(S) }]));
  const keys = { pk: { S: `finding#${id}` }, sk: { S: 'record' } };
  await new DynamoDBClient(suture.securityAdministrator()).send(
    new PutItemCommand({ TableName: LEDGER_TABLE, Item: { ...Item, ...keys } }),
  );
}

/** A queue in place of the mail that an owner confirmed: the same filter decides. */
async function mailbox(): Promise<() => Promise<{ readonly Subject: string; readonly Message: string }[]>> {
  const sqs = new SQSClient(suture.securityAdministrator());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'mailbox' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Endpoint = Attributes!.QueueArn!;
  const anybody = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: Endpoint };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [anybody] });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const { partition, homeRegion, securityAccount } = suture.context;
  const TopicArn = `arn:${partition}:sns:${homeRegion}:${securityAccount}:suture-owners`;
  const FilterPolicy = JSON.stringify({ to: [OWNER_MAIL] });
  await new SNSClient(suture.securityAdministrator()).send(
    new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: { FilterPolicy } }),
  );
  return async () => {
    const { Messages = [] } = await new SQSClient(suture.securityAdministrator()).send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    return Messages.map(({ Body }) => JSON.parse(Body!));
  };
}
