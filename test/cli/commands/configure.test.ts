import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { suture } from '../../support/command-line.ts';

const ACCOUNT = '111111111111';
let sandbox: Sandbox;
let home: string;
let file: string;

beforeAll(async () => {
  sandbox = await createSandbox({
    organization: { id: 'o-example', managementAccount: ACCOUNT, accounts: [{ id: ACCOUNT, name: 'security' }] },
    homeRegion: 'eu-west-1',
  });
});
afterAll(() => sandbox.close());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'suture-configure-'));
  file = join(home, 'suture', 'installations.json');
  const { accessKeyId, secretAccessKey, sessionToken } = sandbox.administrator(ACCOUNT).credentials;
  const process = {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
  };
  await writeFile(join(home, 'session.json'), JSON.stringify(process));
  await writeFile(join(home, 'config'), `[profile security]\ncredential_process = cat ${join(home, 'session.json')}\n`);
  const environment = {
    XDG_CONFIG_HOME: home,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    SUTURE_INSTALLATION: undefined,
    SUTURE_PREFIX: undefined,
    AWS_REGION: undefined,
    AWS_PROFILE: undefined,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

/** Each command is a process of its own, which begins with the environment of the test. */
async function command(...args: readonly string[]) {
  const { AWS_PROFILE, AWS_REGION, SUTURE_PREFIX } = process.env;
  const result = await suture(...args);
  vi.stubEnv('AWS_PROFILE', AWS_PROFILE);
  vi.stubEnv('AWS_REGION', AWS_REGION);
  vi.stubEnv('SUTURE_PREFIX', SUTURE_PREFIX);
  return result;
}

const configure = (name: string, account: string, ...more: readonly string[]) =>
  command('--profile', 'security', '--home-region', 'eu-west-1', 'configure', name, '--account', account, ...more);
const stop = (...more: readonly string[]) => command(...more, 'stop', '--reason', 'why', '--yes');

describe('configure', () => {
  it('keeps installations by name, the first of which is used until another is', async () => {
    await configure('production', ACCOUNT);
    await configure('staging', '222222222222');
    expect((await command('configure')).out).toBe(
      '* production  account 111111111111, eu-west-1, profile security\n  staging  account 222222222222, eu-west-1, profile security\n',
    );
    await command('configure', 'staging', '--use');
    await command('configure', 'production', '--remove');
    const { out } = await command('configure', '--json');
    const staging = { profile: 'security', region: 'eu-west-1', account: '222222222222' };
    expect(JSON.parse(out)).toEqual({ current: 'staging', installations: { staging } });
  });
  it('keeps the profile of --as, by the prefix of the installation', async () => {
    await command('--as', 'viewer', '--home-region', 'eu-west-1', 'configure', 'one', '--account', ACCOUNT);
    const staging = ['configure', 'two', '--account', ACCOUNT, '--prefix', 'staging'];
    const { out } = await command('--as', 'operator', '--home-region', 'eu-west-1', ...staging);
    expect(out).toContain('one  account 111111111111, eu-west-1, profile suture-viewer\n');
    expect(out).toContain('two  account 111111111111, eu-west-1, prefix staging, profile staging-operator\n');
  });
  it('leaves commands as they were before the first one, once the last one is removed', async () => {
    await configure('production', ACCOUNT);
    await command('configure', 'production', '--remove');
    const { code, error } = await command('--profile', 'security', '--home-region', 'eu-west-1', 'list');
    expect(code).toBe(3);
    expect(error).toContain('There is no table suture-ledger in eu-west-1');
    expect((await command('configure', 'production', '--remove')).error).toContain(
      'There is no installation "production" yet. Add it: suture --profile suture-operator --home-region us-east-1 configure production --account 111111111111',
    );
  });
  it.each<[args: string[], message: RegExp]>([
    [['configure', 'a b', '--account', ACCOUNT], /"a b" is not a name/],
    [['--home-region', 'eu-west-1', 'configure', 'production', '--account', '1'], /12 digits .*, not "1"/],
    [['configure', 'production', '--account', ACCOUNT], /Give the home Region/],
    [['--home-region', 'here', 'configure', 'production', '--account', ACCOUNT], /Suture knows no Region "here"/],
    [
      ['--home-region', 'us-eats-1', 'configure', 'production', '--account', ACCOUNT],
      /Suture knows no Region "us-eats-1"; did you mean us-east-1\?/,
    ],
    [['configure', 'nowhere', '--use'], /There is no installation "nowhere"/],
    [['configure', '--account', ACCOUNT], /Name the installation/],
    [
      ['--home-region', 'eu-west-1', 'configure', 'staging', '--account', ACCOUNT, '--prefix', 'st-aging'],
      /--prefix is "st-aging": expected a letter, then 1 to 10 lower-case letters and digits/,
    ],
  ])('refuses %j', async (args, message) => {
    const { code, error } = await command(...args);
    expect(code).toBe(2);
    expect(error).toMatch(message);
  });
  it('says which file is damaged', async () => {
    await configure('production', ACCOUNT);
    await writeFile(file, '{"current": 1}');
    const { code, error } = await command('configure');
    expect(code).toBe(1);
    expect(error).toContain(`${file} is damaged`);
  });
});

describe('a command', () => {
  it('uses the profile and the Region of the installation, and names it', async () => {
    await configure('production', ACCOUNT);
    expect((await stop()).error).toMatch(
      /^Suture "production" in account 111111111111, eu-west-1; you are arn:aws:sts:/,
    );
  });
  it('is refused by an installation in another account', async () => {
    await configure('production', ACCOUNT);
    await configure('staging', '222222222222');
    const { code, error } = await stop('--installation', 'staging');
    expect(code).toBe(3);
    expect(error).toContain('but the installation "staging" is in account 222222222222');
  });
  it('that runs in another account takes only the names of the installation', async () => {
    await configure('production', ACCOUNT);
    await configure('staging', '222222222222');
    const { code, error } = await command('--installation', 'staging', 'rollout', '--canary', '/Sandbox', '--yes');
    expect(code).toBe(3);
    expect(error).toContain('but the StackSet is in account 999999999999');
  });
  it('uses exported credentials rather than the current installation', async () => {
    await configure('production', '222222222222');
    const { AccessKeyId, SecretAccessKey, SessionToken } = JSON.parse(
      await readFile(join(home, 'session.json'), 'utf8'),
    );
    vi.stubEnv('AWS_ACCESS_KEY_ID', AccessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SecretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', SessionToken);
    expect((await stop('--home-region', 'us-east-2')).error).toMatch(/^Suture in account 111111111111, us-east-2;/);
  });
  it('looks for the names of the installation, which have its prefix', async () => {
    await configure('production', ACCOUNT);
    await configure('staging', ACCOUNT, '--prefix', 'staging');
    expect((await command('configure')).out).toContain(
      '  staging  account 111111111111, eu-west-1, prefix staging, profile security\n',
    );
    const missingTable = async (...args: readonly string[]) =>
      /There is no table (\S+) .* where (\S+) is deployed/.exec((await command(...args, 'list')).error)?.slice(1);
    expect(await missingTable('--installation', 'staging')).toEqual(['staging-ledger', 'StagingLedger']);
    expect(await missingTable('--installation', 'production')).toEqual(['suture-ledger', 'SutureLedger']);
    vi.stubEnv('SUTURE_PREFIX', 'other');
    expect(await missingTable('--installation', 'production')).toEqual(['other-ledger', 'OtherLedger']);
  });
  it('takes the profile of a role by the prefix of the installation', async () => {
    await configure('staging', ACCOUNT, '--prefix', 'staging');
    expect((await stop('--installation', 'staging', '--as', 'viewer')).error).toContain(
      'There is no profile "staging-viewer"',
    );
    expect((await stop('--as', 'viewer')).error).toContain('There is no profile "suture-viewer"');
  });
  it('names the installations that exist for one that does not', async () => {
    await configure('production', ACCOUNT);
    const { code, error } = await stop('--installation', 'prod');
    expect(code).toBe(2);
    expect(error).toContain(
      'There is no installation "prod"; did you mean production? There are: production. Add it: ',
    );
  });
});
