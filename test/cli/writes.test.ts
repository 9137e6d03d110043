import { readdir, readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CommandEntry } from '../../cli/command.ts';
import { COMMANDS } from '../../cli/commands.generated.ts';
import { createSandbox, type Sandbox } from '../../sandbox/index.ts';
import { suture } from '../support/command-line.ts';

const ACCOUNT = '111111111111';
const REASON = ['--reason', 'why', '--yes'];
/** Command lines that pass every check of usage. */
const COMMAND_LINES: Readonly<Record<string, readonly string[]>> = {
  approve: ['0123abcd', '--yes'],
  backfill: ['--control', 'EC2.13', ...REASON],
  deny: ['0123abcd', ...REASON],
  'dlq redrive': ['suture-failures-dlq', ...REASON],
  'events replay': ['--from', '2h', ...REASON],
  exempt: ['a-finding', '--until', '90d', '--owner', 'ann', ...REASON],
  'ip-ranges apply': ['--yes'],
  'ip-ranges approve': ['692a7f10c0ffee00', '--yes'],
  'ip-ranges propose': [
    new URL('../fixtures/ip-ranges/joined/rows-joined.1.json', import.meta.url).pathname,
    '--reason',
    'why',
    '--yes',
  ],
  'ip-ranges remove': ['--target', 'origin', '--yes'],
  announce: ['a test'],
  'messages test': ['night'],
  'policy approve': ['692a7f10c0ffee00', '--yes'],
  'proposals approve': ['692a7f10c0ffee00', '--yes'],
  'proposals deny': ['692a7f10c0ffee00', '--yes'],
  'policy push': ['--yes'],
  replay: ['a-finding', ...REASON],
  resume: REASON,
  rollback: ['a-finding', ...REASON],
  rollout: ['--canary', '/Sandbox', '--yes'],
  stop: REASON,
  triage: [],
};

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await createSandbox({
    organization: { id: 'o-example', managementAccount: ACCOUNT, accounts: [{ id: ACCOUNT, name: 'security' }] },
    homeRegion: 'us-east-1',
  });
  const { accessKeyId, secretAccessKey, sessionToken } = sandbox.administrator(ACCOUNT).credentials;
  const environment = {
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_PROFILE: undefined,
    XDG_CONFIG_HOME: '/nowhere',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await sandbox.close();
});

async function writingCommands(entries: readonly CommandEntry[], group = ''): Promise<string[]> {
  const names = await Promise.all(
    entries.map(async (entry) => {
      const name = `${group}${entry.name}`;
      if ('commands' in entry) return writingCommands(entry.commands, `${name} `);
      return (await entry.load()).default.writes ? [name] : [];
    }),
  );
  return names.flat();
}

/** Of local files, and of StackSets, about which IAM cannot be asked without a change. */
const UNASKED = ['commands/exempt.ts', 'commands/rollout.ts'];

it('a file that asks a person asks IAM before', async () => {
  const folder = new URL('../../cli/', import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter((file) => /^(?!output).*\.ts$/.test(file));
  const asking = await Promise.all(
    files.map(async (file) => {
      const [before, after] = (await readFile(new URL(file, folder), 'utf8')).split('await confirm(');
      return after === undefined || /await \w*\.?require(Run)?Permission\(/.test(before!) ? [] : [file];
    }),
  );
  expect(asking.flat().sort()).toEqual(UNASKED);
});

describe('a command that writes', () => {
  it('is in this table', async () => {
    expect((await writingCommands(COMMANDS)).sort()).toEqual(Object.keys(COMMAND_LINES).sort());
  });
  it.each(Object.entries(COMMAND_LINES))('%s says first where it writes and as whom', async (name, args) => {
    const listeners = process.listenerCount('SIGINT');
    const { out, error } = await suture(...name.split(' '), ...args);
    const [first] = error.split('\n');
    expect(first).toMatch(/^Suture in account 111111111111, us-east-1; you are arn:aws:sts::111111111111:/);
    expect(out).toBe('');
    expect(process.listenerCount('SIGINT')).toBe(listeners);
  });
});
