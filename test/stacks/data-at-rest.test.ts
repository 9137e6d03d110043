import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import {
  attributeArn,
  IMPORTED_KEY_ARN,
  ref,
  SECURITY_TEMPLATE,
  securityResources,
  securityTemplate,
} from './security-template.ts';
import { ownActions, resourcesOf, SAMPLE_POLICY, SECURITY_ACCOUNT } from './templates.ts';

const BOOTSTRAPPED = securityTemplate({ bootstrap: true });

describe('data at rest', () => {
  it.each([
    ['AWS::DynamoDB::Table', (properties: any) => properties.SSESpecification.KMSMasterKeyId],
    ['AWS::SQS::Queue', (properties: any) => properties.KmsMasterKeyId],
    ['AWS::Logs::LogGroup', (properties: any) => properties.KmsKeyId],
    ['AWS::Lambda::Function', (properties: any) => properties.KmsKeyArn],
    ['AWS::StepFunctions::StateMachine', (properties: any) => properties.EncryptionConfiguration.KmsKeyId],
  ])('%s is encrypted with the customer key', (type, keyOf) => {
    expect(securityResources(type).length).toBeGreaterThan(0);
    for (const { Properties } of securityResources(type)) expect(keyOf(Properties)).toEqual(IMPORTED_KEY_ARN);
  });

  it('the alarm topic has a key of its own, which CloudWatch may use for alarms, and no other key', () => {
    SECURITY_TEMPLATE.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('AlarmKey'), 'Arn'] },
    });
    const keys = securityResources('AWS::KMS::Key').map(({ Properties }) => Properties.KeyPolicy.Statement as any[]);
    const byCloudWatch = keys.map((statements) =>
      statements.filter(({ Principal }) => Principal.Service === 'cloudwatch.amazonaws.com'),
    );
    expect(byCloudWatch.filter((statements) => statements.length > 0)).toEqual([
      [
        expect.objectContaining({
          Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
          Condition: {
            StringEquals: { 'aws:SourceAccount': SECURITY_ACCOUNT },
            ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:eu-west-1:${SECURITY_ACCOUNT}:alarm:suture-*` },
          },
        }),
      ],
    ]);
    const ofAlarms = keys[byCloudWatch.findIndex((statements) => statements.length > 0)]!;
    expect(ofAlarms.map(({ Sid }) => Sid)).toEqual(['Administer', 'PublishThroughSns', 'SendAlarms']);
  });

  it('the ledger can be restored, and is not deleted with its stack', () => {
    SECURITY_TEMPLATE.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        TableName: 'suture-ledger',
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        // CloudFormation could not roll back a first deployment otherwise.
        DeletionProtectionEnabled: Match.absent(),
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
  });

  it('the ledger has indexes sorted by time, with the attributes that a list shows', () => {
    const [{ Properties }] = securityResources('AWS::DynamoDB::Table') as [any];
    const indexes = Properties.GlobalSecondaryIndexes.map(({ IndexName, KeySchema, Projection }: any) => [
      IndexName,
      KeySchema.map(({ AttributeName }: any) => AttributeName).join(' '),
      Projection.ProjectionType,
    ]);
    expect(indexes).toEqual([
      ['by-status', 'ofStatus changedAt', 'INCLUDE'],
      ['by-control', 'ofControl changedAt', 'INCLUDE'],
      ['by-account', 'ofAccount changedAt', 'INCLUDE'],
      ['by-resource', 'ofResource changedAt', 'INCLUDE'],
      ['by-suppression', 'ofSuppression changedAt', 'INCLUDE'],
      ['by-execution', 'trace', 'KEYS_ONLY'],
    ]);
    // DynamoDB projects up to 20 non-key attributes into an index, and up to 100 into all indexes of a table.
    for (const { Projection } of Properties.GlobalSecondaryIndexes)
      expect(Projection.NonKeyAttributes?.length ?? 0).toBeLessThanOrEqual(20);
  });

  it('logs are kept for 90 days, in a group for each function and the workflow', () => {
    expect(
      securityResources('AWS::Logs::LogGroup').map(({ Properties }) => [
        Properties.LogGroupName,
        Properties.RetentionInDays,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['/aws/lambda/suture-triage', 90],
        ['/aws/lambda/suture-proxy', 90],
        ['/aws/lambda/suture-report', 90],
        ['/aws/lambda/suture-finding-updates', 90],
        ['/aws/lambda/suture-policy-validator', 90],
        ['/aws/vendedlogs/states/suture-remediate-finding', 90],
        ['/aws/vendedlogs/states/suture-await-approval', 90],
      ]),
    );
    for (const { Properties } of securityResources('AWS::Lambda::Function'))
      expect(Properties.LoggingConfig.LogGroup).toEqual(ref(/Logs/));
  });

  it('the key rotates, and the account may use it without a service only for administration', () => {
    const [key] = securityResources('AWS::KMS::Key');
    expect(key!.Properties.EnableKeyRotation).toBe(true);
    const open = key!.Properties.KeyPolicy.Statement.filter(({ Condition }: any) => Condition === undefined);
    expect(open.map(({ Sid }: any) => Sid)).toEqual(['Administer', 'ValidateKeyForEvents']);
    expect(open[0].Action.filter((action: string) => /Decrypt|Encrypt|DataKey|Grant$/.test(action))).toEqual([
      'kms:RevokeGrant',
    ]);
  });
});

describe('the policy', () => {
  it('is installed as JSON for bootstrap, and stays when it leaves the template', () => {
    const [version] = resourcesOf(BOOTSTRAPPED, 'AWS::AppConfig::HostedConfigurationVersion');
    expect(JSON.parse(version!.Properties.Content)).toEqual(SAMPLE_POLICY);
    BOOTSTRAPPED.hasResourceProperties('AWS::AppConfig::DeploymentStrategy', {
      GrowthFactor: 100,
      DeploymentDurationInMinutes: 0,
    });
    const [deployment] = resourcesOf(BOOTSTRAPPED, 'AWS::AppConfig::Deployment');
    for (const resource of [version, deployment])
      expect(resource).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  it('is not in the template without bootstrap, so that no cdk deploy replaces it', () => {
    SECURITY_TEMPLATE.resourceCountIs('AWS::AppConfig::HostedConfigurationVersion', 0);
    SECURITY_TEMPLATE.resourceCountIs('AWS::AppConfig::Deployment', 0);
    expect(JSON.stringify(SECURITY_TEMPLATE.toJSON())).not.toContain('"controls');
  });

  it('is deployed only if its validator accepts it, which AppConfig may invoke', () => {
    const [profile] = securityResources('AWS::AppConfig::ConfigurationProfile');
    expect(profile!.Properties.Validators).toEqual([{ Type: 'LAMBDA', Content: attributeArn(/^PolicyValidator/) }]);
    const permissions = securityResources('AWS::Lambda::Permission').filter(
      ({ Properties }) => Properties.Principal === 'appconfig.amazonaws.com',
    );
    expect(permissions.map(({ Properties }) => Properties)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: attributeArn(/^PolicyValidator/),
        Principal: 'appconfig.amazonaws.com',
      },
    ]);
    const [deployment] = resourcesOf(BOOTSTRAPPED, 'AWS::AppConfig::Deployment');
    expect(deployment!.DependsOn).toContainEqual(expect.stringMatching(/^PolicyValidation/));
    expect(ownActions(SECURITY_TEMPLATE, 'suture-policy-validator')).toEqual({
      'dynamodb:GetItem': ['policy'],
      'appconfig:ListDeployments': expect.anything(),
    });
  });
});
