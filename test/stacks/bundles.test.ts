import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { buildBundles } from '../../stacks/bundles.ts';
import { remediationFunctionName } from '../../stacks/names.ts';

let outdir = '';
beforeAll(async () => {
  outdir = await mkdtemp(join(tmpdir(), 'bundles-'));
  await buildBundles(REMEDIATIONS, outdir);
});
afterAll(() => rm(outdir, { recursive: true }));

const functions = ['triage', 'proxy', 'report', 'finding-updates', 'approvals', 'policy-validator'].map(
  (name) => `suture-${name}`,
);
const ofRemediations = REMEDIATIONS.map(({ id }) => remediationFunctionName(id));
const bundle = (name: string) => readFile(join(outdir, name, 'index.mjs'), 'utf8');

test.each([...functions, ...ofRemediations])('%s has a bundle that exports its handler', async (name) => {
  const { handler } = await import(join(outdir, name, 'index.mjs'));
  expect(handler).toBeInstanceOf(Function);
});

test.each(ofRemediations)('%s keeps within 900 KB', async (name) => {
  expect((await bundle(name)).length).toBeLessThan(900_000);
});

test('a remediation carries only the schemas of the operations that it calls', async () => {
  const text = await bundle('suture-remediation-ec2-close-admin-ports');
  expect(text).toContain('RevokeSecurityGroupIngress');
  expect(text).not.toContain('RunInstances');
});

test.each(['suture-triage', 'suture-policy-validator'])(
  '%s knows the remediations and carries none of their clients',
  async (name) => {
    const text = await bundle(name);
    for (const { id } of REMEDIATIONS) expect(text).toContain(id);
    expect(text).not.toContain('RevokeSecurityGroupIngressRequest');
    expect(text).not.toContain('ec2.amazonaws.com');
  },
);

test.each(functions)('%s reads no YAML: positions are for the desk', async (name) => {
  expect(await bundle(name)).not.toContain('tag:yaml.org');
});

test('a remediation loads the HTTP client, and not the implementation of fetch, which would take a third of its start', async () => {
  const file = join(outdir, 'suture-remediation-ec2-close-admin-ports', 'index.mjs');
  const script = `await import(${JSON.stringify(file)}); console.log(JSON.stringify(process.moduleLoadList));`;
  const env = { AWS_REGION: 'us-east-1' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  const loaded: string[] = JSON.parse(stdout);
  expect(loaded).toContain('NativeModule _http_client');
  expect(loaded.filter((name) => name.includes('undici'))).toEqual([]);
});
