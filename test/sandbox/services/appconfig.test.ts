import { describe, expect, it } from 'vitest';
import { deployTemplate } from '../../../sandbox/cloudformation/index.ts';
import { defineService } from '../../../sandbox/kernel/kernel.ts';
import { appconfig } from '../../../sandbox/services/appconfig/index.ts';
import { appconfigdata } from '../../../sandbox/services/appconfigdata/index.ts';
import { kms } from '../../../sandbox/services/kms/index.ts';
import { HOME, smallKernel } from '../support/small-kernel.ts';

const MINUTE_MS = 60_000;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const INVOCATIONS: any[] = [];

/** Functions reject every configuration that does not begin with "ok". */
const lambda = defineService<any, null>({
  name: 'lambda',
  sdk: {},
  client: class {},
  prefix: 'lambda',
  scope: 'region',
  state: () => null,
  operations: {
    Invoke: {
      run(input: any, at: any) {
        const event = JSON.parse(text(input.Payload));
        INVOCATIONS.push({ event, name: input.FunctionName, principal: at.principal });
        const ok = Buffer.from(event.content, 'base64').toString().startsWith('ok');
        return ok ? {} : { FunctionError: 'Unhandled', Payload: new TextEncoder().encode('"modes: expected object"') };
      },
    },
  } as any,
});

async function sandbox(profile: object = {}) {
  const kernel = smallKernel(appconfig, appconfigdata, lambda, kms);
  const call = (operation: string, input: object = {}) => kernel.as('appconfig', operation, input);
  const ApplicationId = (await call('CreateApplication', { Name: 'suture' })).Id;
  const EnvironmentId = (await call('CreateEnvironment', { ApplicationId, Name: 'live' })).Id;
  const ConfigurationProfileId = (
    await call('CreateConfigurationProfile', { ApplicationId, Name: 'policy', LocationUri: 'hosted', ...profile })
  ).Id;
  const ids = { ApplicationId, EnvironmentId, ConfigurationProfileId };
  const push = (content: string, more: object = {}) =>
    call('CreateHostedConfigurationVersion', {
      ApplicationId,
      ConfigurationProfileId,
      Content: new TextEncoder().encode(content),
      ContentType: 'application/x-yaml',
      ...more,
    });
  const start = (ConfigurationVersion: string | number, DeploymentStrategyId = 'AppConfig.AllAtOnce') =>
    call('StartDeployment', { ...ids, ConfigurationVersion: String(ConfigurationVersion), DeploymentStrategyId });
  const session = async (application = 'suture', environment = 'live') => {
    const names = {
      ApplicationIdentifier: application,
      EnvironmentIdentifier: environment,
      ConfigurationProfileIdentifier: ConfigurationProfileId,
    };
    return (await kernel.as('appconfigdata', 'StartConfigurationSession', names)).InitialConfigurationToken as string;
  };
  const poll = (ConfigurationToken: string) =>
    kernel.as('appconfigdata', 'GetLatestConfiguration', { ConfigurationToken });
  return { kernel, call, ids, push, start, session, poll };
}

describe('a configuration', () => {
  it('reaches a polling client once per deployment', async () => {
    const { kernel, push, start, session, poll } = await sandbox();
    await push('one');
    await start(1);
    const first = await poll(await session());
    expect(first).toMatchObject({ ContentType: 'application/x-yaml', NextPollIntervalInSeconds: 60 });
    expect(text(first.Configuration)).toBe('one');
    await kernel.clock.advance(10 * MINUTE_MS);
    const second = await poll(first.NextPollConfigurationToken);
    expect(second.Configuration).toHaveLength(0);
    await push('two');
    await start(2);
    await kernel.clock.advance(MINUTE_MS);
    expect(text((await poll(second.NextPollConfigurationToken)).Configuration)).toBe('two');
  });

  it('accepts a token once, after the poll interval and within a day', async () => {
    const { kernel, push, start, session, poll } = await sandbox();
    await push('one');
    await start(1);
    const problem = (Problem: string) => ({
      code: 'BadRequestException',
      fields: { Details: { InvalidParameters: { ConfigurationToken: { Problem } } } },
    });
    const token = await session();
    const { NextPollConfigurationToken } = await poll(token);
    await expect(poll(token)).rejects.toMatchObject(problem('Corrupted'));
    await expect(poll(NextPollConfigurationToken)).rejects.toMatchObject(problem('PollIntervalNotSatisfied'));
    await kernel.clock.advance(24 * 60 * MINUTE_MS);
    await expect(poll(NextPollConfigurationToken)).rejects.toMatchObject(problem('Expired'));
  });

  it('returns ResourceNotFoundException before the first deployment', async () => {
    const { push, session, poll } = await sandbox();
    await push('one');
    await expect(poll(await session())).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  it('requires permission on the configuration of application and environment', async () => {
    const { kernel, ids, push, start, session, poll } = await sandbox();
    await push('one');
    await start(1);
    kernel.needed.length = 0;
    await poll(await session(ids.ApplicationId, ids.EnvironmentId));
    const path = `application/${ids.ApplicationId}/environment/${ids.EnvironmentId}/configuration/${ids.ConfigurationProfileId}`;
    const resource = `arn:aws:appconfig:us-east-1:111122223333:${path}`;
    expect(kernel.needed).toEqual([
      { action: 'appconfig:StartConfigurationSession', resource },
      { action: 'appconfig:GetLatestConfiguration', resource },
    ]);
  });

  it('of a session by names, requires permission on an ARN with these names', async () => {
    const { kernel, ids, push, start, session } = await sandbox();
    await push('one');
    await start(1);
    kernel.needed.length = 0;
    await session();
    const path = `application/suture/environment/live/configuration/${ids.ConfigurationProfileId}`;
    const resource = `arn:aws:appconfig:us-east-1:111122223333:${path}`;
    expect(kernel.needed).toEqual([{ action: 'appconfig:StartConfigurationSession', resource }]);
  });
});

describe('versions', () => {
  it('have numbers and are listed latest first', async () => {
    const { call, ids, push } = await sandbox();
    await push('one', { VersionLabel: 'v1' });
    expect(await push('two')).toMatchObject({ VersionNumber: 2 });
    const { EnvironmentId: _, ...profile } = ids;
    const { Items } = await call('ListHostedConfigurationVersions', profile);
    expect(Items).toMatchObject([{ VersionNumber: 2 }, { VersionNumber: 1, VersionLabel: 'v1' }]);
    expect(text((await call('GetHostedConfigurationVersion', { ...profile, VersionNumber: 1 })).Content)).toBe('one');
  });

  it('conflict with a version that was created in between', async () => {
    const { push } = await sandbox();
    await push('one');
    await expect(push('two', { LatestVersionNumber: 0 })).rejects.toMatchObject({ code: 'ConflictException' });
    expect(await push('two', { LatestVersionNumber: 1 })).toMatchObject({ VersionNumber: 2 });
  });

  it('require permission on the application, the profile and its key', async () => {
    const { kernel, push, ids } = await sandbox();
    await push('one');
    const application = `arn:aws:appconfig:us-east-1:111122223333:application/${ids.ApplicationId}`;
    expect(kernel.needed.slice(-2)).toEqual([
      { action: 'appconfig:CreateHostedConfigurationVersion', resource: application },
      {
        action: 'appconfig:CreateHostedConfigurationVersion',
        resource: `${application}/configurationprofile/${ids.ConfigurationProfileId}`,
      },
    ]);
    const key = (await kernel.as('kms', 'CreateKey', {})).KeyMetadata.Arn;
    const encrypted = await kernel.as('appconfig', 'CreateConfigurationProfile', {
      ApplicationId: ids.ApplicationId,
      Name: 'secret',
      LocationUri: 'hosted',
      KmsKeyIdentifier: key,
    });
    await push('two', { ConfigurationProfileId: encrypted.Id });
    expect(kernel.needed.at(-1)).toMatchObject({
      action: 'kms:GenerateDataKey',
      resource: key,
      context: { 'kms:ViaService': 'appconfig.us-east-1.amazonaws.com' },
    });
  });
});

describe('a validator', () => {
  const Validators = [{ Type: 'LAMBDA', Content: 'arn:aws:lambda:us-east-1:111122223333:function:check' }];

  it('prevents the deployment of a configuration that it rejects', async () => {
    const { kernel, push, start, session, poll } = await sandbox({ Validators });
    await push('ok');
    await push('broken');
    await start(1);
    await kernel.clock.advance(10 * MINUTE_MS);
    await expect(start(2)).rejects.toMatchObject({
      code: 'BadRequestException',
      fields: { Reason: 'InvalidConfiguration' },
    });
    expect(text((await poll(await session())).Configuration)).toBe('ok');
  });

  it('is invoked by the service, with the content', async () => {
    const { call, push, ids } = await sandbox({ Validators });
    await push('ok: 1');
    await call('ValidateConfiguration', { ...ids, ConfigurationVersion: '1' });
    // Without a source: AWS documents none.
    expect(INVOCATIONS.at(-1)!.principal).toEqual({
      kind: 'service',
      service: 'appconfig.amazonaws.com',
      account: '111122223333',
    });
    expect(INVOCATIONS.at(-1)).toMatchObject({
      name: Validators[0]!.Content,
      event: {
        configurationProfileId: ids.ConfigurationProfileId,
        configurationVersion: '1',
        content: Buffer.from('ok: 1').toString('base64'),
      },
    });
  });

  it('by JSON schema is not modelled, nor are other locations and feature flags', async () => {
    const notModelled = { code: 'NotModelled' };
    await expect(sandbox({ Validators: [{ Type: 'JSON_SCHEMA', Content: '{}' }] })).rejects.toMatchObject(notModelled);
    await expect(sandbox({ LocationUri: 's3://bucket/policy.yaml' })).rejects.toMatchObject(notModelled);
    await expect(sandbox({ Type: 'AWS.AppConfig.FeatureFlags' })).rejects.toMatchObject(notModelled);
  });
});

describe('a deployment', () => {
  it.each<[string, string, [minutes: number, state: string, percentage: number][]]>([
    [
      'AppConfig.AllAtOnce',
      'bakes for ten minutes',
      [
        [0, 'BAKING', 100],
        [10, 'COMPLETE', 100],
      ],
    ],
    [
      'AppConfig.Linear20PercentEvery6Minutes',
      'grows in five steps',
      [
        [0, 'DEPLOYING', 20],
        [6, 'DEPLOYING', 40],
        [24, 'DEPLOYING', 100],
        [30, 'BAKING', 100],
        [60, 'COMPLETE', 100],
      ],
    ],
    [
      'AppConfig.Canary10Percent20Minutes',
      'doubles',
      [
        [0, 'DEPLOYING', 10],
        [4, 'DEPLOYING', 20],
        [20, 'BAKING', 100],
        [30, 'COMPLETE', 100],
      ],
    ],
  ])('%s %s', async (strategy, _title, moments) => {
    const { kernel, call, ids, push, start } = await sandbox();
    await push('one');
    await start(1, strategy);
    const startedAt = kernel.clock.now();
    for (const [minutes, State, PercentageComplete] of moments) {
      await kernel.clock.advance(startedAt + minutes * MINUTE_MS - kernel.clock.now());
      expect(await call('GetDeployment', { ...ids, DeploymentNumber: 1 })).toMatchObject({ State, PercentageComplete });
    }
  });

  it('reaches some clients before others', async () => {
    const { kernel, push, start, session, poll } = await sandbox();
    await push('old');
    await start(1);
    await kernel.clock.advance(10 * MINUTE_MS);
    await push('new');
    await start(2, 'AppConfig.Linear20PercentEvery6Minutes');
    const contents: string[] = [];
    for (let minutes = 0; minutes < 30; minutes += 6) {
      // The random numbers of the small kernel put every client in the middle.
      contents.push(text((await poll(await session())).Configuration));
      await kernel.clock.advance(6 * MINUTE_MS);
    }
    expect(contents).toEqual(['old', 'old', 'new', 'new', 'new']);
  });

  it('conflicts with a deployment in progress', async () => {
    const { kernel, push, start } = await sandbox();
    await push('one');
    await start(1);
    await expect(start(1)).rejects.toMatchObject({ code: 'ConflictException' });
    await kernel.clock.advance(10 * MINUTE_MS);
    expect(await start(1)).toMatchObject({ DeploymentNumber: 2 });
  });

  it('requires an existing version, strategy and environment', async () => {
    const { call, ids, push, start } = await sandbox();
    await push('one');
    await expect(start(7)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await expect(start(1, 'mine')).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    const unknownEnvironment = {
      ...ids,
      EnvironmentId: 'none',
      ConfigurationVersion: '1',
      DeploymentStrategyId: 'AppConfig.AllAtOnce',
    };
    await expect(call('StartDeployment', unknownEnvironment)).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
    });
  });
});

describe('list operations', () => {
  it('return ids and names', async () => {
    const { call, ids } = await sandbox();
    expect((await call('ListApplications')).Items).toEqual([{ Id: ids.ApplicationId, Name: 'suture' }]);
    expect((await call('ListEnvironments', ids)).Items).toMatchObject([{ Id: ids.EnvironmentId, Name: 'live' }]);
    expect((await call('ListConfigurationProfiles', ids)).Items).toMatchObject([
      { Id: ids.ConfigurationProfileId, Name: 'policy' },
    ]);
    const { Items } = await call('ListDeploymentStrategies');
    expect(Items.map(({ Id }: { Id: string }) => Id)).toContain('AppConfig.AllAtOnce');
  });
});

describe('templates', () => {
  const type = (name: string, Properties: object) => ({ Type: `AWS::AppConfig::${name}`, Properties });
  const ids = {
    ApplicationId: { Ref: 'App' },
    ConfigurationProfileId: { 'Fn::GetAtt': 'Profile.ConfigurationProfileId' },
  };
  const template = (content: string) => ({
    Resources: {
      App: type('Application', { Name: 'suture' }),
      Live: type('Environment', { ApplicationId: { Ref: 'App' }, Name: 'live' }),
      Profile: type('ConfigurationProfile', { ApplicationId: { Ref: 'App' }, Name: 'policy', LocationUri: 'hosted' }),
      Version: type('HostedConfigurationVersion', { ...ids, Content: content, ContentType: 'text/plain' }),
      Strategy: type('DeploymentStrategy', {
        Name: 'now',
        DeploymentDurationInMinutes: 0,
        GrowthFactor: 100,
        ReplicateTo: 'NONE',
        FinalBakeTimeInMinutes: 5,
      }),
      Deployment: type('Deployment', {
        ...ids,
        EnvironmentId: { Ref: 'Live' },
        ConfigurationVersion: { Ref: 'Version' },
        DeploymentStrategyId: { Ref: 'Strategy' },
      }),
    },
  });
  const deployedContent = async (kernel: ReturnType<typeof smallKernel>) => {
    const names = {
      ApplicationIdentifier: 'suture',
      EnvironmentIdentifier: 'live',
      ConfigurationProfileIdentifier: 'policy',
    };
    const { InitialConfigurationToken } = await kernel.as('appconfigdata', 'StartConfigurationSession', names);
    return text(
      (await kernel.as('appconfigdata', 'GetLatestConfiguration', { ConfigurationToken: InitialConfigurationToken }))
        .Configuration,
    );
  };

  it('deploy a version, and a changed version in an update', async () => {
    const kernel = smallKernel(appconfig, appconfigdata);
    await deployTemplate(kernel, HOME, 'app', template('one'));
    expect(await deployedContent(kernel)).toBe('one');
    await deployTemplate(kernel, HOME, 'app', template('two'));
    expect(await deployedContent(kernel)).toBe('two');
  });

  it('reject an unknown property', async () => {
    const wrong = { Resources: { Live: type('Environment', { ApplicationId: 'a', Name: 'live', Monitors: [] }) } };
    await expect(deployTemplate(smallKernel(appconfig), HOME, 'app', wrong)).rejects.toThrow(/Live.*Monitors/);
  });
});
