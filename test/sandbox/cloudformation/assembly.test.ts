import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, GetItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import * as cdk from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeployedStack, deployAssembly } from '../../../sandbox/cloudformation/index.ts';
import { createSandbox, type Sandbox } from '../../../sandbox/index.ts';
import { APPCONFIG } from '../../../sandbox/services/appconfig/state.ts';
import { CLOUDWATCH } from '../../../sandbox/services/cloudwatch/state.ts';
import { logs } from '../../../sandbox/services/logs/index.ts';
import { xray } from '../../../sandbox/services/xray/index.ts';

const { aws_appconfig, aws_cloudwatch, aws_dynamodb, aws_iam, aws_kms, aws_lambda, aws_logs, aws_xray } = cdk;

const SECURITY = '111111111111';
const MEMBERS = ['222222222222', '333333333333'];
const PLACE = { partition: 'aws', account: SECURITY, region: 'us-east-1' };

let sandbox: Sandbox;

const scratch = mkdtempSync(join(tmpdir(), 'suture-assembly-'));

beforeAll(async () => {
  const accounts = [SECURITY, ...MEMBERS].map((id) => ({ id, name: id }));
  sandbox = await createSandbox({
    organization: { id: 'o-exampleorgid', managementAccount: SECURITY, accounts },
    homeRegion: 'us-east-1',
  });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(scratch, { recursive: true });
});

function synthesized(build: (app: cdk.App) => void): string {
  const app = new cdk.App({ outdir: mkdtempSync(join(scratch, 'assembly-')), analyticsReporting: true });
  build(app);
  return app.synth().directory;
}

const securityStack = (app: cdk.App, id: string) =>
  new cdk.Stack(app, id, { env: { account: SECURITY, region: 'us-east-1' } });

describe('an assembly that CDK synthesized', () => {
  let directory: string;
  let deployed: readonly DeployedStack[];

  beforeAll(async () => {
    directory = synthesized(house);
    deployed = await sandbox.deploy(directory, { memberAccounts: MEMBERS });
  });

  /** One resource of each kind, in stacks that depend on each other. */
  function house(app: cdk.App): void {
    const code = mkdtempSync(join(scratch, 'code-'));
    writeFileSync(join(code, 'index.mjs'), 'export const handler = async () => 1;');

    const functions = securityStack(app, 'functions');
    const data = securityStack(app, 'data');
    const key = new aws_kms.Key(data, 'Key');
    key.grantEncryptDecrypt(new aws_iam.ServicePrincipal('logs.us-east-1.amazonaws.com'));
    const table = new aws_dynamodb.Table(data, 'Ledger', {
      tableName: 'ledger',
      partitionKey: { name: 'pk', type: aws_dynamodb.AttributeType.STRING },
      billingMode: aws_dynamodb.BillingMode.PAY_PER_REQUEST,
      timeToLiveAttribute: 'expires',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      encryptionKey: key,
    });
    new aws_dynamodb.TableV2(data, 'Journal', {
      partitionKey: { name: 'pk', type: aws_dynamodb.AttributeType.STRING },
      encryption: aws_dynamodb.TableEncryptionV2.customerManagedKey(key),
    });
    const app1 = new aws_appconfig.Application(data, 'Application', { applicationName: 'suture' });
    new aws_appconfig.HostedConfiguration(data, 'Policy', {
      application: app1,
      name: 'policy',
      content: aws_appconfig.ConfigurationContent.fromInlineYaml('version: 1'),
      deployTo: [new aws_appconfig.Environment(data, 'Live', { application: app1 })],
      deploymentStrategy: new aws_appconfig.DeploymentStrategy(data, 'AtOnce', {
        rolloutStrategy: aws_appconfig.RolloutStrategy.ALL_AT_ONCE,
      }),
    });

    const logGroup = new aws_logs.LogGroup(functions, 'Logs', {
      encryptionKey: key,
      retention: aws_logs.RetentionDays.THREE_MONTHS,
    });
    const triage = new aws_lambda.Function(functions, 'Triage', {
      functionName: 'triage',
      runtime: aws_lambda.Runtime.NODEJS_LATEST,
      handler: 'index.handler',
      code: aws_lambda.Code.fromAsset(code),
      environment: { LEDGER: table.tableName },
      logGroup,
    });
    table.grantReadWriteData(triage);
    const alarm = triage.metricErrors().createAlarm(functions, 'Errors', { threshold: 1, evaluationPeriods: 1 });
    new aws_cloudwatch.Dashboard(functions, 'Dashboard', { widgets: [[new aws_cloudwatch.AlarmWidget({ alarm })]] });
    new aws_cloudwatch.CompositeAlarm(functions, 'Any', { alarmRule: alarm });
    new aws_xray.CfnSamplingRule(functions, 'Sampling', {
      samplingRule: {
        ruleName: 'suture',
        resourceArn: '*',
        priority: 1,
        fixedRate: 0.1,
        reservoirSize: 1,
        serviceName: '*',
        serviceType: '*',
        host: '*',
        httpMethod: '*',
        urlPath: '*',
        version: 1,
      },
    });

    const member = new cdk.Stack(app, 'member-role');
    new aws_iam.Role(member, 'Role', { roleName: 'suture', assumedBy: new aws_iam.AccountPrincipal(SECURITY) });
  }

  it('is deployed in the order of its dependencies, and into each member account if a stack has no environment', () => {
    const where = deployed.map(({ stack, place }) => `${stack.name} ${place.account}`).sort();
    expect(where).toEqual([
      'data 111111111111',
      'functions 111111111111',
      'member-role 222222222222',
      'member-role 333333333333',
    ]);
    const names = deployed.map(({ stack }) => stack.name);
    expect(names.indexOf('data')).toBeLessThan(names.indexOf('functions'));
  });

  it('creates tables that answer over the wire', async () => {
    const client = new DynamoDBClient(sandbox.administrator(SECURITY));
    const Item = { pk: { S: 'finding' }, raw: { B: new Uint8Array([1, 2]) } };
    const put = (more: object) =>
      new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 'ledger', Item, ...more } }] });
    await client.send(put({}));
    expect((await client.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: Item.pk } }))).Item).toEqual(Item);
    const again = client.send(
      put({ ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    );
    await expect(again).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item }],
    });
  });

  it('creates functions with imported values and the log group of their template', async () => {
    const client = new LambdaClient(sandbox.administrator(SECURITY));
    const { Environment, LoggingConfig } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'triage' }),
    );
    expect(Environment?.Variables).toEqual({ LEDGER: 'ledger' });
    expect(sandbox.kernel.state(logs, PLACE).kinds.groups!.get(LoggingConfig!.LogGroup!)?.fields).toMatchObject({
      retentionInDays: 90,
    });
  });

  it('creates its other resources', () => {
    expect([...sandbox.kernel.state(CLOUDWATCH, PLACE).alarms.values()].map(({ kind }) => kind)).toEqual([
      'metric',
      'composite',
    ]);
    expect(sandbox.kernel.state(CLOUDWATCH, PLACE).dashboards.size).toBe(1);
    expect(sandbox.kernel.state(APPCONFIG, PLACE).deployments).toHaveLength(1);
    expect(sandbox.kernel.state(xray, PLACE).samplingRules.size).toBe(1);
  });

  it('creates its role in every member account', async () => {
    for (const account of MEMBERS) {
      const { Role } = await new IAMClient(sandbox.administrator(account)).send(
        new GetRoleCommand({ RoleName: 'suture' }),
      );
      expect(Role?.Arn).toBe(`arn:aws:iam::${account}:role/suture`);
    }
  });

  it('does not change when it is deployed again', async () => {
    const before = deployed.map(({ stack }) => [...stack.resources.values()].map(({ created }) => created.ref));
    const again = await sandbox.deploy(directory, { memberAccounts: MEMBERS });
    const after = again.map(({ stack }) => [...stack.resources.values()].map(({ created }) => created.ref));
    expect(after).toEqual(before);
  });
});

describe('a template that would fail in AWS', () => {
  const deploy = (build: (app: cdk.App) => void) =>
    deployAssembly(sandbox.kernel, synthesized(build), { memberAccounts: [] });

  it('fails for a log group whose key does not allow the service', async () => {
    const refused = deploy((app) => {
      const stack = securityStack(app, 'no-grant');
      new aws_logs.CfnLogGroup(stack, 'Logs', {
        logGroupName: 'refused',
        kmsKeyId: new aws_kms.Key(stack, 'Key').keyArn,
      });
    });
    await expect(refused).rejects.toThrow(
      "Stack no-grant, Logs (AWS::Logs::LogGroup): The specified KMS key does not exist or is not allowed to be used with Arn 'arn:aws:logs:us-east-1:111111111111:log-group:refused'",
    );
  });
});

describe('part of an assembly', () => {
  it('is deployed by the names of its stacks', async () => {
    const directory = synthesized((app) => {
      for (const id of ['one', 'two']) new aws_logs.LogGroup(securityStack(app, id), 'Logs');
    });
    const deployed = await deployAssembly(sandbox.kernel, directory, { memberAccounts: [], only: ['two'] });
    expect(deployed.map(({ stack }) => stack.name)).toEqual(['two']);
  });
});
