/** The commands by which a person decides on findings: exempt, coverage, policy diff --impact. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { coverageCommand } from '../../cli/commands/coverage.ts';
import { exemptCommand } from '../../cli/commands/exempt.ts';
import { diffCommand } from '../../cli/commands/policy/diff.ts';
import { rollbackCommand } from '../../cli/commands/rollback.ts';
import { SuturePolicy } from '../../functions/domain/policy.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { functionName } from '../../stacks/names.ts';
import { parsePolicy } from '../../stacks/policy.ts';
import { putExistingFindings, testOperator } from '../support/operator.ts';
import { CLOSED, DATA, type Pipeline, SHOP, startPipeline, TRAINING } from '../support/pipeline.ts';
import { TEST_POLICY } from '../support/policy.ts';

const POLICY = 'version: 1\n# ours\ncontrols:\n  EC2.13: approve # asks\n';

let suture: Pipeline;
let folder: string;
let file: string;
const operator = () => testOperator(suture);
beforeAll(async () => {
  suture = await startPipeline();
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
    expect(text).toContain(`npm run -s suture -- policy push ${file}`);
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

  it('says before what then happens to each open finding', async () => {
    await suture.setPolicy({
      ...TEST_POLICY,
      controls: { ...TEST_POLICY.controls, 'EC2.2': 'approve', 'KMS.4': 'off' },
    });
    const arranged = [
      await suture.arrange('EC2.13'),
      await suture.arrange('EC2.14', { account: DATA }),
      await suture.arrange('KMS.4'),
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
    expect(gains).toContainEqual({ control: 'KMS.4', mode: 'auto', more: 1, risk: 'safe' });

    const traces = await suture.process(...arranged);
    expect(traces.map(({ route, outcome }) => outcome ?? route)).toEqual([
      ...['FIXED', 'PLANNED', 'ignore', 'ARCHIVED', 'reject'],
    ]);
    await suture.setPolicy(TEST_POLICY);
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

  it('says what a push then does to each open finding, and what is riskiest', async () => {
    await suture.setPolicy({ ...TEST_POLICY, controls: { 'EC2.13': 'observe', 'EC2.14': 'auto', 'KMS.4': 'off' } });
    const arranged = [
      await suture.arrange('EC2.13', { account: DATA }),
      await suture.arrange('EC2.14', { account: DATA }),
      await suture.arrange('KMS.4', { account: DATA }),
      await suture.arrange('EC2.2', { account: DATA }),
    ];
    await putExistingFindings(suture, arranged);
    const policy = 'version: 1\ncontrols: { EC2.13: auto, EC2.14: "off", KMS.4: auto, EC2.2: approve }\n';
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
      ['KMS.4', 'left', 'fixed'],
    ]);
    expect(await diff({ json: false })).toMatch(/findings that are open and new end otherwise:\naccount +fixed/);

    await suture.setPolicy(parsePolicy(policy, file, REMEDIATIONS));
    const traces = await suture.process(...arranged);
    expect(traces.map(({ route, outcome }) => outcome ?? route)).toEqual(['FIXED', 'ignore', 'FIXED', 'WAITING']);
  });

  it('leaves out what was rolled back, which stays left alone', async () => {
    await suture.setPolicy(TEST_POLICY);
    const finding = await suture.arrange('EC2.13', { account: DATA });
    await suture.process(finding);
    const open = async () => JSON.parse(await diff()).impact.open;
    const before = await open();
    await putExistingFindings(suture, [finding]);
    expect(await open()).toBe(before + 1);
    await rollbackCommand(finding.Id, { ...operator(), reason: 'a test' });
    await putExistingFindings(suture, [finding]);
    expect(await open()).toBe(before);
  });
});
