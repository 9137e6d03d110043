import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it.each(['service', 'operation', 'remediation', 'resource-type', 'package'])(
  'npm run new:%s -- --help prints its usage alone',
  async (kind) => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [`tools/new-${kind}.ts`, '--help']);
    expect(stdout.startsWith(`npm run new:${kind} -- <`)).toBe(true);
    expect(stderr).toBe('');
  },
);

const TOOLS = readdirSync('tools').filter(
  (file) =>
    /^(new|keep|upgrade|acknowledge|measure|check|generate|synth|prove)[^.]*\.ts$/.test(file) &&
    file !== 'new-setting.ts',
);

it.each(TOOLS)('%s refuses an option that it does not have, with its usage and without a stack trace', async (tool) => {
  const run = promisify(execFile)(process.execPath, [`tools/${tool}`, '--nonsense']);
  const { code, stdout, stderr } = await run.then(
    () => ({ code: 0, stdout: '', stderr: '' }),
    (error) => error,
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('There is no option --nonsense. --help lists them.');
  expect(stderr).toMatch(/npm run|node tools/);
  expect(stderr).not.toContain('    at ');
});

it('npm run soak -- --help names what it takes once', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['bin/soak.ts', '--help']);
  expect(stdout).toMatch(
    /^Usage: soak \[name\] \[options\] +\(in this repository: npm run soak -- \[name\] \[options\];/,
  );
});

it('git ignores the package that npm pack writes', async () => {
  expect((await readFile('.gitignore', 'utf8')).split('\n')).toContain('*.tgz');
});
