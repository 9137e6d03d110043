/** Somebody else's package, from nothing to a fixed finding, without a change to a file of this repository. */
import { execFileSync } from 'node:child_process';
import { appendFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { controlFinding } from '../../../lab/organization/finding.ts';
import { copyRepository, type RepositoryCopy } from '../../support/copy.ts';

const ID = 'our-ec2/name-owner';
const CONTROL = 'EC2.43';
const REPOSITORY = 'arn:aws:ecr:eu-west-1:333333333333:repository/shop';
const GROUP = 'arn:aws:ec2:eu-west-1:333333333333:security-group/sg-0123456789abcdef0';

let copy: RepositoryCopy;
let temporary: string;
let folder: string;
let named: string;
beforeAll(async () => {
  copy = await copyRepository();
  temporary = await realpath(await mkdtemp(join(tmpdir(), 'suture-stranger-')));
  folder = join(temporary, 'our-fixes');
  named = relative(await realpath(copy.root), folder);
});
afterAll(() => Promise.all([copy.remove(), rm(temporary, { recursive: true })]));

const EXECUTED: string[] = [];
function npm(script: string, ...args: string[]) {
  EXECUTED.push(
    [script === 'start' ? 'npm start' : `npm run ${script}`, ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  );
  return copy.script(script, ...args);
}
const suture = (...args: string[]) => npm('suture', ...args);
const textOf = (path: string) => readFile(join(copy.root, path), 'utf8');
/** The function's entry and the chunks that it imports. */
async function bundle(name: string): Promise<string> {
  const folder = `.build/bundles/${name}`;
  const files = await readdir(join(copy.root, folder));
  return (await Promise.all(files.map((file) => textOf(join(folder, file))))).join('');
}

it('is written by new:package, with the next steps', async () => {
  const { code, out } = await npm('new:package', named);
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(out).toContain(`"remediations": ["${named}"]`);
  expect(out).toContain(`npm run prove -- ${ID}`);
  expect(await npm('new:package', folder)).toMatchObject({ code: 2, out: expect.stringContaining('exists already') });
  expect(await npm('new:package', 'own-fixes')).toMatchObject({
    code: 2,
    out: expect.stringContaining('is in this repository'),
  });
});

it('compiles with types of this repository', async () => {
  EXECUTED.push(`npx tsc -p ${named}`);
  const { code, out } = await copy.run('npx', 'tsc', '-p', named);
  expect({ code, out }).toEqual({ code: 0, out: '' });
});

it('is unknown until cdk.json names it', async () => {
  expect(await npm('prove', ID)).toMatchObject({
    code: 2,
    out: expect.stringContaining(`No remediation is named "${ID}"`),
  });
  expect(await suture('explain', ID)).toMatchObject({ code: 2 });
  const cdk = JSON.parse(await textOf('cdk.json'));
  cdk.context.suture.remediations = [named];
  await writeFile(join(copy.root, 'cdk.json'), JSON.stringify(cdk, null, 2));
});

it('is refused at synthesis until it is proven', async () => {
  const { code, out } = await npm('synth');
  expect(code).toBe(1);
  expect(out).toContain(`${named}: ${ID} has no proof. Prove it: npm run prove -- ${ID}`);
  expect(out).not.toContain('at async');
});

it('is proven by the laws', async () => {
  const { code, out } = await npm('prove', ID);
  expect({ code, out }).toMatchObject({
    code: 0,
    out: expect.stringMatching(/✓ All \d+ laws hold: \d+ cases in 4 scenarios/),
  });
  const proof = JSON.parse(await readFile(join(folder, 'remediations', ID, 'proof.json'), 'utf8'));
  expect(proof).toMatchObject({ remediation: ID, code: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

it('may begin with a setting of the kit, whose index has ten lines', async () => {
  const settings = `${named}-settings`;
  const id = 'own-ecr/keep-image-tags';
  expect(await npm('new:package', settings, '--namespace', 'own', '--setting')).toMatchObject({ code: 0 });
  const cdk = JSON.parse(await textOf('cdk.json'));
  cdk.context.suture.remediations = [named, settings];
  await writeFile(join(copy.root, 'cdk.json'), JSON.stringify(cdk, null, 2));
  expect(await copy.run('npx', 'tsc', '-p', settings)).toEqual({ code: 0, out: '' });
  expect(await npm('prove', id)).toMatchObject({ code: 0, out: expect.stringMatching(/✓ All \d+ laws hold/) });
  const index = await readFile(join(copy.root, settings, 'remediations', id, 'index.ts'), 'utf8');
  const [, module = ''] = index.split('export default ');
  expect(module.trim().split('\n').length).toBeLessThanOrEqual(10);
});

it('is refused at synthesis until the boundary that it needs is acknowledged', async () => {
  const { code, out } = await npm('synth');
  expect(code).toBe(1);
  expect(out).toContain('suture-member: ec2:CreateTags');
  expect(await npm('acknowledge-boundary')).toMatchObject({
    code: 0,
    out: expect.stringContaining('+ suture-member: ec2:CreateTags'),
  });
});

it('is listed like the others, with its readme', async () => {
  const catalogue = await suture('catalogue', '--service', 'ec2');
  expect(catalogue.out).toContain(`${CONTROL}\tsafe\t${ID}\tName an owner of the security group`);
  const page = await suture('explain', CONTROL);
  expect(page.out).toContain(`${named}/remediations/${ID}/readme.md`);
  expect(page.out).toContain('A security group without the tag `owner` gets it');
});

it('is known to policies', async () => {
  const policy = join(temporary, 'policy.yaml');
  const rule = (owner: string) =>
    `version: 1\ncontrols:\n  ${CONTROL}:\n    mode: auto\n    params: { owner: ${owner} }\n`;
  await writeFile(policy, rule('network-team'));
  expect(await suture('policy', 'check', policy)).toMatchObject({ code: 0 });
  await writeFile(policy, rule("''"));
  expect(await suture('policy', 'check', policy)).toMatchObject({ code: 1, out: expect.stringContaining('owner') });
  expect(await npm('synth')).toMatchObject({ code: 0, out: expect.stringContaining('policy.schema.json knows') });
  const { properties } = JSON.parse(await textOf('cdk.out/policy.schema.json'));
  expect(properties.controls.properties[CONTROL]).toMatchObject({ description: 'Name an owner of the security group' });
});

it('is deployed, and fixes a finding', async () => {
  const finding = join(temporary, 'finding.json');
  const resource = { Type: 'AwsEc2SecurityGroup', Id: GROUP, Region: 'eu-west-1', Partition: 'aws' };
  const place = { account: '333333333333', region: 'eu-west-1' };
  const name = '00000000-5ca1-4b1e-8f1e-000000000000';
  await writeFile(
    finding,
    JSON.stringify(controlFinding({ ...place, control: CONTROL, resource, name, at: new Date() })),
  );
  const { code, out } = await suture('simulate', '--json', finding);
  expect({ code, out }).toMatchObject({ code: 0 });
  expect(JSON.parse(out)).toMatchObject({ control: CONTROL, route: 'remediate', outcome: 'FIXED', resource: GROUP });
});

it('may be one setting, which is deployed too', async () => {
  const finding = join(temporary, 'setting.json');
  const resource = { Type: 'AwsEcrRepository', Id: REPOSITORY, Region: 'eu-west-1', Partition: 'aws' };
  const place = { account: '333333333333', region: 'eu-west-1' };
  const name = '00000000-5ca1-4b1e-8f1e-000000000001';
  const about = controlFinding({ ...place, control: 'ECR.2', resource, name, at: new Date() });
  await writeFile(finding, JSON.stringify(about));
  const { code, out } = await suture('simulate', '--json', finding);
  expect({ code, out }).toEqual({ code: 0, out: expect.any(String) });
  expect(JSON.parse(out)).toMatchObject({ control: 'ECR.2', outcome: 'FIXED', resource: REPOSITORY });
});

it('has a function, a rule, a statement of the member role, and a declaration in each bundle that needs one', async () => {
  const template = (stack: string) => textOf(`cdk.out/${stack}.template.json`);
  expect(await template('SutureRemediations-our-ec2')).toContain('suture-remediation-our-ec2-name-owner');
  expect(await template('SutureSecurity')).toContain(`"${CONTROL}"`);
  const member = JSON.parse(await template('SutureMemberRole'));
  const statements = Object.values<any>(member.Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::ManagedPolicy')
    .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Condition }) => JSON.stringify(Condition ?? {}).includes(ID));
  expect(statements.flatMap(({ Action }) => Action)).toEqual(expect.arrayContaining(['ec2:CreateTags']));
  for (const name of ['triage', 'policy-validator', 'unexplained-sessions', 'api'])
    expect((await bundle(name)).includes(ID), name).toBe(true);
  expect((await bundle('triage')).includes('tagged it with owner=')).toBe(false);
});

it('does not disturb npm start', async () => {
  const { code, out } = await npm('start', '--json');
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('"ok": true') });
});

it('is part of the command line that operators install', async () => {
  const { code, out } = await copy.run('node', 'cli/build.ts');
  expect({ code, out }).toEqual({ code: 0, out: '' });
  const elsewhere = join(temporary, 'cli');
  await mkdir(elsewhere);
  execFileSync('cp', ['-r', join(copy.root, 'cli/dist'), join(copy.root, 'cli/package.json'), elsewhere]);
  const page = execFileSync(process.execPath, [join(elsewhere, 'dist/cli/modules/main.js'), 'explain', CONTROL], {
    cwd: elsewhere,
  });
  expect(page.toString()).toContain(ID);
});

it('takes the commands that CONTRIBUTING.md gives', async () => {
  const [, section = ''] = (await textOf('CONTRIBUTING.md')).split('## Add remediations in a package of your own\n');
  const blocks = [...section.split('\n## ')[0]!.matchAll(/ ```sh\n([\s\S]*?) ```/g)].map(([, block]) => block!);
  const commands = blocks.join('').trim().split(/\n\s*/);
  expect(commands).toHaveLength(7);
  const ran = (command: string) => EXECUTED.some((each) => each.startsWith(command));
  const typed = commands.map((command) => command.replace('../our-fixes', named).replace('npm run -s', 'npm run'));
  expect(typed.filter((command) => !ran(command))).toEqual([]);
});

it('changes no generated file', async () => {
  expect(await copy.run('node', 'tools/generate.ts', '--check')).toMatchObject({ code: 0 });
});

it('loses its proof when its code changes, or a law breaks', async () => {
  const index = join(folder, 'remediations', ID, 'index.ts');
  const before = await readFile(index, 'utf8');
  await appendFile(index, '// Nothing that matters.\n');
  expect((await npm('synth')).out).toContain(`${ID} has changed since it was proven. Prove it: npm run prove -- ${ID}`);
  await writeFile(index, before.replace('owner: params.owner', "owner: 'nobody'"));
  expect(await npm('prove', ID)).toMatchObject({ code: 0 });
  await writeFile(index, before.replace("Tags: [{ Key: 'owner' }]", 'Tags: []'));
  expect(await npm('prove', ID)).toMatchObject({ code: 1, out: expect.stringContaining('✗ rollback') });
  expect((await npm('synth')).out).toContain(`${ID} has no proof.`);
});

it('does not stop commands that need no remediation, even if it is gone', async () => {
  await rm(folder, { recursive: true });
  expect(await suture('catalogue')).toMatchObject({
    code: 1,
    out: expect.stringContaining(`${named}: there is no folder`),
  });
  expect(await suture('stop', '--help')).toMatchObject({ code: 0 });
  expect((await npm('synth')).out).toContain(`${named}: there is no folder`);
});
