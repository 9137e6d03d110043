import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { callerOf } from '../../../cli/clients/caller.ts';
import { useProfile } from '../../../cli/clients/profile.ts';
import { type RunningOrganization, runOrganization, SAMPLE_MEMBERS } from '../../../lab/organization/organization.ts';
import { addAdministratorProfiles } from '../../../lab/story/administrators.ts';
import { createPeople, type SandboxPeople } from '../../../lab/story/people.ts';
import { seedText, servedText, usageText } from '../../../lab/story/serve.ts';
import { STORY_FINDINGS } from '../../../lab/story/story.ts';
import { PERSON_NAMES } from '../../../stacks/constructs/people-permissions.ts';
import { suture } from '../../support/command-line.ts';

let organization: RunningOrganization;
let given: SandboxPeople;
beforeAll(async () => {
  organization = await runOrganization([], { virtual: false });
  given = await createPeople(organization);
  vi.stubEnv('HOME', dirname(given.configFile));
  expect(homedir()).toBe(dirname(given.configFile));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await organization.sandbox.close();
  await rm(dirname(given.configFile), { recursive: true });
});

const environmentOf = () => ({
  HOME: dirname(given.configFile),
  XDG_CONFIG_HOME: '/nowhere',
  AWS_ENDPOINT_URL: organization.sandbox.endpoint,
  AWS_REGION: organization.context.homeRegion,
  AWS_CONFIG_FILE: given.configFile,
  AWS_SHARED_CREDENTIALS_FILE: given.credentialsFile,
  AWS_PROFILE: undefined,
  AWS_ACCESS_KEY_ID: undefined,
  AWS_SECRET_ACCESS_KEY: undefined,
  AWS_SESSION_TOKEN: undefined,
});
const stubEnvironment = () => {
  for (const [name, value] of Object.entries(environmentOf())) vi.stubEnv(name, value);
};

it.each(PERSON_NAMES)(
  'the profile of the %s assumes the shipped role with any code, under the name of the user',
  async (person) => {
    stubEnvironment();
    const devices: string[] = [];
    await useProfile(`suture-${person}`, async (device) => {
      devices.push(device);
      return '000000';
    });
    expect(devices).toEqual([expect.stringContaining(`mfa/sandbox-${person}`)]);
    expect((await callerOf()).caller).toMatch(new RegExp(`:assumed-role/suture-${person}/sandbox-${person}$`));
    // The session is cached, so that --as asks for no code.
    const { code, error } = await suture('--as', person, 'stops', '--json');
    expect([code, error]).toEqual([0, '']);
  },
);

it('a viewer may not stop, an operator may', async () => {
  for (const [person, expected] of [
    ['viewer', 3],
    ['operator', 0],
  ] as const) {
    stubEnvironment();
    await useProfile(`suture-${person}`, async () => '000000');
    const { code } = await suture('stop', '--reason', 'a test', '--yes', '--json');
    expect([person, code]).toEqual([person, expected]);
  }
});

it('--as and --profile exclude each other, and roles that are not shipped are refused', async () => {
  expect(await suture('--as', 'viewer', '--profile', 'x', 'stops')).toMatchObject({ code: 2 });
  expect((await suture('--as', 'root', 'stops')).error).toContain('viewer, operator, approver');
});

it('profiles of another run lead to no session that the AWS CLI has cached', async () => {
  const members = SAMPLE_MEMBERS.slice(0, 1);
  const other = await runOrganization(members, { virtual: false });
  const people = await createPeople(other);
  await addAdministratorProfiles(other, people, members);
  /** The AWS CLI caches a session under a hash of the role, the session's name and the device. */
  const keysIn = async ({ configFile }: SandboxPeople) =>
    (await readFile(configFile, 'utf8'))
      .split('[profile ')
      .filter((profile) => profile.includes('role_arn'))
      .map((profile) =>
        profile
          .split('\n')
          .filter((line) => /^(role_|mfa_)/.test(line))
          .join(),
      );
  const [one, two] = [await keysIn(given), await keysIn(people)];
  await other.sandbox.close();
  expect(two).toHaveLength(PERSON_NAMES.length + 1);
  expect(two.at(-1)).toContain(`role_session_name = sandbox-${people.run}`);
  expect(one.filter((key) => two.includes(key))).toEqual([]);
  await rm(dirname(people.configFile), { recursive: true });
});

it('a folder of profiles is removed when the process ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'suture-people-'));
  const module = new URL('../../../lab/story/people.ts', import.meta.url).href;
  const script = `(await import('${module}')).removeAtExit('${folder}'); process.exit(1)`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]).catch(() => {});
  await expect(stat(folder)).rejects.toMatchObject({ code: 'ENOENT' });
});

it('the sandbox prints sessions of each role, and names the administrator', async () => {
  const text = usageText(organization, given);
  const isCommand = (line: string) => /^(export|npm|aws) /.test(line);
  const served = servedText(text, 80).split('\n');
  expect(served.filter((line) => !isCommand(line) && line.length > 80)).toEqual([]);
  expect(served.filter(isCommand)).toEqual(text.split('\n').filter(isCommand));
  for (const { person, session } of given.people)
    expect(text).toMatch(new RegExp(`# ${person}\\nexport AWS_ACCESS_KEY_ID=${session.accessKeyId} `));
  expect(text).toContain('# administrator\nexport AWS_ACCESS_KEY_ID=');
  expect(text).not.toMatch(/You are an operator/);
  expect(await readFile(given.configFile, 'utf8')).toContain('mfa_serial        = arn:aws:iam::');
});

it('the seed names each change that waits, with the command that approves it', () => {
  const lines = seedText()
    .split('\n')
    .filter((line) => line.includes(' approve '));
  const waiting = STORY_FINDINGS.filter(({ expected }) => expected.route === 'approve');
  expect(lines.map((line) => / approve (\S+) (\d{12}) /.exec(line)!.slice(1))).toEqual(
    waiting.map(({ control, account }) => [control, account]),
  );
  expect(lines[0]).toMatch(/# data-platform; npm start approves it$/);
  expect(seedText()).toContain(`${waiting.length} changes wait for\nyour approval`);
});
