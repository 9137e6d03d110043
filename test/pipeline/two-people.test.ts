/** Policies and resumptions that let Suture write more need two people, with the roles that Suture ships. */
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { APIGatewayClient } from '@aws-sdk/client-api-gateway';
import { AppConfigClient, StartDeploymentCommand } from '@aws-sdk/client-appconfig';
import { AppConfigDataClient } from '@aws-sdk/client-appconfigdata';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { queryItems } from '../../cli/clients/ledger-table.ts';
import { policyStore } from '../../cli/clients/policy.ts';
import { proposalApi } from '../../cli/clients/proposals.ts';
import { stopsClient } from '../../cli/clients/stops.ts';
import { pushCommand } from '../../cli/commands/policy/push.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { answerProposal } from '../../cli/proposals/answer-proposal.ts';
import { listProposals } from '../../cli/proposals/list-proposals.ts';
import { policySource } from '../../functions/aws/policy-source.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { PROPOSAL_AUDIT, type Proposal } from '../../functions/domain/proposal.ts';
import { policyResourceIds } from '../../lab/organization/deploy-policy.ts';
import { copyAssembly } from '../../lab/simulate/copy-assembly.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { ORGANIZATIONS } from '../../sandbox/services/organizations/state.ts';
import type { Person } from '../../stacks/constructs/people-permissions.ts';
import { createPerson } from '../support/people.ts';
import { type Pipeline, startPipeline } from '../support/pipeline.ts';

type SignIn = (person: Person) => Promise<ClientSettings>;

let suture: Pipeline;
let resumeSchedules: () => Promise<void>;
let ada: SignIn;
let grace: SignIn;

const OBSERVING = { 'EC2.13': 'observe' };
const AUTOMATIC = { 'EC2.13': 'auto' };
const SSH = 'tcp 22 from 0.0.0.0/0';

beforeAll(async () => {
  suture = await startPipeline();
  resumeSchedules = await suture.pauseSchedules();
  ada = await createPerson(suture, 'ada');
  grace = await createPerson(suture, 'grace');
  for (const [name, value] of Object.entries({ APPLICATION: 'suture', ENVIRONMENT: 'live', PROFILE: 'policy' }))
    vi.stubEnv(`POLICY_${name}`, value);
});
/** Functions load their code from them. */
const COPIES: { remove(): Promise<void> }[] = [];
afterAll(async () => {
  await suture.sandbox.close();
  for (const copy of COPIES) await copy.remove();
});
beforeEach(() => suture.setPolicy({ version: 1, controls: OBSERVING }));

const home = () => ({ partition: suture.context.partition, region: suture.context.homeRegion });
const liveControls = async () =>
  (await policySource(new AppConfigDataClient(suture.securityAdministrator())).read()).controls;

async function push(signIn: SignIn, controls: object): Promise<{ proposal: Proposal | null; version: number }> {
  const file = join(tmpdir(), `two-people-${process.pid}.yaml`);
  await writeFile(file, JSON.stringify({ version: 1, controls }));
  const client = new AppConfigClient(await signIn('operator'));
  return JSON.parse(await pushCommand(file, { client, yes: true, json: true, reason: `why ${Object.keys(controls)}` }));
}
const proposed = async (signIn: SignIn, controls: object) => (await push(signIn, controls)).proposal!;

const approve = async (
  signIn: SignIn,
  { id }: Pick<Proposal, 'id'>,
  person: Person = 'approver',
  show?: (text: string) => void,
) =>
  answerProposal('approve', id, {
    api: await proposalApi(new APIGatewayClient(await signIn(person))),
    policies: await policyStore(new AppConfigClient(await signIn(person))),
    yes: true,
    show,
    now: () => suture.kernel.clock.now(),
  });

const auditLines = async () =>
  (await queryItems(new DynamoDBClient(suture.securityAdministrator()), PROPOSAL_AUDIT, { newest: 50 })).map(
    ({ action, by, proposal, alone, reason }) => ({
      ...{ action: action!.S, by: by!.S, proposal: proposal!.S, alone: alone?.S, reason: reason?.S },
    }),
  );
const lastLine = async (action: string) => (await auditLines()).find((line) => line.action === action);
const nameOf = (role: string, person: string) =>
  `arn:aws:sts::${suture.context.securityAccount}:assumed-role/suture-${role}/${person}`;

describe('a policy that lets Suture write more', () => {
  it('has no effect until another person approves it', async () => {
    const finding = await suture.arrange('EC2.13');
    const proposal = await proposed(ada, AUTOMATIC);
    await suture.kernel.clock.advance(61_000);
    await suture.process(finding);
    expect(await suture.inbound(finding)).toContain(SSH);

    const shown: string[] = [];
    expect(await approve(grace, proposal, 'approver', (text) => shown.push(text))).toContain('is deployed');
    expect(shown.join()).toContain('! EC2.13: observe → auto');
    expect(shown.join()).toMatch(/^ {2}reason {4}why EC2\.13$/m);
    await suture.kernel.clock.advance(61_000);
    const [trace] = await suture.process(await suture.arrange('EC2.13'));
    expect(trace.outcome).toBe('FIXED');
    const lines = (await auditLines()).filter((line) => line.proposal === proposal.id);
    expect(lines.find(({ action }) => action === 'policy proposed')?.reason).toBe('why EC2.13');
    expect(lines.map(({ action, by }) => `${action} by ${by}`).sort()).toEqual([
      `policy approved by ${nameOf('approver', 'grace')}`,
      `policy done by ${nameOf('approver', 'grace')}`,
      `policy proposed by ${nameOf('operator', 'ada')}`,
    ]);
  });

  it('is approved neither by an operator, nor by the proposer in another role', async () => {
    const proposal = await proposed(ada, AUTOMATIC);
    for (const signIn of [ada, grace])
      await expect(approve(signIn, proposal, 'operator')).rejects.toThrow('not authorized to perform');
    await expect(approve(ada, proposal)).rejects.toThrow(
      `${nameOf('operator', 'ada')} proposed it. Somebody else must approve it: suture proposals approve ${proposal.id}`,
    );
    expect(await liveControls()).toEqual(OBSERVING);
  });

  it('is not deployed if the live policy has changed since', async () => {
    const proposal = await proposed(ada, AUTOMATIC);
    expect((await push(ada, { 'EC2.13': 'off' })).proposal).toBeNull();
    await expect(approve(grace, proposal)).rejects.toThrow(
      /The live policy has changed since .* policy push --version \d+$/,
    );
    expect(await liveControls()).toEqual({ 'EC2.13': 'off' });
  });

  it('is not deployed if the live policy changed, and changed back', async () => {
    const proposal = await proposed(ada, AUTOMATIC);
    await push(ada, { 'EC2.13': 'off' });
    await push(ada, OBSERVING);
    await expect(approve(grace, proposal)).rejects.toThrow('The live policy has changed since');
    expect(await liveControls()).toEqual(OBSERVING);
  });

  it('is listed with its summary until it is answered', async () => {
    const { id } = await proposed(ada, AUTOMATIC);
    const api = await proposalApi(new APIGatewayClient(await grace('viewer')));
    expect(await listProposals('policy', { api })).toContain(`${id}\tpolicy\topen\t`);
    expect(await listProposals('policy', { api })).toContain('EC2.13: observe → auto');
    expect((await listProposals('policy', { api, output: 'name' })).split('\n')).toContain(id);
    expect(await listProposals('policy', { api, output: 'csv' })).toMatch(
      new RegExp(`^id,kind,state,until,by,answered by,summary,reason\n(?:.*\n)*${id},policy,open,`),
    );
    await approve(grace, { id });
    expect(await listProposals('policy', { api })).not.toContain(id);
    expect(await listProposals('policy', { api, all: true })).toContain(id);
  });

  it('is deployed once, if two people approve it at the same time', async () => {
    const eve = await createPerson(suture, 'eve');
    const proposal = await proposed(ada, AUTOMATIC);
    const store = await policyStore(new AppConfigClient(suture.securityAdministrator()));
    const { deployment } = (await store.deployed())!;
    const answers = await Promise.allSettled([approve(grace, proposal), approve(eve, proposal)]);
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await store.deployed())!.deployment).toBe(deployment + 1);
  });
});

describe('a policy that lets Suture write nothing more', () => {
  it('is deployed by one operator, and the audit trail says so', async () => {
    await suture.setPolicy({ version: 1, controls: AUTOMATIC });
    expect(await push(ada, OBSERVING)).toMatchObject({ proposal: null, deployment: expect.any(Number) });
    expect(await liveControls()).toEqual(OBSERVING);
    expect(await lastLine('policy alone')).toMatchObject({
      by: nameOf('operator', 'ada'),
      alone: 'it lets Suture write nothing new',
    });
  });
});

describe('nobody deploys a policy without the API', () => {
  it('not as an administrator who adds a version and deploys it', async () => {
    const store = await policyStore(new AppConfigClient(suture.securityAdministrator()));
    const policy = SuturePolicy.parse({ version: 1, controls: AUTOMATIC });
    const version = await store.add(policy, await store.latestVersion());
    const { proposal } = (await store.deploy(version, () => {})) as { proposal: Proposal };
    expect(proposal.summary).toEqual(['EC2.13: observe → auto']);
    const client = new AppConfigClient(suture.securityAdministrator());
    const deployment = { ConfigurationVersion: `${version}`, ...(await policyResourceIds(client)) };
    await expect(client.send(new StartDeploymentCommand(deployment))).rejects.toThrow(
      /A policy is installed.*policy push policy\.yaml/s,
    );
    expect(await liveControls()).toEqual(OBSERVING);
  });

  it('not by a stack, which installs a policy only if none is live', async () => {
    await expect(deployStacks({ policy: SuturePolicy.parse({ version: 1, controls: AUTOMATIC }) })).rejects.toThrow(
      'A policy is installed',
    );
    expect(await liveControls()).toEqual(OBSERVING);
  });

  it('not by removing bootstrap from the context', async () => {
    await deployStacks({});
    expect(await liveControls()).toEqual(OBSERVING);
  });
});

describe('a unit that a policy names', () => {
  beforeAll(() => resumeSchedules());
  afterAll(() => suture.pauseSchedules());

  const units = () => suture.kernel.state(ORGANIZATIONS, { ...home(), account: '' }).units;
  const unitOfShop = () => [...units().values()].find(({ name }) => name === 'Workloads')!;
  const listUnits = async () => {
    await suture.kernel.clock.advance(3_600_000);
    await suture.sandbox.settled();
  };
  const rule = { 'EC2.13': { mode: 'observe', ous: { '/Workloads': 'auto' } } };
  const outcomeNow = async () => (await suture.process(await suture.arrange('EC2.13')))[0].outcome;

  it('is found by its id after it was renamed, and the strictest mode counts if it is gone', async () => {
    await listUnits();
    await expect(push(ada, { 'EC2.13': { mode: 'observe', ous: { '/Worklods': 'auto' } } })).rejects.toThrow(
      'The organization has no unit /Worklods; did you mean /Workloads?',
    );
    await approve(grace, await proposed(ada, rule));
    const unit = unitOfShop();
    units().set(unit.id, { ...unit, name: 'Renamed' });
    await listUnits();
    expect(await outcomeNow()).toBe('FIXED');

    const { attached, accounts } = suture.kernel.state(ORGANIZATIONS, { ...home(), account: '' });
    const other = 'ou-sand-elsewher';
    units().delete(unit.id);
    units().set(other, { ...unit, id: other });
    attached.set(other, attached.get(unit.id)!);
    for (const account of accounts.values()) if (account.parent === unit.id) account.parent = other;
    await listUnits();
    expect(await outcomeNow()).toBe('PLANNED');
  });
});

describe('an organization of one person', () => {
  beforeAll(() =>
    deployStacks({
      change: ({ Resources }) => {
        const [api] = Object.values<any>(Resources).filter(
          ({ Properties }) => Properties?.FunctionName === 'suture-api',
        );
        api.Properties.Environment.Variables.ONE_PERSON = 'true';
      },
    }),
  );

  it('deploys a policy that lets Suture write more alone, and the audit trail says why', async () => {
    expect((await push(ada, AUTOMATIC)).proposal).toBeNull();
    expect(await liveControls()).toEqual(AUTOMATIC);
    expect(await lastLine('policy alone')).toMatchObject({
      by: nameOf('operator', 'ada'),
      alone: 'the organization has one person: onePerson in cdk.json',
    });
  });
});

describe('a stop', () => {
  const options = async (signIn: SignIn) => ({
    ledger: stopsClient(new DynamoDBClient(await signIn('operator')), () => suture.kernel.clock.now()),
    ...{ reason: 'a trial', yes: true, json: true },
  });
  beforeAll(() => deployStacks({}));

  it('is resumed by the person who stopped', async () => {
    await stopCommand(await options(ada));
    expect(JSON.parse(await resumeCommand(await options(ada)))).toEqual({ changed: true, stopped: null });
  });

  it('is resumed by another person only with a second one, and the audit trail has both', async () => {
    await stopCommand(await options(grace));
    const { changed, stopped, proposal } = JSON.parse(await resumeCommand(await options(ada)));
    expect([changed, stopped.by]).toEqual([false, nameOf('operator', 'grace')]);
    await expect(approve(ada, proposal)).rejects.toThrow('Somebody else must approve it');
    const { ledger } = await options(ada);
    expect(await ledger.stopped()).not.toBeNull();
    await suture.kernel.clock.advance(1);
    expect(await approve(grace, proposal)).toContain('done');
    const { stopped: still, audit } = await ledger.all();
    expect(still).toBeNull();
    expect(audit[0]).toMatchObject({
      ...{ action: 'resume', by: nameOf('operator', 'ada'), approvedBy: nameOf('approver', 'grace') },
    });
  });
});

describe('a stop that two people made', () => {
  const options = async (signIn: SignIn) => ({
    ledger: stopsClient(new DynamoDBClient(await signIn('operator')), () => suture.kernel.clock.now()),
    ...{ reason: 'a trial', yes: true },
  });

  it('is resumed by neither of them alone', async () => {
    await stopCommand(await options(ada));
    const { ledger } = await options(ada);
    const narrow = await resumeCommand({ ...(await options(await createPerson(suture, 'mallory'))), json: true });
    expect(await stopCommand({ ...(await options(grace)), all: true })).toContain(
      `(address ranges too) by ${nameOf('operator', 'ada')}: a trial, also by ${nameOf('operator', 'grace')}`,
    );
    await expect(approve(grace, JSON.parse(narrow).proposal)).rejects.toThrow('Suture was stopped again since');
    for (const signIn of [ada, grace]) {
      const { changed, proposal } = JSON.parse(await resumeCommand({ ...(await options(signIn)), json: true }));
      expect([changed, proposal.summary.join()]).toEqual([false, expect.stringContaining('grace stopped it too')]);
    }
    expect(await ledger.stopped()).toMatchObject({ all: true, also: [nameOf('operator', 'grace')] });
    const { proposal } = JSON.parse(await resumeCommand({ ...(await options(ada)), json: true }));
    expect(await approve(grace, proposal)).toContain('done');
    expect(await ledger.stopped()).toBeNull();
  });
});

type TemplateChange = (template: any) => void;

/** As `cdk deploy` does, after a change of policy.yaml, or without bootstrap. */
async function deployStacks({
  policy = undefined as SuturePolicy | undefined,
  change = (() => {}) as TemplateChange,
}): Promise<void> {
  const nothing = SuturePolicy.parse({ version: 1, controls: {} });
  const copy = await copyAssembly(suture.synthesized.directory, { policy: policy ?? nothing, accounts: new Map() });
  COPIES.push(copy);
  if (policy === undefined)
    await changeTemplate(copy.directory, 'SuturePolicy', ({ Resources }) => {
      for (const [name, { Type }] of Object.entries<any>(Resources))
        if (/^AWS::AppConfig::(HostedConfigurationVersion|Deployment)$/.test(Type)) delete Resources[name];
    });
  await changeTemplate(copy.directory, 'SutureSecurity', change);
  await suture.sandbox.deploy(copy.directory, { memberAccounts: [] });
}

async function changeTemplate(directory: string, stack: string, change: TemplateChange): Promise<void> {
  const file = join(directory, `${stack}.template.json`);
  const template = JSON.parse(await readFile(file, 'utf8'));
  change(template);
  await writeFile(file, JSON.stringify(template));
}
