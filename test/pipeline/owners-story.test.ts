/**
 * Three hundred findings of eight teams, from the first message to the last: some teams mend, some let the time pass, one
 * deploys over fixes. Everything is recomputed from what the places received and what the accounts have.
 */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import { replayCommand } from '../../cli/commands/replay.ts';
import type { FindingStatus } from '../../functions/domain/ledger.ts';
import { hash } from '../../functions/domain/trace.ts';
import { ledgerQueries } from '../../functions/ledger/ledger-queries.ts';
import type { LedgerRecord } from '../../functions/ports/ledger-queries.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { limitFunctionInstances } from '../../lab/organization/function-instances.ts';
import { runOrganization } from '../../lab/organization/organization.ts';
import { deployTemplate } from '../../sandbox/cloudformation/deploy.ts';
import { findingById, putFinding, reevaluate } from '../../sandbox/services/securityhub/simulation.ts';
import { SQS } from '../../sandbox/services/sqs/state.ts';
import { type Receiver, startReceiver } from '../sandbox/support/receiver.ts';
import { meanwhile } from '../support/meanwhile.ts';
import { LEDGER_TABLE } from '../support/names.ts';
import { testOperator } from '../support/operator.ts';
import { MESSAGE_HOSTS, type MessageHost, OPTIONAL_STACKS, putMessageSecrets } from '../support/optional-stacks.ts';
import { createPersonRole } from '../support/people.ts';
import { Pipeline } from '../support/pipeline.ts';
import { jiraTickets, serviceNowTickets, type Ticket } from '../support/ticket-desk.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ALL = 300;
const EACH = ALL / 8;
const [SHOP, DATA, RETAIL, LABS] = ['333333333333', '444444444444', '555555555555', '666666666666'] as const;
const MEMBERS = [
  { id: SHOP, name: 'shop' },
  { id: DATA, name: 'data' },
  { id: RETAIL, name: 'retail', ouPath: '/Workloads/Retail' },
  { id: LABS, name: 'labs', ouPath: '/Workloads/Labs' },
];

/** Owners by account, unit and tag; `account` has their resources. */
const TEAMS = {
  shop: { account: SHOP, owns: { accounts: [SHOP] } },
  data: { account: DATA, owns: { accounts: [DATA], servicenow: 'Data team' } },
  retail: { account: RETAIL, owns: { ous: ['/Workloads/Retail'], servicenow: 'Retail team' } },
  labs: { account: LABS, owns: { ous: ['/Workloads/Labs'] } },
  payments: { account: SHOP, owns: { tags: ['team=payments'], servicenow: 'Payments' } },
  search: { account: DATA, owns: { tags: ['team=search'], jira: 'SEARCH' } },
  mobile: { account: RETAIL, owns: { tags: ['team=mobile'] } },
  core: { account: LABS, owns: { tags: ['team=core'] } },
} as const;
type Team = keyof typeof TEAMS;
const TEAM_NAMES = Object.keys(TEAMS) as Team[];
const POLICY = {
  version: 1,
  controls: {
    'SQS.1': { mode: 'auto', accounts: { [RETAIL]: 'approve' } },
  },
  owners: Object.fromEntries(TEAM_NAMES.map((team) => [team, { slack: `#${team}`, ...TEAMS[team].owns }])),
  grace: { for: '25h', ous: { '/Workloads/Labs': '0h' }, severities: { CRITICAL: '0h' } },
  // The stacks of the labs may drift.
  whenManagedBy: { cloudformation: 'notify', terraform: 'notify', accounts: { [LABS]: { cloudformation: 'fix' } } },
  approvals: { hours: 4 },
  caps: { perAccountAndHour: 10_000, perRemediationAndHour: 10_000 },
};
/** What becomes of a finding. `told`: code manages its resource, so that it stays with its owner. */
type Fate = 'mends' | 'passes' | 'approved' | 'unanswered' | 'atOnce' | 'told' | 'toldAndMends' | 'deploysOver';
type Story = {
  readonly team: Team;
  readonly queue: string;
  readonly code?: 'cloudformation' | 'terraform' | undefined;
  readonly fate: Fate;
  /** It arrives when the owners have had their message of the day. */
  readonly isLate: boolean;
  readonly finding: ControlFinding;
};

const STORIES: Story[] = [];
const RECEIVERS = {} as Record<MessageHost, Receiver>;
const CHATS: { readonly channel: string; readonly at: number; readonly text: string; readonly lines: string[] }[] = [];
let suture: Pipeline;

beforeAll(async () => {
  for (const host of Object.keys(MESSAGE_HOSTS) as MessageHost[]) RECEIVERS[host] = await startReceiver();
  const receivers = Object.entries(MESSAGE_HOSTS).map(([host, origin]) => [origin, RECEIVERS[host as MessageHost].url]);
  const settings = OPTIONAL_STACKS;
  const start = Date.UTC(2026, 2, 3, 9, 10);
  const options = { settings, start, prepare: putMessageSecrets, receivers: Object.fromEntries(receivers) };
  suture = new Pipeline(await runOrganization(MEMBERS, options));
  limitFunctionInstances(suture.kernel);
  RECEIVERS.slack.answer = ({ body }) => {
    const { channel, text, blocks } = JSON.parse(body);
    const lines = blocks.flatMap((block: any) => block.text.text.split('\n'));
    CHATS.push({ channel, text, at: suture.kernel.clock.now(), lines: lines.slice(1) });
    return {};
  };
  await suture.setPolicy(POLICY);
  for (const team of TEAM_NAMES) await arrange(team);
  expect(STORIES).toHaveLength(ALL);
});
afterAll(async () => {
  await suture?.sandbox.close();
  for (const receiver of Object.values(RECEIVERS)) await receiver.close();
});

const placeOf = (team: Team) => ({
  partition: suture.context.partition,
  account: TEAMS[team].account,
  region: suture.context.homeRegion,
});
const tagsOf = (team: Team): Record<string, string> => ('tags' in TEAMS[team].owns ? { team } : {});

function fateOf(team: Team, n: number, code: Story['code']): Fate {
  const account = TEAMS[team].account;
  if (account === LABS && code === 'cloudformation') return 'deploysOver';
  if (code) return n % 6 === 3 ? 'toldAndMends' : 'told';
  if (account === LABS || (account !== RETAIL && n % 2 === 0)) return 'atOnce';
  if (account === RETAIL) return n % 3 === 1 ? 'mends' : n % 2 === 0 ? 'approved' : 'unanswered';
  return n % 5 === 0 ? 'passes' : 'mends';
}

/** A third of the resources is managed by code. In the labs' unit, few stacks are: each makes three executions. */
function codeOf(team: Team, n: number): Story['code'] {
  if (n % 3 !== 0) return undefined;
  const hasStack = TEAMS[team].account === LABS ? n === 0 || n === 3 : n % 4 < 2;
  return hasStack ? 'cloudformation' : 'terraform';
}

async function arrange(team: Team): Promise<void> {
  const index = TEAM_NAMES.indexOf(team);
  const place = placeOf(team);
  const sqs = new SQSClient(suture.sandbox.administrator(place.account));
  for (let n = 0; n < Math.floor((ALL + index) / TEAM_NAMES.length); n++) {
    const code = codeOf(team, n);
    const queue = `${team}-${n}`;
    const Id = `arn:${place.partition}:sqs:${place.region}:${place.account}:${queue}`;
    const finding = suture.finding('SQS.1', { Type: 'AwsSqsQueue', Id }, place);
    const fate = fateOf(team, n, code);
    if (fate === 'atOnce') finding.Severity = { Label: 'CRITICAL' };
    STORIES.push({ team, queue, code, fate, isLate: n >= EACH * 0.8, finding });
    if (code === 'cloudformation') continue;
    const tags = { ...tagsOf(team), ...(code && { ManagedBy: 'terraform' }) };
    await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes: { SqsManagedSseEnabled: 'false' }, tags }));
  }
  await deploy(team, () => false);
}

/** Deploys the stack of a team. `revision` is of each queue, whose properties it changes: else CloudFormation leaves it. */
async function deploy(team: Team, isEncrypted: (story: Story) => boolean, revision = 30): Promise<void> {
  const Tags = Object.entries(tagsOf(team)).map(([Key, Value]) => ({ Key, Value }));
  const stories = STORIES.filter((story) => story.team === team && story.code === 'cloudformation');
  const Resources = Object.fromEntries(
    stories.map((story, index) => [
      `Queue${index}`,
      {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: story.queue,
          SqsManagedSseEnabled: isEncrypted(story),
          VisibilityTimeout: revision,
          Tags,
        },
      },
    ]),
  );
  await deployTemplate(suture.kernel, placeOf(team), `queues-of-${team}`, { Resources });
}

const queueOf = ({ team, queue }: Story) => suture.kernel.state(SQS, placeOf(team)).queues.get(queue)!;
const isEncrypted = (story: Story) => queueOf(story).attributes.SqsManagedSseEnabled === 'true';
const of = (...fates: Fate[]) => STORIES.filter(({ fate }) => fates.includes(fate));
const advance = (ms: number) => suture.kernel.clock.advance(ms);
const put = (stories: readonly Story[]) => {
  for (const { finding } of stories) putFinding(suture.kernel, finding as never);
};

/** Security Hub looks at every queue of which it has a finding. */
function evaluate(stories: readonly Story[]): void {
  for (const story of stories) {
    const status = isEncrypted(story) ? 'PASSED' : 'FAILED';
    const known = findingById(suture.kernel, story.finding.Id);
    if (known && known.Compliance!.Status !== status) reevaluate(suture.kernel, story.finding.Id, status);
  }
}

/** By hand, or with Terraform: what has no stack. */
function mend(stories: readonly Story[]): void {
  for (const story of stories)
    if (story.code !== 'cloudformation') queueOf(story).attributes.SqsManagedSseEnabled = 'true';
}

const ledger = () =>
  ledgerQueries(LEDGER_TABLE, new DynamoDBClient(suture.sandbox.administrator(suture.context.securityAccount)));
async function records(): Promise<Map<string, LedgerRecord>> {
  const found = await Promise.all(STORIES.map(({ finding }) => ledger().record(finding.Id)));
  return new Map(STORIES.map(({ queue }, index) => [queue, found[index]!]));
}

const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);
const KINDS = { 'of yours to mend': 'told', 'is up': 'reminder', 'undid the fix': 'reverted' } as const;
type Kind = (typeof KINDS)[keyof typeof KINDS];
const kindOf = (text: string): Kind => Object.entries(KINDS).find(([words]) => text.includes(words))![1];
/** The queues that messages of a kind named, each as often as it was named, with the channel. */
const named = (kind: Kind): string[] =>
  CHATS.filter(({ text }) => kindOf(text) === kind)
    .flatMap(({ channel, lines }) => lines.map((line) => `${channel} ${/:(\w+-\d+)\./.exec(line)?.[1]}`))
    .sort();
const namesOf = (stories: readonly Story[]) => stories.map(({ team, queue }) => `#${team} ${queue}`).sort();

/** The labs' owner deploys its template, in which other properties have changed. */
async function deployOver(team: Team, revision: number): Promise<void> {
  await meanwhile(suture.kernel, () => deploy(team, () => false, revision));
  evaluate(of('deploysOver').filter((story) => story.team === team));
}

async function approve(stories: readonly Story[]): Promise<void> {
  const role = await createPersonRole(suture, 'Approver', [
    { Action: 'apigateway:GET', Resource: '*' },
    { Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:*:*:*/live/*/approvals*' },
  ]);
  const api = await approvalApi(new APIGatewayClient(await role('grace')));
  for (const { finding } of stories) {
    const { lastExecution } = (await ledger().record(finding.Id))!;
    await api.answer(hash(lastExecution!), { answer: 'approve' });
  }
}

/** Ends of the ledger by fate. What code manages stays NOTIFIED, until a person has it processed again. */
const ENDS: Readonly<Record<Fate, FindingStatus>> = {
  mends: 'COMPLIANT',
  passes: 'FIXED',
  approved: 'FIXED',
  unanswered: 'REFUSED',
  atOnce: 'FIXED',
  told: 'NOTIFIED',
  toldAndMends: 'COMPLIANT',
  deploysOver: 'NOTIFIED',
};
const ENCRYPTED: readonly FindingStatus[] = ['COMPLIANT', 'FIXED'];

it('tells owners, who have time, and fixes at once what policy says', async () => {
  put(STORIES.filter(({ isLate }) => !isLate));
  await advance(20 * MINUTE);
  mend(of('mends').filter(({ isLate }) => !isLate));
  evaluate(of('deploysOver', 'atOnce'));
  // After the first message of the day.
  await advance(HOUR);
  expect(CHATS.length).toBeGreaterThan(0);
});

it('leaves to its owner what that deploys over twice', async () => {
  put(STORIES.filter(({ isLate }) => isLate));
  await deployOver('labs', 31);
  await deployOver('core', 31);
  await advance(30 * MINUTE);
  mend(of('mends'));
  evaluate(STORIES);
  await advance(HOUR);
  await deployOver('labs', 32);
  await deployOver('core', 32);
  await advance(2 * HOUR);
});

it('goes on when the time is up: it fixes, or asks', async () => {
  // The times of both are up, and approvers are asked.
  await advance(22.5 * HOUR);
  await meanwhile(suture.kernel, () => approve(of('approved')));
  evaluate(STORIES);
  // Nobody answers about the rest.
  await advance(3 * HOUR + 15 * MINUTE);
  mend(of('toldAndMends'));
  for (const team of TEAM_NAMES)
    await meanwhile(suture.kernel, () => deploy(team, ({ fate }) => fate === 'toldAndMends', 32));
  evaluate(STORIES);
  // Nothing tells Suture that an owner has mended what code manages: an operator has that processed again.
  await meanwhile(suture.kernel, async () => {
    for (const { finding } of of('toldAndMends'))
      await replayCommand(finding.Id, { ...testOperator(suture), again: true, reason: 'mended', wait: false });
  });
  await advance(10 * MINUTE);
});

it('has every finding at the end that its resource has, in the ledger', async () => {
  const found = await records();
  for (const story of STORIES) {
    const record = found.get(story.queue);
    expect([story.queue, story.fate, record?.ofStatus]).toEqual([story.queue, story.fate, ENDS[story.fate]]);
    expect([story.queue, isEncrypted(story)]).toEqual([story.queue, ENCRYPTED.includes(record!.ofStatus)]);
    expect(record!.job.owner?.name).toBe(story.team);
  }
});

/** A finding that was fixed at once never had a ticket. */
const ticketed = () => STORIES.filter(({ fate }) => fate !== 'atOnce');
const shown = (tickets: readonly Ticket[]) =>
  tickets.map(({ resource, state, group }) => `${resource.split(':').at(-1)} ${state} ${group}`).sort();
const expected = (stories: readonly Story[], groupOf: (story: Story) => string | undefined) =>
  stories.map((story) => `${story.queue} ${isEncrypted(story) ? 'closed' : 'open'} ${groupOf(story)}`).sort();

it('has one ticket for each finding that somebody must look at, closed as its resource is mended', () => {
  const groupOf = ({ team }: Story) => ({ servicenow: 'Cloud', ...TEAMS[team].owns }).servicenow;
  const desk = serviceNowTickets(RECEIVERS.servicenow.requests.map(({ body }) => body));
  expect(shown(desk)).toEqual(expected(ticketed(), groupOf));
  const jira = jiraTickets(RECEIVERS.jira.requests.map(({ body }) => body));
  // One team has a project of its own, which is no place of this installation.
  const others = ticketed().filter(({ team }) => team !== 'search');
  expect(shown(jira)).toEqual(expected(others, () => undefined));
  // What was told, and then closed, has both in its ticket.
  const mended = new Set(of('mends').map(({ queue }) => queue));
  const talked = desk.filter(({ resource }) => mended.has(resource.split(':').at(-1)!));
  expect(talked.filter(({ comments }) => comments === 0)).toEqual([]);
});

it('has told each owner about each finding, and at most once a day of a kind', () => {
  const days = CHATS.map(({ channel, text, at }) => `${dayOf(at)} ${channel} ${kindOf(text)}`);
  expect(days.toSorted()).toEqual([...new Set(days)].sort());
  const lateMends = of('mends').filter(({ isLate }) => isLate);
  const told = of('mends', 'passes', 'approved', 'unanswered', 'told', 'toldAndMends');
  // What came after the message of the day, and was mended on the same day, needs none.
  expect(named('told')).toEqual(namesOf(told.filter((story) => !lateMends.includes(story))));
  expect(named('reminder')).toEqual(namesOf(of('passes', 'approved', 'unanswered')));
  expect(named('reverted')).toEqual(namesOf(of('deploysOver')));
  for (const { text, lines } of CHATS) expect(text).toContain(lines.length === 1 ? 'one finding' : `${lines.length} `);
});
