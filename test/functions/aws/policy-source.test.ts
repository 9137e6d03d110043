import {
  AppConfigClient,
  CreateApplicationCommand,
  CreateConfigurationProfileCommand,
  CreateDeploymentStrategyCommand,
  CreateEnvironmentCommand,
  CreateHostedConfigurationVersionCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { AppConfigDataClient } from '@aws-sdk/client-appconfigdata';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { policySource } from '../../../functions/aws/policy-source.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';

const ACCOUNT = '111111111111';
let sandbox: Sandbox;
let deploy: (content: string) => Promise<void>;

beforeEach(async () => {
  vi.stubEnv('POLICY_APPLICATION', 'suture');
  vi.stubEnv('POLICY_ENVIRONMENT', 'live');
  vi.stubEnv('POLICY_PROFILE', 'policy');
  sandbox = await createSandbox({
    organization: {
      id: 'o-example00001',
      managementAccount: '999999999999',
      accounts: [
        { id: '999999999999', name: 'management', ouPath: '/' },
        { id: ACCOUNT, name: 'security', ouPath: '/' },
      ],
    },
    homeRegion: 'eu-west-1',
  });
  deploy = await appConfig(sandbox);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await sandbox.close();
});

/** Like the security stack's application, but without the validator: for policies that must not exist. */
async function appConfig({ administrator }: Sandbox): Promise<typeof deploy> {
  const client = new AppConfigClient(administrator(ACCOUNT));
  const { Id: ApplicationId } = await client.send(new CreateApplicationCommand({ Name: 'suture' }));
  const { Id: EnvironmentId } = await client.send(new CreateEnvironmentCommand({ ApplicationId, Name: 'live' }));
  const { Id: ConfigurationProfileId } = await client.send(
    new CreateConfigurationProfileCommand({ ApplicationId, Name: 'policy', LocationUri: 'hosted' }),
  );
  const { Id: DeploymentStrategyId } = await client.send(
    new CreateDeploymentStrategyCommand({ Name: 'now', DeploymentDurationInMinutes: 0, GrowthFactor: 100 }),
  );
  return async (content) => {
    const Content = new TextEncoder().encode(content);
    const profile = { ApplicationId, ConfigurationProfileId };
    const { VersionNumber } = await client.send(
      new CreateHostedConfigurationVersionCommand({ ...profile, Content, ContentType: 'application/json' }),
    );
    const ConfigurationVersion = String(VersionNumber);
    await client.send(
      new StartDeploymentCommand({ ...profile, EnvironmentId, DeploymentStrategyId, ConfigurationVersion }),
    );
  };
}

const source = () =>
  policySource(new AppConfigDataClient({ ...sandbox.administrator(ACCOUNT), maxAttempts: 1 }), () =>
    sandbox.kernel.clock.now(),
  );
const later = (seconds: number) => sandbox.kernel.clock.advance(seconds * 1000);
const policy = (mode: string) => JSON.stringify({ version: 1, controls: { 'EC2.13': mode } });
const polls = () => sandbox.kernel.calls.filter(({ service }) => service === 'appconfigdata').length;
const unavailable = (because: string) => ({
  name: 'PolicyUnavailable',
  message: expect.stringMatching(new RegExp(`^The policy could not be read, so nothing is written: .*${because}`)),
});

describe('a policy', () => {
  it('is read at most once a minute', async () => {
    await deploy(policy('auto'));
    const { read } = source();
    await read();
    const before = polls();
    await later(59);
    await read();
    expect(polls()).toBe(before);
  });

  it('that changed applies within a minute, also after a deployment without a change', async () => {
    await deploy(policy('auto'));
    const { read } = source();
    expect((await read()).controls).toEqual({ 'EC2.13': 'auto' });
    await later(60);
    expect((await read()).controls).toEqual({ 'EC2.13': 'auto' });
    await deploy(policy('off'));
    await later(60);
    expect((await read()).controls).toEqual({ 'EC2.13': 'off' });
  });

  it('is read again at once for an execution that began after AppConfig confirmed it', async () => {
    await deploy(policy('auto'));
    const { read } = source();
    await read();
    await deploy(policy('off'));
    await later(1);
    const began = sandbox.kernel.clock.now();
    expect((await read()).controls).toEqual({ 'EC2.13': 'auto' });
    expect((await read(began)).controls).toEqual({ 'EC2.13': 'off' });
    const before = polls();
    await later(1);
    expect((await read(began)).controls).toEqual({ 'EC2.13': 'off' });
    expect(polls()).toBe(before);
  });

  it('is read before the minute is over at most every 15 seconds, however many executions people start', async () => {
    await deploy(policy('auto'));
    const { read } = source();
    await read();
    const before = polls();
    for (let n = 0; n < 40; n++) {
      await later(1);
      await read(sandbox.kernel.clock.now());
    }
    // Each early read begins a session too: after 1, 16 and 31 seconds.
    expect(polls() - before).toBe(6);
  });

  it('that AppConfig has not confirmed for a minute is too old', async () => {
    await deploy(policy('auto'));
    const { read } = source();
    await read();
    sandbox.kernel.faults.push(({ service }) =>
      service === 'appconfigdata' ? { kind: 'error', code: 'InternalServerException', status: 500 } : undefined,
    );
    await later(59);
    expect((await read()).controls).toEqual({ 'EC2.13': 'auto' });
    await later(1);
    await expect(read()).rejects.toMatchObject(unavailable('InternalServerException'));
    sandbox.kernel.faults.pop();
    expect((await read()).controls).toEqual({ 'EC2.13': 'auto' });
  });

  it.each([
    ['that is invalid', policy('automatic'), 'the deployed policy is invalid: controls.EC2.13'],
    ['that is not JSON', 'version: 1', 'JSON'],
  ])('%s stops writes, every time', async (_, content, because) => {
    await deploy(policy('auto'));
    const { read } = source();
    await read();
    await deploy(content);
    await later(60);
    await expect(read()).rejects.toMatchObject(unavailable(because));
    await expect(read()).rejects.toMatchObject(unavailable(because));
  });

  it('that was never deployed stops writes', async () => {
    await expect(source().read()).rejects.toMatchObject(unavailable('ResourceNotFoundException'));
  });
});

it('begins with the reason of a denial and the role that is denied, and sends to that role', async () => {
  const deny = (why: string) =>
    policySource({
      send: () => {
        const message = `User: arn:aws:sts::111111111111:assumed-role/suture-triage/suture-triage is not authorized to perform: appconfig:StartConfigurationSession on resource: arn:aws:appconfig:us-east-1:111111111111:application/a ${why}`;
        throw Object.assign(new Error(message), { name: 'AccessDeniedException' });
      },
    } as unknown as AppConfigDataClient).read();
  const error = deny('with an explicit deny in an identity-based policy');
  await expect(error).rejects.toThrow(
    /^The policy could not be read, so nothing is written: suture-triage is denied it with an explicit deny in an identity-based policy: /,
  );
  await expect(error).rejects.toThrow('aws iam list-role-policies --role-name suture-triage, then take it off');
  await expect(error).rejects.not.toThrow('AppConfig profile');
  await expect(deny('because no identity-based policy allows it')).rejects.toThrow('Deploy SutureSecurity again');
});
