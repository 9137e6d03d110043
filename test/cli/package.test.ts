import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
let executable: string;

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
    expect(help.stdout).not.toMatch(/member-template|simulate/);
    const unknown = run(process.execPath, [executable, 'explain', 'EC2.999'], { cwd: tmpdir() });
    await expect(unknown).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('All of them: suture catalogue'),
    });
  });
  it('has the readmes of remediations', async () => {
    const { stdout } = await run(process.execPath, [executable, 'explain', 'EC2.13'], { cwd: tmpdir() });
    const [first] = /[^\n]+/.exec(
      (await readFile('functions/remediations/ec2/close-admin-ports/readme.md', 'utf8')).split('## How to undo')[1]!,
    )!;
    expect(stdout.replace(/\s+/g, ' ')).toContain(first.slice(0, 40).replace(/[`*]/g, ''));
  });
});
