/** The commands by which a person decides on findings: exempt, coverage, policy diff --impact, triage, next; and report. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stopsClient } from '../../cli/clients/stops.ts';
import { coverageCommand } from '../../cli/commands/coverage.ts';
import { exemptCommand } from '../../cli/commands/exempt.ts';
import { nextCommand } from '../../cli/commands/next.ts';
import { diffCommand } from '../../cli/commands/policy/diff.ts';
import { reportCommand } from '../../cli/commands/report.ts';
import { resumeCommand } from '../../cli/commands/resume.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { stopCommand } from '../../cli/commands/stop.ts';
import { triageCommand } from '../../cli/commands/triage.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import type { ControlFinding } from '../../lab/organization/finding.ts';
import { addKnownFinding } from '../../sandbox/services/securityhub/simulation.ts';
import { parsePolicy } from '../../stacks/policy.ts';
import { denyRevoke } from '../support/faults.ts';
import { functionName } from '../support/names.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { ACQUIRED, CLOSED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const POLICY = 'version: 1\n# ours\ncontrols:\n  EC2.13: approve # asks\n';

let suture: Pipeline;
let folder: string;
let file: string;
const operator = () => testOperator(suture);
beforeAll(async () => {
  suture = await startPipeline();
  await suture.pauseSchedules();
  folder = await mkdtemp(join(tmpdir(), 'deciding-'));
  file = join(folder, 'policy.yaml');
});
afterAll(async () => {
  await suture.sandbox.close();
  await rm(folder, { recursive: true });
});

describe('suture exempt', () => {
  const exempt = (name: string, options: object = {}) =>
    exemptCommand(name, { ...operator(), file, until: '90d', owner: 'web', reason: 'on purpose', ...options });

  it('writes an exemption that, once deployed, leaves the finding as it is', async () => {
    await writeFile(file, POLICY);
    const finding = await suture.arrange('EC2.14');
    await suture.process(finding);
    const { exception, written } = JSON.parse(await exempt(finding.Id));
    expect(written).toBe(true);
    const resource = finding.Resources[0]!.Id;
    expect(exception).toMatchObject({
      ...{ expires: '2026-06-01', owner: 'web', reason: 'on purpose' },
      criteria: { control: 'EC2.14', account: SHOP, resource },
    });
    const text = await readFile(file, 'utf8');
    expect(text.startsWith(POLICY)).toBe(true);
    const { exemptions } = parsePolicy(text, 'policy.yaml', REMEDIATIONS, '2026-03-03');
    expect(exemptions).toEqual([exception]);

    await suture.setPolicy(SuturePolicy.parse({ ...TEST_POLICY, exemptions }));
    const [trace] = await suture.process({ ...finding, UpdatedAt: new Date(suture.kernel.clock.now()).toISOString() });
    expect(trace).toMatchObject({ route: 'ignore', reason: expect.stringContaining(`exempt by ${exception.id}`) });
    await suture.setPolicy(TEST_POLICY);
    expect(JSON.parse(await exempt(finding.Id))).toMatchObject({ written: false, already: true });
  });

  it('shows the difference, and writes nothing with --dry-run or without an answer', async () => {
    await writeFile(file, POLICY);
    const finding = await suture.arrange('EC2.14');
    await suture.process(finding);
    const shown: string[] = [];
    const show = (text: string) => void shown.push(text);
    await exempt(finding.Id, { dryRun: true, json: false, suppress: true, show });
    expect(shown[0]).toMatch(/^ {2}# ours\n {2}controls:\n {4}EC2\.13: .*\n\+ \n\+ suppressions:\n\+ {3}- id: ec2-14-/);
    await expect(exempt(finding.Id, { json: false, yes: false, show })).rejects.toThrow('Give --yes to agree');
    expect(await readFile(file, 'utf8')).toBe(POLICY);
    const text = await exempt(finding.Id, { json: false, show });
    expect(text).toContain(`suture policy push ${file}`);
  });

  it.each<[what: string, options: object, message: RegExp]>([
    ['a day that has passed', { until: '2026-03-02' }, /which has passed: today is 2026-03-03/],
    ['a day that does not exist', { until: '2027-02-30' }, /--until takes a day/],
    ['nobody as its owner', { owner: ' ' }, /--owner takes 1 to 100 characters/],
    ['a finding that nobody knows', {}, /no finding, execution or resource "a-finding"/],
    ['a policy that does not exist', { file: '/nowhere/policy.yaml' }, /there is no such file/],
  ])('refuses %s, and writes nothing', async (_, options, message) => {
    await writeFile(file, POLICY);
    await expect(exempt('a-finding', options)).rejects.toThrow(message);
    expect(await readFile(file, 'utf8')).toBe(POLICY);
  });

  it('refuses an id that the policy has, with its line', async () => {
    const taken = '{ id: a, reason: r, owner: o, expires: 2099-12-31, criteria: { title: t } }';
    await writeFile(file, `${POLICY}exemptions:\n  - ${taken}\n`);
    const finding = await suture.arrange('EC2.14');
    await suture.process(finding);
    await expect(exempt(finding.Id, { id: 'a' })).rejects.toThrow(/policy\.yaml:\d+:\d+: exemptions\[1\]\.id/);
  });
});

/** As the directory function does every hour. */
const listAccounts = () =>
  new LambdaClient(suture.sandbox.administrator(suture.context.securityAccount)).send(
    new InvokeCommand({ FunctionName: functionName('directory') }),
  );

describe('suture coverage', () => {
  const coverage = async (options: object = {}) => JSON.parse(await coverageCommand([], { ...operator(), ...options }));

  it('says in advance what happens to each open finding', async () => {
    await suture.setPolicy({
      ...TEST_POLICY,
      controls: { ...TEST_POLICY.controls, 'EC2.2': 'approve', 'ECR.1': 'off' },
    });
    const arranged = [
      await suture.arrange('EC2.13'),
      await suture.arrange('EC2.14', { account: DATA }),
      await suture.arrange('ECR.1'),
      await suture.arrange('EC2.13', { account: TRAINING }),
      await suture.arrange('EC2.13', { account: CLOSED }),
    ];
    const unlisted = await coverage();
    expect(unlisted.unlisted).toEqual([SHOP]);
    await listAccounts();
    const before = await coverage();
    await putExistingFindings(suture, arranged);
    const { effects, total, gains, policy } = await coverage();
    for (const effect of ['fixed', 'observed', 'off', 'archived', 'refused'])
      expect([effect, effects[effect]]).toEqual([effect, (before.effects[effect] ?? 0) + 1]);
    expect(total.open).toBe(before.total.open + 5);
    expect(policy).toMatch(/^version \d+, which is deployed$/);
    expect(gains).toContainEqual({ control: 'ECR.1', mode: 'auto', more: 1, risk: 'safe' });

    const traces = await suture.process(...arranged);
    expect(traces.map(({ route, outcome }) => outcome ?? route)).toEqual([
      ...['FIXED', 'PLANNED', 'ignore', 'ARCHIVED', 'reject'],
    ]);
    await suture.setPolicy(TEST_POLICY);
  });

  it('prints the counts as CSV', async () => {
    await putExistingFindings(suture, [await suture.arrange('EC2.14')]);
    const { json: _, ...settings } = operator();
    const { total } = await coverage();
    const lines = (await coverageCommand([], { ...settings, output: 'csv' })).split('\n');
    expect(lines[0]).toBe('of,name,open,handled,observed,exempt,told,left');
    expect(lines[1]).toMatch(new RegExp(`^total,,${total.open},${total.handled},`));
    expect(lines).toContainEqual(expect.stringMatching(/^control,EC2\.14,/));
  });

  it('takes a policy that is not deployed, and the units of the directory', async () => {
    await putExistingFindings(suture, [await suture.arrange('EC2.2')]);
    const policy = join(folder, 'units.yaml');
    await writeFile(policy, 'version: 1\ncontrols:\n  EC2.2: { mode: off, ous: { /Workloads: approve } }\n');
    const report = await coverage({ policy });
    expect(report.by.control).toContainEqual(expect.objectContaining({ name: 'EC2.2', open: 1, handled: 1 }));
    expect(report.unlisted).toEqual([]);
  });
});

describe('suture policy diff --impact', () => {
  const diff = (options: object = {}) => {
    const client = new AppConfigClient(suture.sandbox.administrator(suture.context.securityAccount));
    return diffCommand(file, { ...operator(), client, impact: true, ...options });
  };

  it('says what a push does to each open finding, and which changes are the riskiest', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'observe', 'EC2.14': 'auto', 'ECR.1': 'off' } });
    const arranged = [
      await suture.arrange('EC2.13', { account: DATA }),
      await suture.arrange('EC2.14', { account: DATA }),
      await suture.arrange('ECR.1', { account: DATA }),
      await suture.arrange('EC2.2', { account: DATA }),
    ];
    await putExistingFindings(suture, arranged);
    const policy = 'version: 1\ncontrols: { EC2.13: auto, EC2.14: "off", ECR.1: auto, EC2.2: approve }\n';
    await writeFile(file, policy);
    const { impact } = JSON.parse(await diff());
    const { before, after } = impact.accounts.find(({ account }: { account: string }) => account === DATA);
    expect(after.asked - before.asked).toBe(1);
    expect(after.observed - before.observed).toBe(-1);
    const ofThese = impact.riskiest.filter(({ finding }: { finding: string }) =>
      arranged.some(({ Id }) => Id === finding),
    );
    expect(ofThese.map(({ control, from, to }: Record<string, string>) => [control, from, to])).toEqual([
      ['EC2.13', 'observed', 'fixed'],
      ['EC2.2', 'left', 'asked'],
      ['ECR.1', 'left', 'fixed'],
    ]);
    expect(await diff({ json: false })).toMatch(/findings that are open and new end otherwise:\naccount +fixed/);

    await suture.setPolicy(parsePolicy(policy, file, REMEDIATIONS));
    const traces = await suture.process(...arranged);
    expect(traces.map(({ route, outcome }) => outcome ?? route)).toEqual(['FIXED', 'ignore', 'FIXED', 'WAITING']);
  });

  it('leaves out findings that were rolled back', async () => {
    await suture.setPolicy(TEST_POLICY);
    const finding = await suture.arrange('EC2.13', { account: DATA });
    await suture.process(finding);
    const open = async () => JSON.parse(await diff()).impact.open;
    const before = await open();
    addKnownFinding(suture.kernel, finding as never);
    expect(await open()).toBe(before + 1);
    await rollbackCommand(finding.Id, { ...operator(), reason: 'a test' });
    addKnownFinding(suture.kernel, finding as never);
    expect(await open()).toBe(before);
  });
});

/** As Security Hub does when the control passes. */
const passes = (finding: ControlFinding) =>
  addKnownFinding(suture.kernel, {
    ...finding,
    Compliance: { ...finding.Compliance, Status: 'PASSED' },
    Workflow: { Status: 'RESOLVED' },
  } as never);

describe('suture triage', () => {
  const triage = (options: object = {}) => triageCommand({ ...operator(), file, ...options });
  const first = async () => JSON.parse((await triage()).text);
  /** Answers each question in turn, and fails if there is one more. */
  const session = (...answers: string[]) => triageAt(file, ...answers);
  async function triageAt(policy: string, ...answers: string[]) {
    const questions: string[] = [];
    const shown: string[] = [];
    const answer = async (question: string) => {
      questions.push(question);
      if (answers.length === 0) throw new Error(`nobody answers "${question}"`);
      return answers.shift()!;
    };
    const result = await triage({ json: false, file: policy, answer, show: (text: string) => void shown.push(text) });
    expect(answers).toEqual([]);
    await suture.sandbox.settled();
    return { ...result, questions, shown: shown.join('\n') };
  }

  it('shows nothing at first, then a failure with its causes, and replays it', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto' } });
    const deny = async (question: string) =>
      question === 'Why? ' ? 'a test' : question.includes('[d]eny') ? 'd' : 's';
    await triage({ json: false, answer: deny });
    await suture.sandbox.settled();
    expect(await first()).toEqual({ item: null, commands: [], others: [] });
    const { aws, now, yes } = operator();
    const switches = { ledger: stopsClient(new DynamoDBClient(aws), now), yes };
    await stopCommand({ ...switches, reason: 'a trial' });
    const stopped = await triage();
    expect(stopped.failed).toBe(true);
    expect(JSON.parse(stopped.text)).toMatchObject({
      ...{ item: null, commands: [] },
      others: [expect.stringMatching(/^Suture is stopped .* a trial: .* resume --reason/)],
    });
    expect((await triage({ json: false })).text).toMatch(/^No key deals with the rest:\n {2}Suture is stopped/);
    await resumeCommand({ ...switches, reason: 'over' });
    const finding = await suture.arrange('EC2.13');
    await suture.withFaults([denyRevoke], () => suture.process(finding));
    const { item, commands } = await first();
    expect(item).toMatchObject({ kind: 'failure', id: finding.Id, facts: { account: SHOP, severity: 'HIGH' } });
    expect(item.causes.join()).toContain('RevokeSecurityGroupIngress');
    expect(commands[0]).toBe(`suture replay ${finding.Id} --reason "…"`);
    const page = await triage({ json: false });
    expect(page).toMatchObject({ failed: true, text: expect.stringContaining(commands[1]) });

    expect(await session('x', 's')).toMatchObject({
      ...{ failed: true, text: 'That was all; 1 skipped.' },
      shown: expect.stringContaining('There is no key "x" here.'),
    });
    const { failed, shown, questions } = await session('r', 'the right is back');
    expect({ failed, questions }).toMatchObject({
      failed: false,
      questions: [expect.stringMatching(/^\[r\]eplay/), 'Why? '],
    });
    expect(shown).toContain('1 fixed');
    expect(await triage({ json: false })).toEqual({ text: 'Nothing else needs a person.', failed: false });
  });

  it('asks for a key if one key is enough, and for text otherwise', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto' } });
    const finding = await suture.arrange('EC2.13');
    await suture.withFaults([denyRevoke], () => suture.process(finding));
    const asked: string[] = [];
    const answering = (kind: string, reply: string) => async (question: string) => {
      asked.push(`${kind} ${question}`);
      return reply;
    };
    const [press, answer] = [answering('key', 'r'), answering('words', 'the right is back')];
    const { failed } = await triage({ json: false, answer, press });
    await suture.sandbox.settled();
    expect({ failed, asked }).toEqual({
      failed: false,
      asked: [expect.stringMatching(/^key \[r\]eplay/), 'words Why? '],
    });
  });

  it('begins with a failure, continues after a wrong answer, exempts a failed finding, and approves a waiting one', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto', 'EC2.2': 'approve' } });
    await writeFile(file, POLICY);
    const failing = await suture.arrange('EC2.13');
    await suture.withFaults([denyRevoke], () => suture.process(failing));
    const waiting = await suture.arrange('EC2.2');
    await suture.process(waiting);
    expect((await first()).item.id).toBe(failing.Id);
    const { shown } = await session('e', 'yesterday', '90d', '', 's', 'a');
    expect(shown).toContain('Approved by ');
    expect(shown.match(/^ {2}(change|difference) /gm)).toHaveLength(2);
    expect(shown).toContain('--until takes a day');
    expect((await first()).item.id).toBe(failing.Id);
    const missing = await triageAt(join(folder, 'missing.yaml'), 'e', '90d', 'web', 'on purpose', 's');
    expect(missing.shown).toContain('there is no such file');
    expect(missing.text).toBe('That was all; 1 skipped.');
    await session('e', '90d', 'web', 'on purpose');
    expect(await readFile(file, 'utf8')).toContain(failing.Resources[0]!.Id);
  });
});

describe('suture next', () => {
  const steps = async (options: object = {}) =>
    JSON.parse((await nextCommand({ ...operator(), ...options })).text).map(({ step }: { step: string }) => step);

  it('names what fails, what waits, and a policy that only observes, with their commands', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto', 'EC2.2': 'approve' } });
    await suture.process(await suture.arrange('EC2.13', { account: ACQUIRED }), await suture.arrange('EC2.2'));
    expect(await steps()).toEqual(expect.arrayContaining(['member-role', 'approvals']));
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'observe' } });
    await putExistingFindings(suture, [await suture.arrange('EC2.13')]);
    expect((await steps()).slice(-2)).toEqual(['backfill', 'observing']);
    const { text, failed } = await nextCommand({ ...operator(), json: false });
    expect(failed).toBe(true);
    expect(text).toContain('suture replay --failed --error MemberRoleUnavailable');
  });

  it('says how to deploy if Suture is not installed', async () => {
    const aws = suture.sandbox.administrator(suture.context.serviceAccount, 'ap-south-1');
    expect(await steps({ aws })).toEqual(['deploy']);
  });
});

describe('suture report', () => {
  it('counts outcomes, failing findings, and units', async () => {
    const sections = JSON.parse(await reportCommand({ ...operator(), from: '1d' }));
    const rowsOf = (name: string) => sections.find(({ id }: { id: string }) => id === name).rows;
    expect(Number(rowsOf('outcomes').find(([name]: string[]) => name === 'fixed')[1])).toBeGreaterThan(2);
    expect(rowsOf('units').map(([unit]: string[]) => unit)).toContain('/Workloads');
    expect(rowsOf('time')[0][0]).toBe('all');
    expect(rowsOf('benchmarks').map(([, number]: string[]) => number)).toContain('5.4');
  });
  it('counts findings that owners fixed, without those that Suture fixed', async () => {
    const ownerFixes = async (): Promise<Record<string, string>> => {
      const sections = JSON.parse(await reportCommand({ ...operator(), from: '1d' }));
      const { rows } = sections.find(({ id }: { id: string }) => id === 'owners');
      return Object.fromEntries(rows.map(([control, , , later]: string[]) => [control, later]));
    };
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'auto', 'EC2.14': 'observe' } });
    const fixed = await suture.arrange('EC2.13');
    const [observed, left] = [await suture.arrange('EC2.14'), await suture.arrange('EC2.14', { account: DATA })];
    const denied = await suture.arrange('EC2.13', { account: DATA });
    await suture.process(fixed, observed, left);
    await suture.withFaults([denyRevoke], () => suture.process(denied));
    const before = await ownerFixes();
    for (const each of [fixed, observed, denied]) passes(each);
    expect(await ownerFixes()).toEqual({ ...before, 'EC2.14': String(Number(before['EC2.14'] ?? 0) + 1) });
  });
  it('is written to a file, and refuses an empty or too long period', async () => {
    const output = join(folder, 'report.html');
    await reportCommand({ ...operator(), json: false, format: 'html', output });
    expect(await readFile(output, 'utf8')).toMatch(/^<!doctype html>/);
    await expect(reportCommand({ ...operator(), from: '1d', to: '2d' })).rejects.toThrow('must not be after');
    await expect(reportCommand({ ...operator(), from: '500d' })).rejects.toThrow('keeps 366 days');
  });
});
