/**
 * Three hundred findings of eight teams, from the first message to the last: some teams fix, some let the time pass, one
 * deploys over fixes. At the end, the ledger, the resources, the tickets and the messages must say the same, each as its
 * own side has it.
 */
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { approvalApi } from '../../cli/clients/approvals.ts';
import type { Ending } from '../../functions/domain/ledger.ts';
import { hash } from '../../functions/domain/trace.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { limitFunctionInstances } from '../../lab/organization/function-instances.ts';
import {
  MESSAGE_HOSTS,
  type MessageHost,
  OPTIONAL_STACKS,
  putMessageSecrets,
} from '../../lab/organization/optional-stacks.ts';
import { runOrganization } from '../../lab/organization/organization.ts';
import { type Receiver, startReceiver } from '../../lab/organization/receiver.ts';
import { deployTemplate } from '../../sandbox/cloudformation/deploy.ts';
import { findingById, putFinding, reevaluate } from '../../sandbox/services/securityhub/simulation.ts';
import { SQS } from '../../sandbox/services/sqs/state.ts';
import { meanwhile } from '../support/meanwhile.ts';
import { createPersonRole } from '../support/people.ts';
import { Pipeline } from '../support/pipeline.ts';
import { jiraDesk, serviceNowDesk, type TicketDesk } from '../support/ticket-desk.ts';

const ALL = 300;
const [SHOP, DATA, RETAIL, LABS] = ['333333333333', '444444444444', '555555555555', '666666666666'] as const;
const MEMBERS = [
  { id: SHOP, name: 'shop' },
  { id: DATA, name: 'data' },
  { id: RETAIL, name: 'retail', ouPath: '/Workloads/Retail' },
  { id: LABS, name: 'labs', ouPath: '/Workloads/Labs' },
];

/**
 * Owners by account, unit and tag; `account` has their resources. The project of search is not a place of this
 * installation, so that its tickets are in ServiceNow alone.
 */
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
  controls: { 'SQS.1': { mode: 'auto', accounts: { [RETAIL]: 'approve' } } },
  owners: Object.fromEntries(TEAM_NAMES.map((team) => [team, { slack: `#${team}`, ...TEAMS[team].owns }])),
  grace: {
    for: '6h',
    ous: { '/Workloads/Retail': '26h', '/Workloads/Labs': '0h' },
    severities: { CRITICAL: '0h' },
  },
  // The stacks of the labs may drift.
  whenManagedBy: { cloudformation: 'notify', terraform: 'notify', accounts: { [LABS]: { cloudformation: 'fix' } } },
  approvals: { hours: 4 },
  caps: { perAccountAndHour: 10_000, perRemediationAndHour: 10_000 },
};

/**
 * The fate of a finding. `told`: code manages its resource, so that it stays with its owner, who may fix it there
 * (`fixesInCode`). Of what no code manages, owners fix within their time.
 */
type Fate = 'fixes' | 'passes' | 'approved' | 'unanswered' | 'atOnce' | 'told' | 'fixesInCode' | 'deploysOver';
const ENDS: Readonly<Record<Fate, Ending>> = {
  fixes: 'COMPLIANT',
  passes: 'FIXED',
  approved: 'FIXED',
  unanswered: 'REFUSED',
  atOnce: 'FIXED',
  told: 'NOTIFIED',
  fixesInCode: 'COMPLIANT',
  deploysOver: 'NOTIFIED',
};
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
type Kind = 'told' | 'reminder' | 'reverted';
const CHATS: { readonly team: string; readonly at: number; readonly kind: Kind; readonly queues: string[] }[] = [];
let suture: Pipeline;

beforeAll(async () => {
  for (const host of Object.keys(MESSAGE_HOSTS) as MessageHost[]) RECEIVERS[host] = await startReceiver();
  const receivers = Object.entries(MESSAGE_HOSTS).map(([host, origin]) => [origin, RECEIVERS[host as MessageHost].url]);
  const start = Date.UTC(2026, 2, 3, 9, 10);
  const prepare = putMessageSecrets;
  const options = { settings: OPTIONAL_STACKS, start, prepare, receivers: Object.fromEntries(receivers) };
  suture = new Pipeline(await runOrganization(MEMBERS, options));
  limitFunctionInstances(suture.kernel);
  await suture.pauseSchedules({ except: ['suture-owner-messages'] });
  await pauseAuditTrail();
  RECEIVERS.slack.answer = ({ body }) => {
    const { channel, text, blocks } = JSON.parse(body);
    const lines: string[] = blocks.flatMap((block: any) => block.text.text.split('\n')).slice(1);
    const queues = lines.map((line) => /:(\w+-\d+)\./.exec(line)![1]!);
    CHATS.push({ team: channel.slice(1), at: suture.kernel.clock.now(), kind: kindOf(text), queues });
    return {};
  };
  await suture.setPolicy(POLICY);
  for (const team of TEAM_NAMES) await arrange(team);
});
afterAll(async () => {
  await suture?.sandbox.close();
  for (const receiver of Object.values(RECEIVERS)) await receiver.close();
});

/** It copies each line of the ledger, which nothing here looks at. */
async function pauseAuditTrail(): Promise<void> {
  const lambda = new LambdaClient(suture.sandbox.administrator(suture.context.securityAccount));
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: 'suture-audit-trail' }),
  );
  expect(EventSourceMappings).toHaveLength(1);
  for (const { UUID } of EventSourceMappings)
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
}

const HEADLINES: Readonly<Record<Kind, string>> = {
  told: 'of yours to fix',
  reminder: 'is up',
  reverted: 'undid the fix',
};
const kindOf = (text: string): Kind =>
  (Object.keys(HEADLINES) as Kind[]).find((kind) => text.includes(HEADLINES[kind]))!;

const placeOf = (team: Team) => ({
  partition: suture.context.partition,
  account: TEAMS[team].account,
  region: suture.context.homeRegion,
});
const tagsOf = (team: Team): Record<string, string> => ('tags' in TEAMS[team].owns ? { team } : {});

function fateOf(team: Team, n: number, code: Story['code']): Fate {
  const { account } = TEAMS[team];
  if (account === LABS && code === 'cloudformation') return 'deploysOver';
  if (code) return n % 4 === 0 ? 'fixesInCode' : 'told';
  if (account === LABS) return 'atOnce';
  if (account === RETAIL) return n % 8 === 1 ? 'approved' : n % 8 === 2 ? 'unanswered' : 'fixes';
  if (n % 2 === 0) return 'atOnce';
  return n % 5 === 0 ? 'passes' : 'fixes';
}

/** A third of the resources is managed by code. In the labs' unit, few stacks are: each makes three executions. */
function codeOf(team: Team, n: number): Story['code'] {
  if (n % 3 !== 0) return undefined;
  const hasStack = TEAMS[team].account === LABS ? n < 6 : n % 4 < 2;
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
    // Of the others, the time would be up before the next day's message.
    const mayBeLate = code !== undefined || place.account === RETAIL;
    STORIES.push({ team, queue, code, fate, isLate: mayBeLate && n >= 30, finding });
    if (code === 'cloudformation') continue;
    const tags = { ...tagsOf(team), ...(code && { ManagedBy: 'terraform' }) };
    await sqs.send(new CreateQueueCommand({ QueueName: queue, Attributes: { SqsManagedSseEnabled: 'false' }, tags }));
  }
  await deploy(team, 30);
}

/** Deploys the stack of a team. CloudFormation leaves a queue alone unless `visibilityTimeout` is another. */
async function deploy(team: Team, visibilityTimeout: number): Promise<void> {
  const Tags = Object.entries(tagsOf(team)).map(([Key, Value]) => ({ Key, Value }));
  const stories = STORIES.filter((story) => story.team === team && story.code === 'cloudformation');
  const Resources = Object.fromEntries(
    stories.map(({ queue }, index) => [
      `Queue${index}`,
      {
        Type: 'AWS::SQS::Queue',
        Properties: { QueueName: queue, SqsManagedSseEnabled: false, VisibilityTimeout: visibilityTimeout, Tags },
      },
    ]),
  );
  await deployTemplate(suture.kernel, placeOf(team), `queues-of-${team}`, { Resources });
}

const queueOf = ({ team, queue }: Story) => suture.kernel.state(SQS, placeOf(team)).queues.get(queue)!;
const isEncrypted = (story: Story) => queueOf(story).attributes.SqsManagedSseEnabled === 'true';
const of = (...fates: Fate[]) => STORIES.filter(({ fate }) => fates.includes(fate));
const isEarly = ({ isLate }: Story) => !isLate;
const isLate = (story: Story) => story.isLate;
const put = (stories: readonly Story[]) => {
  for (const { finding } of stories) putFinding(suture.kernel, finding as never);
};
/** Advances to a time of the story, which begins on day 1 at 9:10. */
const until = (day: number, time: string) => {
  const [hour, minute] = time.split(':').map(Number);
  return suture.kernel.clock.advance(Date.UTC(2026, 2, 2 + day, hour, minute) - suture.kernel.clock.now());
};

/** Security Hub looks at the queues. */
function evaluate(stories: readonly Story[]): void {
  for (const story of stories) {
    const status = isEncrypted(story) ? 'PASSED' : 'FAILED';
    if (findingById(suture.kernel, story.finding.Id)!.Compliance!.Status !== status)
      reevaluate(suture.kernel, story.finding.Id, status);
  }
}

const fixAsOwner = (stories: readonly Story[]) => {
  for (const story of stories) queueOf(story).attributes.SqsManagedSseEnabled = 'true';
};

const DEPLOYING: readonly Team[] = ['labs', 'core'];
/** Security Hub looks before and after. */
async function deployOver(visibilityTimeout: number): Promise<void> {
  evaluate(of('deploysOver'));
  for (const team of DEPLOYING) await meanwhile(suture.kernel, () => deploy(team, visibilityTimeout));
  evaluate(of('deploysOver'));
}

async function approve(stories: readonly Story[]): Promise<void> {
  const role = await createPersonRole(suture, 'Approver', [
    { Action: 'apigateway:GET', Resource: '*' },
    { Action: 'execute-api:Invoke', Resource: 'arn:aws:execute-api:*:*:*/live/*/approvals*' },
  ]);
  const api = await approvalApi(new APIGatewayClient(await role('grace')));
  for (const { finding } of stories) {
    const { lastExecution } = (await suture.ledger().record(finding.Id))!;
    await api.answer(hash(lastExecution!), { answer: 'approve' });
  }
}

it('tells owners, and fixes at once where policy gives them no time', async () => {
  expect(STORIES).toHaveLength(ALL);
  expect(STORIES.filter(({ code }) => code !== undefined)).toHaveLength(104);
  put(STORIES.filter(isEarly));
  await until(1, '10:15');
  const encrypted = STORIES.filter(isEncrypted).map(({ fate }) => fate);
  expect([...new Set(encrypted)].sort()).toEqual(['atOnce', 'deploysOver']);
  expect([...new Set(CHATS.map(({ kind, team }) => `${kind} ${team}`))].sort()).toEqual(
    TEAM_NAMES.map((team) => `told ${team}`).sort(),
  );
});

it('leaves a resource to its owner who deploys over two fixes', async () => {
  fixAsOwner(of('fixes').filter(isEarly));
  put(STORIES.filter(isLate));
  await deployOver(31);
  await until(1, '11:30');
  expect(of('deploysOver').every(isEncrypted)).toBe(true);
  // More than an hour after the last fix, within which Suture leaves a finding alone.
  await deployOver(32);
  await until(1, '14:00');
  expect(of('deploysOver').some(isEncrypted)).toBe(false);
});

it("fixes or asks for approval when the owner's time is up", async () => {
  expect(of('passes').some(isEncrypted)).toBe(false);
  await until(2, '1:00');
  expect(of('passes').every(isEncrypted)).toBe(true);
  fixAsOwner(of('fixes').filter(isLate));
  await until(2, '12:45');
  expect(of('approved').some(isEncrypted)).toBe(false);
  await meanwhile(suture.kernel, () => approve(of('approved')));
  await until(2, '17:30');
  fixAsOwner(of('fixesInCode'));
  evaluate(STORIES);
  await suture.sandbox.settled();
});

type Told = Readonly<Record<Kind, boolean>>;
type Ledgered = {
  readonly story: Story;
  readonly status: string;
  readonly owner: string | undefined;
  readonly told: Told;
};

/** Reads from the ledger how a finding stands, whose it is, and what its owner was told. */
async function inLedger(story: Story): Promise<Ledgered> {
  const { ofStatus: status, job } = (await suture.ledger().record(story.finding.Id))!;
  const jobs = (await suture.ledger().history(story.finding.Id)).map((line) => line.job);
  const tellings = Math.max(...jobs.map(({ steps = [] }) => steps.filter(({ state }) => state === 'TellOwner').length));
  const reverted = jobs.some(({ result }) => result?.kind === 'notified' && result.reverted !== undefined);
  const left = jobs.some(({ result }) => result?.kind === 'notified') && !reverted;
  return {
    story,
    status,
    owner: job.owner?.name,
    told: { told: tellings > 0 || left, reminder: tellings > 1, reverted },
  };
}

let findings: readonly Ledgered[] = [];

it("ends each finding as its owner's behaviour requires", async () => {
  findings = await Promise.all(STORIES.map(inLedger));
  const ends = findings.map(({ story: { queue, fate }, status, owner }) => `${queue} ${fate} ${status} of ${owner}`);
  expect(ends).toEqual(STORIES.map(({ queue, fate, team }) => `${queue} ${fate} ${ENDS[fate]} of ${team}`));
});

it('has the same state in the ledger, in Security Hub, and in the account', () => {
  const CLOSED = ['FIXED', 'COMPLIANT'];
  const stand = (of: Story, isClosed: boolean) => `${of.queue} ${isClosed ? 'closed' : 'open'}`;
  const truth = STORIES.map((story) => stand(story, isEncrypted(story)));
  expect(findings.map(({ story, status }) => stand(story, CLOSED.includes(status)))).toEqual(truth);
  const inHub = STORIES.map(
    (story) => [story, findingById(suture.kernel, story.finding.Id)!.Workflow!.Status] as const,
  );
  expect(inHub.map(([story, status]) => stand(story, status === 'RESOLVED'))).toEqual(truth);
});

/** The tickets that the ledger's tellings should have opened, as the accounts' resources should have left them. */
const expectedTickets = (groupOf: (team: Team) => string, isServed: (team: Team) => boolean): string[] =>
  findings
    .filter(({ story, told }) => Object.values(told).some(Boolean) && isServed(story.team))
    .map(({ story }) => `${story.queue} ${isEncrypted(story) ? 'closed' : 'open'} ${groupOf(story.team)}`)
    .sort();
const ticketsAt = ({ tickets }: TicketDesk): string[] =>
  tickets.map(({ resource, state, group }) => `${resource.split(':').at(-1)} ${state} ${group}`).sort();

it('has a ticket for each finding whose owner was told, closed if the resource is fixed', () => {
  const desk = serviceNowDesk(RECEIVERS.servicenow.requests.map(({ body }) => body));
  const groupOf = (team: Team) => ({ servicenow: 'Cloud', ...TEAMS[team].owns }).servicenow;
  expect(ticketsAt(desk)).toEqual(expectedTickets(groupOf, () => true));
  const jira = jiraDesk(RECEIVERS.jira.requests.map(({ body }) => body));
  expect(ticketsAt(jira)).toEqual(
    expectedTickets(
      () => '',
      (team) => team !== 'search',
    ),
  );
  // Each place also hears of fixes without a ticket, and of nothing else without one.
  const fixes = (stories: readonly Story[]) =>
    stories.filter(({ fate }) => fate === 'atOnce').length +
    2 * stories.filter(({ fate }) => fate === 'deploysOver').length;
  const served = STORIES.filter(({ team }) => team !== 'search');
  expect([desk.ignored, jira.ignored]).toEqual([fixes(STORIES), fixes(served)]);
  const reminded = findings.filter(({ told }) => told.reminder).map(({ story }) => story.queue);
  const comments = new Map(desk.tickets.map(({ resource, comments }) => [resource.split(':').at(-1), comments]));
  expect(reminded.filter((queue) => comments.get(queue)! < 2)).toEqual([]);
});

it('told each owner once about each finding, in at most one message of each kind a day', () => {
  const days = CHATS.map(({ team, at, kind }) => `${new Date(at).toISOString().slice(0, 10)} ${team} ${kind}`);
  expect(days.toSorted()).toEqual([...new Set(days)].sort());
  for (const kind of Object.keys(HEADLINES) as Kind[]) {
    const named = CHATS.filter((chat) => chat.kind === kind).flatMap(({ team, queues }) =>
      queues.map((queue) => `${team} ${queue}`),
    );
    const told = findings.filter((finding) => finding.told[kind]).map(({ owner, story }) => `${owner} ${story.queue}`);
    expect([kind, named.sort()]).toEqual([kind, told.sort()]);
    expect(named.length, kind).toBeGreaterThan(0);
  }
});
