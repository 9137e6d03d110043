/** One resource of each type of services that no remediation changes yet. */
import type { TownBuilder } from './site.ts';

export const buildAppconfig: TownBuilder = async ({ call }) => {
  const { Id: ApplicationId } = await call('CreateApplication', { Name: 'town' });
  const environment = await call('CreateEnvironment', { ApplicationId, Name: 'town' });
  const profile = { ApplicationId, Name: 'town', LocationUri: 'hosted' };
  const { Id: ConfigurationProfileId } = await call('CreateConfigurationProfile', profile);
  const Content = new TextEncoder().encode('{}');
  const version = { ApplicationId, ConfigurationProfileId, Content, ContentType: 'application/json' };
  const { VersionNumber } = await call('CreateHostedConfigurationVersion', version);
  const times = { DeploymentDurationInMinutes: 0, GrowthFactor: 100, FinalBakeTimeInMinutes: 0 };
  const strategy = await call('CreateDeploymentStrategy', { Name: 'town', ...times, ReplicateTo: 'NONE' });
  await call('StartDeployment', {
    ApplicationId,
    ConfigurationProfileId,
    EnvironmentId: environment.Id,
    DeploymentStrategyId: strategy.Id,
    ConfigurationVersion: String(VersionNumber),
  });
};

export const buildCloudwatch: TownBuilder = async ({ call }) => {
  await call('PutMetricData', { Namespace: 'Town', MetricData: [{ MetricName: 'Visitors', Value: 1 }] });
  await call('PutMetricAlarm', {
    AlarmName: 'town',
    MetricName: 'Visitors',
    Namespace: 'Town',
    Statistic: 'Sum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    Tags: [{ Key: 'owner', Value: 'town' }],
  });
};

export const buildSecretsmanager: TownBuilder = async ({ call }) => {
  await call('CreateSecret', { Name: 'town', SecretString: 'hello', Tags: [{ Key: 'owner', Value: 'town' }] });
};

export const buildLogs: TownBuilder = async ({ call }) => {
  await call('CreateLogGroup', { logGroupName: 'town', tags: { owner: 'town' } });
  await call('PutRetentionPolicy', { logGroupName: 'town', retentionInDays: 30 });
  await call('PutMetricFilter', {
    logGroupName: 'town',
    filterName: 'town',
    filterPattern: 'ERROR',
    metricTransformations: [{ metricName: 'Errors', metricNamespace: 'Town', metricValue: '1' }],
  });
};

export const buildDynamodb: TownBuilder = async ({ call }) => {
  await call('CreateTable', {
    TableName: 'town',
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
    Tags: [{ Key: 'owner', Value: 'town' }],
  });
};

export const buildSecurityhub: TownBuilder = async ({ call }) => {
  await call('EnableSecurityHub');
  await call('CreateActionTarget', { Name: 'town', Description: 'town', Id: 'town' });
};

export const buildSfn: TownBuilder = async ({ call, callOther, account, partition, region }) => {
  const RoleName = `town-machines-${region}`;
  const trust = { Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await callOther('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument });
  const definition = JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Succeed' } } });
  await call('CreateStateMachine', {
    name: 'town',
    definition,
    roleArn: `arn:${partition}:iam::${account}:role/${RoleName}`,
    publish: true,
  });
};
