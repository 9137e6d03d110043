import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { SAMPLE_CONTEXT, ownActions, SAMPLE_POLICY, resourcesOf, SECURITY_ACCOUNT, SERVICE_ACCOUNT, roleStatementsOf, synthesizeTemplates } from './templates.ts';

const template = synthesizeTemplates(REMEDIATIONS).template('SutureSecurity');
const machineArn = `arn:aws:states:eu-west-1:${SECURITY_ACCOUNT}:stateMachine:suture-remediate-finding`;
const ref = (pattern: RegExp) => expect.objectContaining({ Ref: expect.stringMatching(pattern) });
const bus = `arn:aws:events:eu-west-1:${SECURITY_ACCOUNT}:event-bus/suture`;
const arnOf = (pattern: RegExp) => ({ 'Fn::GetAtt': [expect.stringMatching(pattern), 'Arn'] });
const of = (type: string) => resourcesOf(template, type);
const lookUp = 'organizations:DescribeAccount organizations:ListParents organizations:DescribeOrganizationalUnit';
const inOrganization = (...types: string[]) =>
  types.map((type) => `arn:aws:organizations::*:${type}/${SAMPLE_CONTEXT.organizationId}/*`);

describe('the finding rules', () => {
  const rules = of('AWS::Events::Rule').filter(({ Properties }) => /^suture-(findings|action)-/.test(Properties.Name));

  test('start the workflow, try for a day and keep what could not be delivered', () => {
    expect(rules.length).toBeGreaterThanOrEqual(2);
    for (const { Properties } of rules)
      expect(Properties.Targets).toEqual([
        {
          Id: 'workflow',
          Arn: ref(/StateMachine/),
          RoleArn: arnOf(/FindingRulesRole/),
          RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86400 },
          DeadLetterConfig: { Arn: arnOf(/FindingRulesDeadLetters/) },
        },
      ]);
  });

  test('have a role that may start this workflow and nothing else', () => {
    expect(roleStatementsOf(template, 'suture-finding-rules')).toEqual([
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: ref(/StateMachine/) },
    ]);
  });

  test('alone may send to their dead-letter queue', () => {
    const policies = of('AWS::SQS::QueuePolicy').flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const allowing = policies.filter(({ Sid }) => Sid === 'DeadLettersOfTheFindingRules');
    expect(allowing).toEqual([
      expect.objectContaining({
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: arnOf(/FindingRulesDeadLetters/),
        Condition: { ArnEquals: { 'aws:SourceArn': rules.map(() => arnOf(/FindingRulesRule/)) } },
      }),
    ]);
  });
});

describe('the workflow', () => {
  test('fills every placeholder of its definition', () => {
    const [machine] = of('AWS::StepFunctions::StateMachine');
    const { DefinitionString, DefinitionSubstitutions } = machine!.Properties;
    const placeholders = [...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(DefinitionSubstitutions).sort()).toEqual([...new Set(placeholders)].sort());
  });

  test('logs errors without execution data, is traced, and encrypted with the customer key', () => {
    template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
      StateMachineName: 'suture-remediate-finding',
      LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
      TracingConfiguration: { Enabled: true },
      EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY' },
    });
  });

  test('may invoke its three functions and send to its queue', () => {
    const tasks = roleStatementsOf(template, 'suture-remediate-finding').filter(({ Action }) =>
      ['lambda:InvokeFunction', 'sqs:SendMessage'].includes(Action),
    );
    expect(tasks.map(({ Resource }) => Resource)).toEqual([
      arnOf(/^TriageFunction/),
      arnOf(/^ProxyFunction/),
      arnOf(/^ReportFunction/),
      arnOf(/^FindingUpdatesQueue/),
    ]);
  });
});

describe('the functions', () => {
  test.each([
    [
      'suture-triage',
      {
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        [lookUp]: inOrganization('account', 'ou'),
        'states:StartExecution': machineArn,
        'dynamodb:GetItem': ['finding#*', 'account#*'],
        'dynamodb:UpdateItem': ['counter#executions#*'],
      },
    ],
    [
      'suture-proxy',
      {
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        'lambda:InvokeFunction': `arn:aws:lambda:eu-west-1:${SERVICE_ACCOUNT}:function:suture-remediation-*:live`,
        [lookUp]: inOrganization('account', 'ou'),
        'dynamodb:GetItem': ['account#*'],
        'dynamodb:BatchGetItem': ['stop', 'circuits', 'finding#*', 'counter#*'],
        'dynamodb:ConditionCheckItem': ['stop'],
        'dynamodb:UpdateItem': ['finding#*', 'counter#*'],
        'dynamodb:PutItem dynamodb:DeleteItem': ['lease#*'],
        'dynamodb:GetItem dynamodb:UpdateItem': ['circuits'],
        'dynamodb:PutItem dynamodb:Query': ['circuit#*'],
        'dynamodb:PutItem': ['caps'],
      },
    ],
    [
      'suture-directory',
      {
        'organizations:ListRoots': '*',
        'organizations:ListAccountsForParent organizations:ListOrganizationalUnitsForParent': inOrganization(
          'root',
          'ou',
        ),
        'dynamodb:BatchWriteItem': ['account#*'],
        'dynamodb:GetItem dynamodb:PutItem': ['accounts'],
      },
    ],
    [
      'suture-report',
      {
        'dynamodb:PutItem dynamodb:UpdateItem': ['finding#*'],
        'dynamodb:UpdateItem': ['approvals', 'statistics#*'],
        'events:PutEvents': bus,
        'sqs:SendMessage': arnOf(/^FindingUpdatesQueue/),
      },
    ],
    [
      'suture-finding-updates',
      {
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes':
          arnOf(/^FindingUpdatesQueue/),
        'securityhub:BatchUpdateFindings': `arn:aws:securityhub:eu-west-1:${SECURITY_ACCOUNT}:hub/default`,
        'states:SendTaskSuccess states:SendTaskFailure': machineArn,
        'dynamodb:BatchWriteItem': ['finding#*'],
        'dynamodb:UpdateItem': ['finding#*', 'statistics#*'],
        'dynamodb:PutItem': ['approvals'],
        'dynamodb:PutItem dynamodb:DeleteItem': ['lease#finding-updates'],
        'events:PutEvents': bus,
      },
    ],
    [
      'suture-failures',
      {
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes': arnOf(/^OperationsFailuresQueue/),
        'states:GetExecutionHistory': machineArn.replace('stateMachine', 'execution').concat(':*'),
        'dynamodb:PutItem': ['finding#*'],
        'dynamodb:UpdateItem': ['finding#*', 'statistics#*'],
        'events:PutEvents': bus,
      },
    ],
    [
      'suture-orphaned-executions',
      {
        'states:ListExecutions': machineArn,
        'states:DescribeExecution': machineArn.replace('stateMachine', 'execution').concat(':*'),
        'dynamodb:Query': ['by-execution', 'by-status'].map((index) => ({
          'Fn::Join': ['', [arnOf(/^Ledger/), `/index/${index}`]],
        })),
        'dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem': ['finding#*'],
        'dynamodb:GetItem dynamodb:PutItem': ['watermarks'],
        'sqs:SendMessage': arnOf(/^OperationsFailuresQueue/),
      },
    ],
    [
      'suture-recurring-findings',
      {
        'securityhub:GetFindings': `arn:aws:securityhub:eu-west-1:${SECURITY_ACCOUNT}:hub/default`,
        'dynamodb:GetItem dynamodb:UpdateItem': ['finding#*'],
        'sqs:SendMessage': arnOf(/^FindingUpdatesQueue/),
        'events:PutEvents': bus,
      },
    ],
    [
      'suture-notify',
      {
        'dynamodb:UpdateItem': ['announcements'],
        'dynamodb:Query': ['announcements', 'statistics#*', 'FAILED', 'WAITING'],
        'sns:Publish': ref(/^Alarms/),
        'sqs:SendMessage': arnOf(/^OperationsNotifyDeadLetters/),
      },
    ],
    [
      'suture-approvals',
      {
        'dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem': ['approvals'],
        'states:SendTaskSuccess': machineArn,
      },
    ],
  ])('%s may do this and no more', (role, actions) => {
    expect(ownActions(template, role)).toEqual(actions);
  });

  test('read one configuration, by its ids', () => {
    const reading = roleStatementsOf(template, 'suture-triage').find(({ Action }) =>
      [Action].flat()[0].startsWith('appconfig:'),
    );
    const [, parts] = reading.Resource['Fn::Join'];
    expect(parts).toEqual([
      `arn:aws:appconfig:eu-west-1:${SECURITY_ACCOUNT}:application/`,
      ref(/Application/),
      '/environment/',
      ref(/Environment/),
      '/configuration/',
      ref(/Profile/),
    ]);
  });

  test('use the key by way of services only', () => {
    for (const { Properties } of of('AWS::IAM::Role').filter(
      ({ Properties: { RoleName } }) => RoleName !== 'suture-remediate-finding',
    ))
      for (const { Action, Condition } of roleStatementsOf(template, Properties.RoleName))
        if ([Action].flat()[0].startsWith('kms:')) expect(Condition.StringEquals['kms:ViaService']).toBeDefined();
  });

  test('have no policies of AWS and none from elsewhere', () => {
    for (const { Properties } of of('AWS::IAM::Role')) expect(Properties.ManagedPolicyArns).toBeUndefined();
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });

  test('know what their handlers ask of the environment', () => {
    const variables = Object.fromEntries(
      of('AWS::Lambda::Function').map(({ Properties }) => [
        Properties.FunctionName,
        Object.keys(Properties.Environment?.Variables ?? {}).sort(),
      ]),
    );
    const policy = ['POLICY_APPLICATION', 'POLICY_ENVIRONMENT', 'POLICY_PROFILE'];
    expect(variables).toEqual({
      'suture-triage': [
        ...['EXCLUDED_ACCOUNTS', 'HOME_REGION', 'LEDGER_TABLE', ...policy],
        ...['SECURITY_ACCOUNT', 'SERVICE_ACCOUNT', 'STATE_MACHINE_ARN'],
      ],
      'suture-proxy': ['HOME_REGION', 'LEDGER_TABLE', ...policy, 'SERVICE_ACCOUNT'],
      'suture-report': ['EVENT_BUS', 'FINDING_UPDATES_QUEUE_URL', 'LEDGER_TABLE'],
      'suture-finding-updates': ['EVENT_BUS', 'FINDING_UPDATES_QUEUE_URL', 'LEDGER_TABLE'],
      'suture-failures': ['EVENT_BUS', 'LEDGER_TABLE'],
      'suture-orphaned-executions': ['FAILURES_QUEUE_URL', 'LEDGER_TABLE', 'STATE_MACHINE_ARN'],
      'suture-recurring-findings': ['EVENT_BUS', 'FINDING_UPDATES_QUEUE_URL', 'LEDGER_TABLE'],
      'suture-notify': ['LEDGER_TABLE', 'TOPIC_ARN'],
      'suture-approvals': ['LEDGER_TABLE'],
      'suture-policy-validator': [],
      'suture-directory': ['LEDGER_TABLE', 'SECURITY_ACCOUNT'],
    });
  });

  test('the approval function has a URL for those of the account whom IAM lets, and nobody else', () => {
    expect(of('AWS::Lambda::Url').map(({ Properties }) => Properties)).toEqual([
      { AuthType: 'AWS_IAM', TargetFunctionArn: arnOf(/^Approvals/) },
    ]);
    const allowed = { FunctionName: arnOf(/^Approvals/), Principal: SECURITY_ACCOUNT };
    expect(of('AWS::Lambda::Permission').map(({ Properties }) => Properties)).toEqual(
      expect.arrayContaining([
        { ...allowed, Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'AWS_IAM' },
        { ...allowed, Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true },
      ]),
    );
    for (const { Properties } of of('AWS::Lambda::Permission'))
      if (Properties.FunctionUrlAuthType || Properties.InvokedViaFunctionUrl)
        expect(Properties.FunctionName).toEqual(arnOf(/^Approvals/));
  });

  test('the first messages of the queue begin an invocation at once, and it gives back what failed', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: Match.absent(),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('everything at rest', () => {
  test.each([
    ['AWS::DynamoDB::Table', (properties: any) => properties.SSESpecification.KMSMasterKeyId],
    ['AWS::SQS::Queue', (properties: any) => properties.KmsMasterKeyId],
    ['AWS::SNS::Topic', (properties: any) => properties.KmsMasterKeyId],
    ['AWS::Logs::LogGroup', (properties: any) => properties.KmsKeyId],
    ['AWS::Lambda::Function', (properties: any) => properties.KmsKeyArn],
    ['AWS::AppConfig::ConfigurationProfile', (properties: any) => properties.KmsKeyIdentifier],
    ['AWS::AppConfig::Deployment', (properties: any) => properties.KmsKeyIdentifier],
    ['AWS::StepFunctions::StateMachine', (properties: any) => properties.EncryptionConfiguration.KmsKeyId],
  ])('%s is encrypted with the customer key', (type, keyOf) => {
    expect(of(type).length).toBeGreaterThan(0);
    for (const { Properties } of of(type)) expect(keyOf(Properties)).toEqual(arnOf(/^Key/));
  });

  test('the ledger can be restored, and is not deleted with its stack', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      Properties: {
        TableName: 'suture-ledger',
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        DeletionProtectionEnabled: true,
        TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      },
      DeletionPolicy: 'RetainExceptOnCreate',
    });
  });

  test('the ledger is found by index, sorted by time, with what a list shows', () => {
    const [{ Properties }] = of('AWS::DynamoDB::Table') as [any];
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
      ['by-execution', 'trace', 'KEYS_ONLY'],
    ]);
    // DynamoDB projects at most 20 such attributes into an index, and 100 into all of a table.
    for (const { Projection } of Properties.GlobalSecondaryIndexes)
      expect(Projection.NonKeyAttributes?.length ?? 0).toBeLessThanOrEqual(20);
  });

  test('logs are kept for 90 days, in a group for each function and the workflow', () => {
    expect(
      of('AWS::Logs::LogGroup').map(({ Properties }) => [Properties.LogGroupName, Properties.RetentionInDays]),
    ).toEqual(
      expect.arrayContaining([
        ['/aws/lambda/suture-triage', 90],
        ['/aws/lambda/suture-proxy', 90],
        ['/aws/lambda/suture-report', 90],
        ['/aws/lambda/suture-finding-updates', 90],
        ['/aws/lambda/suture-policy-validator', 90],
        ['/aws/vendedlogs/states/suture-remediate-finding', 90],
      ]),
    );
    for (const { Properties } of of('AWS::Lambda::Function'))
      expect(Properties.LoggingConfig.LogGroup).toEqual(ref(/Logs/));
  });

  test('the key rotates, and only its administration is open to the account without a service in between', () => {
    const [key] = of('AWS::KMS::Key');
    expect(key!.Properties.EnableKeyRotation).toBe(true);
    const open = key!.Properties.KeyPolicy.Statement.filter(({ Condition }: any) => Condition === undefined);
    expect(open.map(({ Sid }: any) => Sid)).toEqual(['Administer']);
    expect(open[0].Action.filter((action: string) => /Decrypt|Encrypt|DataKey|Grant$/.test(action))).toEqual([
      'kms:RevokeGrant',
    ]);
  });
});

describe('queues', () => {
  test('have a dead-letter queue, or are one', () => {
    const [updates] = of('AWS::SQS::Queue').filter(
      ({ Properties }) => Properties.QueueName === 'suture-finding-updates',
    );
    expect(updates!.Properties).toMatchObject({
      RedrivePolicy: { maxReceiveCount: 14, deadLetterTargetArn: arnOf(/FindingUpdatesDeadLetters/) },
      VisibilityTimeout: 720,
    });
    expect(of('AWS::SQS::Queue')).toHaveLength(6);
  });

  test('refuse what does not come over TLS', () => {
    for (const { Properties } of of('AWS::SQS::QueuePolicy'))
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
  });
});

describe('the dashboard', () => {
  const [dashboard] = of('AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard!.Properties.DashboardBody);

  test.each(['Triaged', 'Reported', 'Failed', 'SecondsToFix', 'CircuitOpened', 'GivenUp', 'OrphanedExecutions'])(
    'shows what functions count as %s',
    (metric) => {
      expect(body).toContain(metric);
    },
  );
  test.each(['AWS/States', 'AWS/SQS', 'AWS/Lambda', 'AWS/DynamoDB'])('shows what AWS counts in %s', (namespace) => {
    expect(body).toContain(namespace);
  });
});

describe('alarms', () => {
  const alarms = of('AWS::CloudWatch::Alarm');

  test('ring for dead letters, failed executions, and errors and throttles of every function', () => {
    expect(alarms.map(({ Properties }) => Properties.AlarmName).sort()).toEqual([
      'suture-approvals-errors',
      'suture-approvals-throttled',
      'suture-circuit-opened',
      'suture-directory-errors',
      'suture-directory-stale',
      'suture-directory-throttled',
      'suture-executions-aborted',
      'suture-executions-failed',
      'suture-executions-throttled',
      'suture-executions-timed-out',
      'suture-failures-dlq',
      'suture-failures-errors',
      'suture-failures-old',
      'suture-failures-throttled',
      'suture-finding-events-dlq',
      'suture-finding-updates-dlq',
      'suture-finding-updates-errors',
      'suture-finding-updates-old',
      'suture-finding-updates-throttled',
      'suture-findings-rejected',
      'suture-ledger-reads-throttled',
      'suture-ledger-writes-throttled',
      'suture-orphaned-executions-errors',
      'suture-orphaned-executions-throttled',
      'suture-notify-dlq',
      'suture-notify-errors',
      'suture-notify-throttled',
      'suture-policy-unavailable',
      'suture-policy-validator-errors',
      'suture-policy-validator-throttled',
      'suture-proxy-errors',
      'suture-proxy-throttled',
      'suture-report-errors',
      'suture-report-throttled',
      'suture-rollback-failed',
      'suture-recurring-findings',
      'suture-recurring-findings-errors',
      'suture-recurring-findings-throttled',
      'suture-triage-errors',
      'suture-triage-throttled',
    ]);
  });

  test('say what they mean and reach the topic', () => {
    for (const { Properties } of alarms) {
      expect(Properties.AlarmDescription.length).toBeGreaterThan(60);
      expect(Properties.AlarmActions).toEqual([ref(/^Alarms/)]);
    }
    template.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' }),
        ]),
      },
    });
  });
});

describe('the policy', () => {
  test('is deployed at once, as JSON', () => {
    const [version] = of('AWS::AppConfig::HostedConfigurationVersion');
    expect(JSON.parse(version!.Properties.Content)).toEqual(SAMPLE_POLICY);
    template.hasResourceProperties('AWS::AppConfig::DeploymentStrategy', {
      GrowthFactor: 100,
      DeploymentDurationInMinutes: 0,
    });
    template.resourceCountIs('AWS::AppConfig::Deployment', 1);
  });

  test('is deployed only when its validator agrees, which AppConfig of this account alone may ask', () => {
    const [profile] = of('AWS::AppConfig::ConfigurationProfile');
    expect(profile!.Properties.Validators).toEqual([{ Type: 'LAMBDA', Content: arnOf(/^PolicyValidator/) }]);
    const permissions = of('AWS::Lambda::Permission').filter(
      ({ Properties }) => Properties.Principal === 'appconfig.amazonaws.com',
    );
    expect(permissions.map(({ Properties }) => Properties)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: arnOf(/^PolicyValidator/),
        Principal: 'appconfig.amazonaws.com',
        SourceAccount: SECURITY_ACCOUNT,
        SourceArn: {
          'Fn::Join': ['', [`arn:aws:appconfig:eu-west-1:${SECURITY_ACCOUNT}:application/`, ref(/Application/), '*']],
        },
      },
    ]);
    const [deployment] = of('AWS::AppConfig::Deployment');
    expect(deployment!.DependsOn).toContainEqual(expect.stringMatching(/^PolicyValidation/));
    expect(ownActions(template, 'suture-policy-validator')).toEqual({});
  });
});

test('five in a hundred traces are kept', () => {
  template.hasResourceProperties('AWS::XRay::SamplingRule', {
    SamplingRule: { FixedRate: 0.05, ServiceName: 'suture-*' },
  });
});
