import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppConfigClient } from '@aws-sdk/client-appconfig';
import { AppConfigDataClient } from '@aws-sdk/client-appconfigdata';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { policyStore } from '../../../cli/clients/policy.ts';
import { checkCommand } from '../../../cli/commands/policy/check.ts';
import { diffCommand } from '../../../cli/commands/policy/diff.ts';
import { pushCommand } from '../../../cli/commands/policy/push.ts';
import { showPolicyCommand } from '../../../cli/commands/policy/show.ts';
import { policySource } from '../../../functions/aws/policy-source.ts';
import type { Proposal } from '../../../functions/domain/proposal.ts';
import { REMEDIATIONS } from '../../../functions/remediations/registry.generated.ts';
import { type RunningOrganization, runOrganization } from '../../../lab/organization/organization.ts';
import { approveAsSecondPerson } from '../../../lab/organization/second-person.ts';
import { readPolicy } from '../../../stacks/policy.ts';

let running: RunningOrganization;
let client: AppConfigClient;
let folder: string;

beforeAll(async () => {
  running = await runOrganization([]);
  client = new AppConfigClient(running.sandbox.administrator(running.context.securityAccount));
  folder = await mkdtemp(join(tmpdir(), 'policy-'));
}, 300_000);
afterAll(async () => {
  await running.sandbox.close();
  await rm(folder, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

async function fileWith(controls: string, more = ''): Promise<string> {
  const file = join(folder, 'policy.yaml');
  await writeFile(file, `version: 1\ncontrols: ${controls}\n${more}`);
  return file;
}

async function readByFunctions() {
  for (const [name, value] of Object.entries({ APPLICATION: 'suture', ENVIRONMENT: 'live', PROFILE: 'policy' }))
    vi.stubEnv(`POLICY_${name}`, value);
  const settings = running.sandbox.administrator(running.context.securityAccount);
  return policySource(new AppConfigDataClient(settings)).read();
}

/** Somebody else approves what widens. */
async function push(file: string | undefined, options: object = {}) {
  const { proposal, ...report } = JSON.parse(await pushCommand(file, { json: true, yes: true, client, ...options }));
  if (!proposal) return report;
  return { ...report, deployment: (await approveAsSecondPerson(running, proposal)).deployment };
}

describe('suture policy in the sandbox', () => {
  it('diff finds no change against the policy that the stack deployed', async () => {
    expect(await diffCommand('policy.yaml', { client })).toBe('Nothing changes against version 1, which is deployed.');
    expect(await readByFunctions()).toEqual(readPolicy('policy.yaml', REMEDIATIONS));
  });

  it('diff compares a file with the deployed policy', async () => {
    await push(await fileWith('{ EC2.7: auto, EC2.13: observe, EC2.14: auto }'));
    const file = await fileWith('{ EC2.7: off, EC2.13: { mode: observe, ous: { /Workloads: auto } }, EC2.14: auto }');
    const { version } = JSON.parse(await diffCommand(file, { client, json: true })).deployed;
    expect(await diffCommand(file, { client })).toBe(
      [
        '  EC2.7: auto → off',
        '! EC2.13: observe → auto in /Workloads',
        `2 changes against version ${version}, which is deployed; 1 marked ! let Suture write what it may not now.`,
      ].join('\n'),
    );
  });

  it('push deploys what functions read, and prints a way back that works', async () => {
    const before = await push(await fileWith('{ EC2.13: auto }'));
    const lines: string[] = [];
    const text = await pushCommand(await fileWith('{ EC2.13: observe }'), {
      ...{ yes: true, client },
      progress: (line) => lines.push(line),
    });
    expect(lines[0]).toContain('  EC2.13: auto → observe\n');
    expect(lines.at(-1)).toMatch(/^deployment \d+: COMPLETE$/);
    expect((await readByFunctions()).controls).toEqual({ 'EC2.13': 'observe' });
    expect(text).toContain(
      `Version ${before.version + 1} is deployed; every function reads it within a minute, and an execution that a person starts at once.`,
    );
    expect(text).toContain(`To go back: suture policy push --version ${before.version}`);

    expect(await push(undefined, { version: before.version })).toMatchObject({
      deployed: { version: before.version + 1 },
      changes: [{ text: 'EC2.13: observe → auto', widens: true }],
      version: before.version,
    });
    expect((await readByFunctions()).controls).toEqual({ 'EC2.13': 'auto' });
  });

  it('push proposes what widens, and prints the command that approves it', async () => {
    await push(await fileWith('{ EC2.13: observe }'));
    const lines: string[] = [];
    const text = await pushCommand(await fileWith('{ EC2.13: auto }'), {
      ...{ yes: true, client },
      progress: (line) => lines.push(line),
    });
    expect(lines).toEqual([expect.stringContaining('! EC2.13: observe → auto\n')]);
    expect(text).toMatch(/^Version \d+ is not deployed: .*\n {2}suture proposals approve [0-9a-f]{16}$/);
    expect((await readByFunctions()).controls).toEqual({ 'EC2.13': 'observe' });
  });

  it('push shows with --dry-run what changes, asks nobody, and adds no version', async () => {
    await push(await fileWith('{ EC2.13: observe }'));
    const store = await policyStore(client);
    const latest = await store.latestVersion();
    const text = await pushCommand(await fileWith('{ EC2.13: auto }'), { dryRun: true, client });
    expect(text).toMatch(/^! EC2\.13: observe → auto\n.*\nNothing was deployed\.$/);
    expect(await store.latestVersion()).toEqual(latest);
    expect((await readByFunctions()).controls).toEqual({ 'EC2.13': 'observe' });
  });

  it('push deploys nothing if nothing changes', async () => {
    const { version, deployment } = await push(await fileWith('{ EC2.13: auto, EC2.14: observe }'));
    expect(await push(await fileWith('{ EC2.13: { mode: auto }, EC2.14: observe }'))).toEqual({
      ...{ deployed: { version, deployment }, changes: [], version: null, deployment: null },
    });
  });

  it('push goes back to a version whose exceptions have expired since', async () => {
    const exception = (expires: string) => ({
      ...{ id: 'a', reason: 'r', owner: 'o', expires, criteria: { control: 'EC2.13' } },
    });
    const store = await policyStore(client);
    const ended = { ...readPolicy('policy.yaml', REMEDIATIONS), suppressions: [exception('2020-01-31')] };
    const version = await store.add(ended, await store.latestVersion());
    await push(await fileWith('{ EC2.13: off }'));
    expect(await push(undefined, { version })).toMatchObject({ version });
  });
});

describe('suture policy show', () => {
  const ROLLOUT = '{ EC2.13: { mode: observe, ous: { /Workloads: auto } }, EC2.7: auto }';

  it('prints the deployed version as a file that push and exempt take', async () => {
    const { version } = await push(await fileWith(ROLLOUT));
    const file = join(folder, 'shown.yaml');
    expect(await showPolicyCommand({ client, output: file })).toBe(`Version ${version} is written to ${file}.`);
    const text = await readFile(file, 'utf8');
    expect(text).toMatch(
      new RegExp(`^# Version ${version} of the policy, which is deployed\\.\n# .*\nversion: 1\ncontrols:\n`),
    );
    expect(await showPolicyCommand({ client })).toBe(text.trimEnd());
    expect(text).not.toContain('units:');
    expect(await diffCommand(file, { client })).toContain('Nothing changes against');
    expect(JSON.parse(await showPolicyCommand({ client, json: true }))).toMatchObject({ version: 1 });
  });
  it('prints an earlier version', async () => {
    const { version } = await push(await fileWith('{ EC2.14: observe }'));
    await push(await fileWith('{ EC2.14: off }'));
    const text = await showPolicyCommand({ client, version });
    expect(text).toMatch(new RegExp(`^# Version ${version} of the policy\\.`));
    expect(text).toContain('EC2.14: observe');
    await expect(showPolicyCommand({ client, version: 4711 })).rejects.toThrow('There is no version 4711');
  });
});

describe('suture policy refuses', () => {
  it('an invalid file, with lines, before it calls AWS', async () => {
    const file = await fileWith('{ EC2.133: auto }');
    const message = 'policy.yaml:2:13: controls.EC2.133: no remediation handles this control; did you mean EC2.13?';
    await expect(push(file)).rejects.toThrow(message);
    await expect(diffCommand(file, { client })).rejects.toThrow(message);
    const { text, failed } = await checkCommand(file, {});
    expect(failed).toBe(true);
    expect(text.split('\n')[0]).toBe(message);
    expect(text).toMatch(/policy.yaml is invalid: 1 problem\.$/);
  });

  it('an invalid version in AppConfig by the validator, with the same message; the previous policy stays deployed', async () => {
    await push(await fileWith('{ EC2.13: observe }'));
    const store = await policyStore(client);
    const unrouted = { ...readPolicy('policy.yaml', REMEDIATIONS), controls: { 'EC2.133': 'auto' as const } };
    const version = await store.add(unrouted, await store.latestVersion());
    const reply = await store.deploy(version, () => {});
    await expect(approveAsSecondPerson(running, (reply as { proposal: Proposal }).proposal)).rejects.toThrow(
      [
        `AppConfig refused version ${version}; the previous policy stays deployed. The policy is invalid.`,
        'controls.EC2.133: no remediation handles this control; did you mean EC2.13?',
      ].join('\n'),
    );
    expect((await readByFunctions()).controls).toEqual({ 'EC2.13': 'observe' });
  });

  it('a version when somebody else added one in the meantime', async () => {
    const store = await policyStore(client);
    const policy = readPolicy('policy.yaml', REMEDIATIONS);
    const seen = await store.latestVersion();
    await store.add(policy, seen);
    await expect(store.add(policy, seen)).rejects.toThrow('Somebody else added a version');
  });

  it.each([
    ['a push without an answer', {}, 'UsageError', 'Give --yes to agree'],
    [
      'a version that does not exist',
      { version: 4711, yes: true },
      'Failure',
      /^There is no version 4711 of the policy\. The newest are: (?=.*\b\d+ \(deployed\))\d[^.]*, \d+\.$/,
    ],
  ])('%s', async (_, options, name, message) => {
    const file = 'version' in options ? undefined : await fileWith('{ EC2.13: auto, EC2.7: auto }');
    await expect(pushCommand(file, { json: true, client, ...options })).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  it('a Region without Suture', async () => {
    const otherRegion = running.sandbox.administrator(running.context.securityAccount, 'ap-south-1');
    await expect(diffCommand('policy.yaml', { client: new AppConfigClient(otherRegion) })).rejects.toThrow(
      'AppConfig has no application "suture" here.',
    );
  });
});
