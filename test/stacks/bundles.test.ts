import { execFile } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { remediationFunctionId } from '../../functions/domain/names.ts';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { assembly } from '../../stacks/assembly.ts';
import { buildBundles } from '../../stacks/bundles.ts';
import { BUNDLES } from '../../stacks/inputs.ts';

// A synthesis leaves its bundles beside the assembly.
beforeAll(async () => void (await assembly()));

const FUNCTIONS = ['triage', 'proxy', 'report', 'finding-updates', 'approvals', 'policy-validator'];
const REMEDIATION_FUNCTIONS = REMEDIATIONS.map(({ id }) => remediationFunctionId(id));
const entry = (name: string) => readFile(join(BUNDLES, name, 'index.mjs'), 'utf8');
async function bundle(name: string): Promise<string> {
  const files = await readdir(join(BUNDLES, name));
  return (await Promise.all(files.map((file) => readFile(join(BUNDLES, name, file), 'utf8')))).join('');
}

it.each([...FUNCTIONS, ...REMEDIATION_FUNCTIONS])('%s has a bundle that exports its handler', async (name) => {
  expect(await entry(name)).toMatch(/\bexport\s*\{\s*[\w$]+ as handler\s*\}/);
});

it.each(REMEDIATION_FUNCTIONS)('%s is smaller than 900 KB', async (name) => {
  expect((await bundle(name)).length).toBeLessThan(900_000);
});

it('a remediation contains the schemas of the operations that remediations call, and no others', async () => {
  const text = await bundle('remediation-ec2-close-admin-ports');
  expect(text).toContain('RevokeSecurityGroupIngress');
  expect(text).not.toContain('RunInstances');
});

it('a remediation contains the code of no other', async () => {
  const text = await bundle('remediation-ec2-close-admin-ports');
  const contained = REMEDIATIONS.filter(({ title }) => text.includes(title));
  expect(contained.map(({ id }) => id)).toEqual(['ec2/close-admin-ports']);
});

it('a remediation is complete: each file that it imports is in its folder', async () => {
  for (const name of REMEDIATION_FUNCTIONS) {
    const files = await readdir(join(BUNDLES, name));
    const imported = [...(await bundle(name)).matchAll(/(?:from|import)\s*\(?"\.\/([^"]+)"/g)].map(([, file]) => file);
    expect(files.toSorted(), name).toEqual([...new Set(['index.mjs', ...imported])].toSorted());
  }
});

it.each(['triage', 'policy-validator'])(
  '%s contains what remediations declare, without their code and their clients',
  async (name) => {
    const [text, fixes] = [await bundle(name), await bundle('remediation-ec2-close-admin-ports')];
    const settings = await bundle('remediation-rds-protect-instances');
    for (const { id, title } of REMEDIATIONS) {
      expect(text).toContain(id);
      expect(text).not.toContain(title);
    }
    for (const [remediation, mark] of [
      [settings, 'The resource takes no change now'],
      [fixes, 'RevokeSecurityGroupIngressRequest'],
      [fixes, 'ec2.amazonaws.com'],
    ] as const)
      expect([mark, remediation.includes(mark), text.includes(mark)]).toEqual([mark, true, false]);
  },
);

it.each(FUNCTIONS)('%s contains no YAML parser, which only the command line needs', async (name) => {
  const mark = 'tag:yaml.org';
  expect(await readFile('node_modules/yaml/dist/schema/tags.js', 'utf8')).toContain(mark);
  expect(await bundle(name)).not.toContain(mark);
});

it('a remediation loads the HTTP client without fetch, which would take a third of its start', async () => {
  const file = join(BUNDLES, 'remediation-ec2-close-admin-ports', 'index.mjs');
  const script = `await import(${JSON.stringify(file)}); console.log(JSON.stringify(process.moduleLoadList));`;
  const env = { AWS_REGION: 'us-east-1' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  const loaded: string[] = JSON.parse(stdout);
  expect(loaded).toContain('NativeModule _http_client');
  expect(loaded.filter((name) => name.includes('undici'))).toEqual([]);
});

it('bundles of the same code are built once, for all installations and in any order', async () => {
  const builtAt = async () => (await stat(join(BUNDLES, 'triage', 'index.mjs'))).mtimeMs;
  const before = await builtAt();
  await buildBundles(REMEDIATIONS.toReversed());
  expect(await builtAt()).toBe(before);
});
