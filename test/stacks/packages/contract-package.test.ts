/** The published form of the contract: compiled modules, with types, under the names of its sources. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import contract from '../../../functions/contract/package.json' with { type: 'json' };
import { CONTRACT_MODULES, PROVIDED_SOURCES } from '../../../stacks/packages/contract-version.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'suture-contract-'));
  await symlink(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  const build = ['-p', 'functions/contract/tsconfig.build.json', '--outDir', join(folder, 'dist')];
  await promisify(execFile)('node_modules/.bin/tsc', build);
});
afterAll(() => rm(folder, { recursive: true }));

it.each(Object.entries(contract.exports))('%s is built, and exports what its source exports', async (name, files) => {
  const source = CONTRACT_MODULES[`${contract.name}${name.slice(1)}`]!;
  const built = await import(pathToFileURL(join(folder, files.default)).href);
  expect(Object.keys(built).sort()).toEqual(Object.keys(await import(source.href)).sort());
  const types = await readFile(join(folder, files.types), 'utf8');
  expect(types).not.toContain('../');
  expect(basename(files.types, '.d.ts')).toBe(basename(source.pathname, '.ts'));
});

it('the kit exists under the names by which packages import it', async () => {
  expect(Object.keys(await import(PROVIDED_SOURCES['@suture/kit']!.href))).toEqual(
    expect.arrayContaining(['resourceType', 'setting']),
  );
  expect(Object.keys(await import(PROVIDED_SOURCES['@suture/kit/scenarios']!.href))).toEqual(
    expect.arrayContaining(['resourceFixture', 'settingScenarios']),
  );
});
