import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  CreateVirtualMFADeviceCommand,
  EnableMFADeviceCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { callerOf } from '../../../cli/clients/caller.ts';
import { useProfile } from '../../../cli/clients/profile.ts';
import { withProfileError } from '../../../cli/clients/profile-error.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';

const ACCOUNT = '111111111111';
const CODE = '123456';
let sandbox: Sandbox;
let home: string;
let device: string;
let keys: { readonly id: string; readonly secret: string };

/** A role as Suture ships it for people: it demands MFA, and the user's own name as the session's. */
beforeAll(async () => {
  sandbox = await createSandbox({
    organization: { id: 'o-example', managementAccount: ACCOUNT, accounts: [{ id: ACCOUNT, name: 'security' }] },
    homeRegion: 'us-east-1',
  });
  const iam = new IAMClient(sandbox.administrator(ACCOUNT));
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await iam.send(new AttachUserPolicyCommand({ UserName: 'ann', PolicyArn }));
  const { VirtualMFADevice } = await iam.send(new CreateVirtualMFADeviceCommand({ VirtualMFADeviceName: 'ann' }));
  device = VirtualMFADevice!.SerialNumber!;
  const codes = { AuthenticationCode1: CODE, AuthenticationCode2: '654321' };
  await iam.send(new EnableMFADeviceCommand({ UserName: 'ann', SerialNumber: device, ...codes }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  keys = { id: AccessKey!.AccessKeyId!, secret: AccessKey!.SecretAccessKey! };
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    Action: 'sts:AssumeRole',
    Condition: {
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      StringEquals: { 'sts:RoleSessionName': '${aws:username}' },
    },
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await iam.send(new CreateRoleCommand({ RoleName: 'operator', AssumeRolePolicyDocument }));
});
afterAll(() => sandbox.close());

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'suture-profile-'));
  const config = `
[profile ann]
aws_access_key_id = ${keys.id}
aws_secret_access_key = ${keys.secret}

[profile operator]
region = us-east-1
source_profile = ann
role_arn = arn:aws:iam::${ACCOUNT}:role/operator
role_session_name = ann
mfa_serial = ${device}

[profile unplugged]
credential_process = node -e "console.error('ykman: no YubiKey found'); process.exit(1)"

[profile ended]
credential_process = node -e "process.stdout.write(JSON.stringify({Version: 1, AccessKeyId: 'A', SecretAccessKey: 'B', Expiration: '2020-01-01T00:00:00Z'}))"

[profile yubikey]
credential_process = node -e "process.stdout.write(JSON.stringify({Version: 1, AccessKeyId: '${keys.id}', SecretAccessKey: '${keys.secret}'}))"
`;
  await writeFile(join(home, 'config'), config);
  const environment = {
    HOME: home,
    AWS_CONFIG_FILE: join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, 'credentials'),
    AWS_ENDPOINT_URL: sandbox.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_REGION: 'us-east-1',
    AWS_PROFILE: undefined,
    AWS_ACCESS_KEY_ID: undefined,
    AWS_SECRET_ACCESS_KEY: undefined,
    AWS_SESSION_TOKEN: undefined,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
});
afterEach(() => vi.unstubAllEnvs());

const OPERATOR = `arn:aws:sts::${ACCOUNT}:assumed-role/operator/ann`;
const never = () => Promise.reject(new Error('nobody should be asked'));

it('asks for the code of the MFA device once, and keeps the session for the next command', async () => {
  const ask = vi.fn(async () => CODE);
  await useProfile('operator', ask);
  expect(ask.mock.calls).toEqual([[device]]);
  expect(await callerOf()).toMatchObject({ caller: OPERATOR });

  vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
  await useProfile('operator', never);
  expect(await callerOf()).toMatchObject({ caller: OPERATOR, region: 'us-east-1' });
});

it('asks for no code if nothing answers at the endpoint', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1');
  const ask = vi.fn(async () => CODE);
  await expect(useProfile('operator', ask)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(ask).not.toHaveBeenCalled();
});

it('asks for no code if the Region of the profile is none', async () => {
  vi.stubEnv('AWS_REGION', undefined);
  const config = await readFile(join(home, 'config'), 'utf8');
  await writeFile(join(home, 'config'), config.replace('region = us-east-1', 'region = mars'));
  await expect(useProfile('operator', never)).rejects.toThrow(
    'Suture knows no Region "mars". A Region is named like us-east-1. Correct the region of the profile "operator"',
  );
});

it('keeps the session where only its owner may read it, and nothing of the user', async () => {
  await useProfile('operator', async () => CODE);
  const folder = join(home, '.aws', 'suture');
  const [file, ...more] = await readdir(folder);
  expect(more).toEqual([]);
  expect((await stat(join(folder, file!))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, file!), 'utf8')).not.toContain(keys.secret);
});

it('asks again when the kept session ends within minutes, or the file is damaged', async () => {
  await useProfile('operator', async () => CODE);
  const folder = join(home, '.aws', 'suture');
  const file = join(folder, (await readdir(folder))[0]!);
  const session = JSON.parse(await readFile(file, 'utf8'));
  for (const text of [JSON.stringify({ ...session, expiration: new Date(Date.now() + 60_000) }), '{"accessKeyId":']) {
    await writeFile(file, text);
    const ask = vi.fn(async () => CODE);
    await useProfile('operator', ask);
    expect(ask).toHaveBeenCalledTimes(1);
  }
});

it('says that AWS refused a wrong code, and keeps nothing', async () => {
  await expect(useProfile('operator', async () => '12345')).rejects.toMatchObject({
    name: 'Unreachable',
    message: expect.stringContaining(`refused the code of ${device}`),
  });
  await expect(readdir(join(home, '.aws', 'suture'))).rejects.toMatchObject({ code: 'ENOENT' });
});

it('takes credentials from a process, such as one that reads a security key', async () => {
  await useProfile('yubikey', never);
  expect(await callerOf()).toMatchObject({ caller: `arn:aws:iam::${ACCOUNT}:user/ann` });
});

it.each([
  ['unplugged', /"unplugged" gives no credentials: ykman: no YubiKey found\. Run the credential_process/],
  ['ended', /"ended" gives no credentials: .*returned expired credentials\. Begin a new session there/],
])('says what the process of the profile %s said', async (profile, message) => {
  await useProfile(profile, never);
  const error = await callerOf().catch(withProfileError);
  expect(error).toMatchObject({ name: 'Unreachable', message: expect.stringMatching(message) });
});

it('names the profiles that exist for one that does not', async () => {
  await expect(useProfile('operatr', never)).rejects.toMatchObject({
    name: 'Unreachable',
    message:
      'There is no profile "operatr" in the AWS configuration. There are: ann, ended, operator, unplugged, yubikey.',
  });
});
