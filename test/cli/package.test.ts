import { execFile } from 'node:child_process';
import { cp, glob, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
let executable: string;

/** Built-in functions that are younger than Node 20. */
const NEWER = `
const newer = [
  [Map, 'groupBy'], [Object, 'groupBy'], [Promise, 'withResolvers try'], [Array, 'fromAsync'], [RegExp, 'escape'],
  [Set.prototype, 'union intersection difference symmetricDifference isSubsetOf isSupersetOf isDisjointFrom'],
  [Iterator.prototype, 'map filter take drop flatMap reduce toArray forEach some every find'],
];
for (const [owner, names] of newer) for (const name of names.split(' ')) delete owner[name];
delete globalThis.Iterator;`;
const FINDINGS = 'test/fixtures/findings/consolidated.json';
const WITHOUT_NEWER = ['--import', `data:text/javascript,${encodeURIComponent(NEWER)}`];

/** The files of the package alone, outside of the repository. */
beforeAll(async () => {
  await run(process.execPath, ['cli/build.ts']);
  const folder = await mkdtemp(join(tmpdir(), 'suture-package-'));
  const { files, bin, type } = JSON.parse(await readFile('cli/package.json', 'utf8'));
  for (const file of files) await cp(join('cli', file), join(folder, file), { recursive: true });
  await cp('cli/package.json', join(folder, 'package.json'));
  expect(type).toBe('module');
  executable = join(folder, bin.suture);
});

async function bundlesWith(text: string): Promise<string[]> {
  const files: string[] = [];
  for await (const file of glob(join(dirname(executable), '*.js')))
    if ((await readFile(file, 'utf8')).includes(text)) files.push(file);
  return files;
}

describe('the package of the command line', () => {
  it('needs no other package', async () => {
    const { dependencies } = JSON.parse(await readFile('cli/package.json', 'utf8'));
    expect(dependencies).toBeUndefined();
  });
  it('runs outside of the repository, and names its commands as they are typed there', async () => {
    const help = await run(process.execPath, [executable, '--help'], { cwd: tmpdir() });
    expect(help.stdout).toMatch(/^Usage: suture <command>\n/);
    expect(help.stdout).not.toContain('npm run');
    expect(help.stdout).toMatch(/^ {2}status /m);
    expect(help.stdout).not.toMatch(/member-template|rollout|simulate/);
    const unknown = run(process.execPath, [executable, 'explain', 'EC2.999'], { cwd: tmpdir() });
    await expect(unknown).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('All of them: suture catalogue'),
    });
  });
  it.each([
    [['rollout', '--canary', '/Core Team'], "rollout --canary '/Core Team'"],
    [['--home-region', 'us-east-1', 'member-template', '--output', 'role.json'], 'member-template --output role.json'],
    [['simulate', 'finding.json'], 'simulate finding.json'],
    [['rollout', '--help'], 'rollout --help'],
  ])('says where a command is that only the repository has: %j', async (args, command) => {
    const elsewhere = run(process.execPath, [executable, ...args], { cwd: tmpdir() });
    await expect(elsewhere).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`in the package: .* clone .*: npm run -s suture -- ${command}\n$`)),
    });
  });
  it('names commands as they are typed there, also those that a text begins with a part of', async () => {
    const env = {
      PATH: process.env.PATH,
      HOME: '/nowhere',
      AWS_REGION: 'us-east-1',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const next = run(process.execPath, [executable, 'next'], { cwd: tmpdir(), env });
    await expect(next).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^(?!.*npm run -s).* {3}suture --profile suture-viewer/s),
    });
  });
  it.each([
    [['explain', 'EC2.13'], /close-admin-ports/],
    [['catalogue', '--service', 'ec2'], /EC2\.13/],
    [['coverage', '--policy', resolve('policy.yaml'), resolve(FINDINGS)], /^total\t\t\d/],
    [['policy', 'check', resolve('policy.yaml')], /valid/],
  ])('runs without what Node 20 lacks: %j', async (args, output) => {
    const { stdout } = await run(process.execPath, [...WITHOUT_NEWER, executable, ...args], { cwd: tmpdir() });
    expect(stdout).toMatch(output);
  });
  it('loads packages by static imports alone: of a dynamic one, its bundle has no names', async () => {
    for await (const file of glob('cli/**/*.ts', { exclude: ['cli/dist/**'] }))
      expect([file, (await readFile(file, 'utf8')).match(/import\('(?!\.|node:)[^']*'\)/)?.[0]]).toEqual([
        file,
        undefined,
      ]);
  });
  it("brings the operators' pages along, and names them by the command that prints them", async () => {
    const page = await run(process.execPath, [executable, 'docs', 'runbook'], { cwd: tmpdir() });
    expect(page.stdout).toContain('\n## findings-rejected\n');
    expect(page.stdout).toContain('(suture docs upgrade#a-role-that-is-too-old)');
    expect(page.stdout).not.toMatch(
      /\bdocs\/(?!try|unproven)[\w/]+\.md|npm run -s suture -- (?!rollout|member|simulate)\w/,
    );
    const section = await run(process.execPath, [executable, 'docs', 'errors'], { cwd: tmpdir() });
    expect(section.stdout).toContain('MemberRoleUnavailable');
    const unknown = run(process.execPath, [executable, 'docs', 'runbook#nowhere'], { cwd: tmpdir() });
    await expect(unknown).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('Its sections: ') });
    const env = { PATH: process.env.PATH, HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true' };
    const status = run(process.execPath, [executable, 'status'], { cwd: tmpdir(), env });
    await expect(status).rejects.toMatchObject({
      code: 3,
      stderr: expect.stringContaining('(suture docs operate#install-and-sign-in)'),
    });
  });
  it('brings its licence, and those of the packages whose code it contains', async () => {
    expect(await readFile('cli/LICENSE', 'utf8')).toBe(await readFile('LICENSE', 'utf8'));
    const licences = await readFile(join(dirname(executable), '../../third-party-licences.txt'), 'utf8');
    for (const name of ['@aws-sdk/client-sfn', '@smithy/core', 'commander', 'zod'])
      expect(licences).toMatch(new RegExp(`^${name} \\d+\\.`, 'm'));
    expect(licences).toContain('Permission is hereby granted');
  });
  it('has the catalogue and its readmes, and contains neither remediations nor the CDK', async () => {
    const { stdout } = await run(process.execPath, [executable, 'explain', 'EC2.13'], { cwd: tmpdir() });
    const repository = await run(process.execPath, ['bin/suture.ts', 'explain', 'EC2.13']);
    const inPackage = repository.stdout.replace(/^readme .*\n/m, '').replaceAll('npm run -s suture -- ', 'suture ');
    expect(inPackage).toMatch(/^session policy .*\nAWS /m);
    expect(stdout).toBe(inPackage);
    for (const heavy of ['ModifyDBInstanceCommand', 'aws-cdk-lib']) expect(await bundlesWith(heavy)).toEqual([]);
    const [first] = /[^\n]+/.exec(
      (await readFile('functions/remediations/ec2/close-admin-ports/readme.md', 'utf8')).split('## How to undo')[1]!,
    )!;
    expect(stdout.replace(/\s+/g, ' ')).toContain(first.slice(0, 40).replace(/[`*]/g, ''));
  });
});
