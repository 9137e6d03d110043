import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { REMEDIATIONS } from '../../functions/remediations/registry.generated.ts';
import { compilePattern } from '../../sandbox/event-patterns/pattern.ts';
import { parseContext, type SutureContext } from '../../stacks/context.ts';
import {
  ownActions,
  resourcesOf,
  roleStatementsOf,
  SAMPLE_CONTEXT,
  SAMPLE_POLICY,
  SECURITY_ACCOUNT,
  SERVICE_ACCOUNT,
  synthesizeTemplates,
} from './templates.ts';

/** The resources of the security account's three stacks; their logical ids differ. */
function securityTemplate(more: Partial<SutureContext> = {}): Template {
  const { template } = synthesizeTemplates(REMEDIATIONS, parseContext({ ...SAMPLE_CONTEXT, ...more }));
  const resources = ['SuturePolicy', 'SutureLedger', 'SutureSecurity'].map((name) => template(name).toJSON().Resources);
  return Template.fromJSON({ Resources: Object.assign({}, ...resources) });
}
const TEMPLATE = securityTemplate();
const BOOTSTRAPPED = securityTemplate({ bootstrap: true });
const MACHINE_ARN = `arn:aws:states:eu-west-1:${SECURITY_ACCOUNT}:stateMachine:suture-remediate-finding`;
const APPROVAL_MACHINE_ARN = `arn:aws:states:eu-west-1:${SECURITY_ACCOUNT}:stateMachine:suture-await-approval`;
const ref = (pattern: RegExp) => expect.objectContaining({ Ref: expect.stringMatching(pattern) });
const BUS_ARN = `arn:aws:events:eu-west-1:${SECURITY_ACCOUNT}:event-bus/suture`;
const LEDGER_ARN = `arn:aws:dynamodb:eu-west-1:${SECURITY_ACCOUNT}:table/suture-ledger`;
const TOPIC_ARN = `arn:aws:sns:eu-west-1:${SECURITY_ACCOUNT}:suture-alarms`;
/** In its own stack, and imported by the others. */
const KEY_ARN = expect.toSatisfy((arn: any) =>
  /^Key|:ExportsOutputFnGetAttKey\w+Arn/.test(arn['Fn::GetAtt']?.[0] ?? arn['Fn::ImportValue']),
);
const arnOf = (pattern: RegExp) => ({ 'Fn::GetAtt': [expect.stringMatching(pattern), 'Arn'] });
const queueArns = (...names: string[]) =>
  names.map((name) => `arn:aws:sqs:eu-west-1:${SECURITY_ACCOUNT}:suture-${name}`);
const of = (type: string) => resourcesOf(TEMPLATE, type);
const ACCOUNT_LOOKUP =
  'organizations:DescribeAccount organizations:ListParents organizations:DescribeOrganizationalUnit';
const inOrganization = (...types: string[]) =>
  types.map((type) => `arn:aws:organizations::*:${type}/${SAMPLE_CONTEXT.organizationId}/*`);

describe('the finding rules', () => {
  const rules = of('AWS::Events::Rule').filter(({ Properties }) =>
    /^suture-(findings|action|mended)-/.test(Properties.Name),
  );

  it('start the workflow, retry for a day and keep undelivered events', () => {
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

  it('archive findings of Security Hub itself, of every control, and of no custom product', () => {
    const [{ Properties }, ...more] = of('AWS::Events::Archive') as [any, ...unknown[]];
    expect(more).toEqual([]);
    const archives = compilePattern(Properties.EventPattern);
    const event = (ProductArn: string, GeneratorId: string) => ({
      source: 'aws.securityhub',
      'detail-type': 'Security Hub Findings - Imported',
      detail: {
        findings: [
          {
            ...{ ProductArn, GeneratorId, RecordState: 'ACTIVE' },
            ...{ Workflow: { Status: 'NEW' }, Compliance: { Status: 'FAILED', SecurityControlId: 'Unheard.1' } },
          },
        ],
      },
    });
    expect(archives(event('arn:aws:securityhub:eu-west-1::product/aws/securityhub', 'security-control/X.1'))).toBe(
      true,
    );
    for (const product of [
      '444444444444:product/444444444444/default',
      ':product/vendor/scanner',
      ':product/aws/inspector',
    ])
      expect(archives(event(`arn:aws:securityhub:eu-west-1:${product}`, 'security-control/X.1')), product).toBe(false);
  });

  it('have a role that may only start this workflow', () => {
    expect(roleStatementsOf(TEMPLATE, 'suture-finding-rules')).toEqual([
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: ref(/StateMachine/) },
    ]);
  });

  it('are the only principals that may send to their dead-letter queue', () => {
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
  it('fills every placeholder of its definition', () => {
    const [machine] = of('AWS::StepFunctions::StateMachine');
    const { DefinitionString, DefinitionSubstitutions } = machine!.Properties;
    const placeholders = [...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(DefinitionSubstitutions).sort()).toEqual([...new Set(placeholders)].sort());
  });

  it.each(['suture-remediate-finding', 'suture-await-approval'])(
    '%s logs errors without execution data, is traced, and encrypted with the customer key',
    (StateMachineName) => {
      TEMPLATE.hasResourceProperties('AWS::StepFunctions::StateMachine', {
        StateMachineName,
        LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
        TracingConfiguration: { Enabled: true },
        EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY' },
      });
    },
  );

  it('may invoke its three functions and send to its queue', () => {
    const tasks = roleStatementsOf(TEMPLATE, 'suture-remediate-finding').filter(({ Action }) =>
      ['lambda:InvokeFunction', 'sqs:SendMessage'].includes(Action),
    );
    expect(tasks.map(({ Resource }) => Resource)).toEqual([
      arnOf(/^TriageFunction/),
      arnOf(/^ProxyFunction/),
      arnOf(/^ReportFunction/),
      arnOf(/^FindingUpdatesQueue/),
    ]);
  });

  it('starts executions that wait for approval, and waits for their end', () => {
    const nested = roleStatementsOf(TEMPLATE, 'suture-remediate-finding').filter(({ Action }) =>
      /^(states|events):/.test([Action].flat()[0]),
    );
    expect(nested.map(({ Action, Resource }) => [Action, Resource])).toEqual([
      ['states:StartExecution', APPROVAL_MACHINE_ARN],
      [
        ['states:DescribeExecution', 'states:StopExecution'],
        `${APPROVAL_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:*`,
      ],
      [
        ['events:PutRule', 'events:PutTargets', 'events:DescribeRule'],
        `arn:aws:events:eu-west-1:${SECURITY_ACCOUNT}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`,
      ],
    ]);
  });
});

describe('the functions', () => {
  it.each([
    [
      'suture-triage',
      {
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        [ACCOUNT_LOOKUP]: inOrganization('account', 'ou'),
        'states:StartExecution': MACHINE_ARN,
        'account:GetAlternateContact': 'arn:aws:account::*:account/o-example00001/*',
        'dynamodb:GetItem': ['finding#*', 'account#*', 'accounts', 'audit#operation#*'],
        'dynamodb:GetItem dynamodb:PutItem': ['contact#*'],
        'dynamodb:UpdateItem': ['counter#executions#*', 'errors#*'],
      },
    ],
    [
      'suture-proxy',
      {
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        'sts:AssumeRole': `arn:aws:iam::${SERVICE_ACCOUNT}:role/suture/suture-invoker`,
        [ACCOUNT_LOOKUP]: inOrganization('account', 'ou'),
        'dynamodb:GetItem': ['account#*', 'accounts'],
        'dynamodb:BatchGetItem': ['stop', 'circuits', 'finding#*', 'counter#*'],
        'dynamodb:ConditionCheckItem': ['stop'],
        'dynamodb:UpdateItem': ['finding#*', 'counter#*', 'errors#*'],
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
        'dynamodb:UpdateItem': ['approvals', 'statistics#*', 'errors#*'],
        'events:PutEvents': BUS_ARN,
        'sqs:SendMessage': arnOf(/^FindingUpdatesQueue/),
      },
    ],
    [
      'suture-finding-updates',
      {
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes':
          arnOf(/^FindingUpdatesQueue/),
        'securityhub:GetFindings': `arn:aws:securityhub:eu-west-1:${SECURITY_ACCOUNT}:hub/default`,
        'securityhub:BatchUpdateFindings': `arn:aws:securityhub:eu-west-1:${SECURITY_ACCOUNT}:hub/default`,
        'states:SendTaskSuccess states:SendTaskFailure': MACHINE_ARN,
        'dynamodb:GetItem dynamodb:PutItem': ['finding#*'],
        'dynamodb:UpdateItem': ['finding#*', 'statistics#*', 'suppressions'],
        'dynamodb:PutItem dynamodb:DeleteItem': ['lease#finding-updates'],
        'events:PutEvents': BUS_ARN,
      },
    ],
    [
      'suture-failures',
      {
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes': arnOf(/^OperationsFailuresQueue/),
        'states:GetExecutionHistory': MACHINE_ARN.replace('stateMachine', 'execution').concat(':*'),
        'dynamodb:PutItem': ['finding#*'],
        'dynamodb:UpdateItem': ['finding#*', 'statistics#*'],
        'events:PutEvents': BUS_ARN,
        'sqs:SendMessage': arnOf(/^FindingUpdatesQueue/),
      },
    ],
    [
      'suture-orphaned-executions',
      {
        'states:ListExecutions': MACHINE_ARN,
        'states:DescribeExecution': MACHINE_ARN.replace('stateMachine', 'execution').concat(':*'),
        'dynamodb:Query': ['by-execution', 'by-status'].map((index) => `${LEDGER_ARN}/index/${index}`),
        'dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem': ['finding#*'],
        'dynamodb:GetItem dynamodb:PutItem': ['watermarks'],
        'sqs:SendMessage': arnOf(/^OperationsFailuresQueue/),
      },
    ],
    [
      'suture-recurring-findings',
      {
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        'dynamodb:Query': `${LEDGER_ARN}/index/by-suppression`,
        'dynamodb:Query dynamodb:UpdateItem dynamodb:DeleteItem': ['suppressions'],
        'dynamodb:PutItem': ['hidden'],
        'securityhub:GetFindings': `arn:aws:securityhub:eu-west-1:${SECURITY_ACCOUNT}:hub/default`,
        'dynamodb:GetItem dynamodb:UpdateItem': ['finding#*'],
        'sqs:SendMessage': arnOf(/^FindingUpdatesQueue/),
        'events:PutEvents': BUS_ARN,
      },
    ],
    [
      'suture-unexplained-sessions',
      {
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes': arnOf(/^SessionWatchQueue/),
        'states:DescribeExecution': MACHINE_ARN.replace('stateMachine', 'execution').concat(':*'),
      },
    ],
    [
      'suture-notify',
      {
        'dynamodb:UpdateItem': ['announcements'],
        'dynamodb:Query': ['announcements', 'statistics#*', 'FAILED', 'WAITING'],
        'dynamodb:GetItem': ['accounts', 'hidden'],
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        'sns:Publish': TOPIC_ARN,
        'sqs:SendMessage': arnOf(/^OperationsNotifyDeadLetters/),
      },
    ],
    [
      'suture-api',
      {
        'dynamodb:GetItem dynamodb:Query': ['finding#*', 'proposals'],
        'dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem': [
          'audit#operations',
          'audit#operation#*',
        ],
        'dynamodb:PutItem': ['stop', 'audit#stops', 'proposals', 'audit#proposals', 'policy'],
        'dynamodb:GetItem': ['stop', 'accounts'],
        'dynamodb:DeleteItem': ['stop', 'policy'],
        'dynamodb:UpdateItem': ['stop'],
        'states:StartExecution states:DescribeStateMachine': MACHINE_ARN,
        'states:DescribeExecution states:DescribeStateMachineForExecution states:RedriveExecution': `${MACHINE_ARN.replace(':stateMachine:', ':execution:')}:*`,
        'sqs:DeleteMessage sqs:GetQueueUrl sqs:ReceiveMessage': queueArns(
          'finding-events-dlq',
          'finding-updates-dlq',
          'failures-dlq',
          'sessions-dlq',
          'notify-dlq',
          'ip-ranges-failed',
        ),
        'sqs:StartMessageMoveTask': queueArns('failures-dlq', 'sessions-dlq'),
        'sqs:GetQueueUrl sqs:SendMessage': queueArns('finding-updates', 'failures', 'sessions'),
        'lambda:InvokeFunction': ['notify', 'ip-ranges'].map(
          (name) => `arn:aws:lambda:eu-west-1:${SECURITY_ACCOUNT}:function:suture-${name}`,
        ),
        'dynamodb:GetItem dynamodb:PutItem': ['ip-ranges-requests'],
        'events:ListRules': '*',
        'events:DescribeArchive': `arn:aws:events:eu-west-1:${SECURITY_ACCOUNT}:archive/suture-findings`,
        'events:StartReplay': ['archive/suture-findings', 'event-bus/default', 'replay/suture-*'].map(
          (path) => `arn:aws:events:eu-west-1:${SECURITY_ACCOUNT}:${path}`,
        ),
        'securityhub:GetFindings': `arn:aws:securityhub:eu-west-1:${SECURITY_ACCOUNT}:hub/default`,
        'appconfig:CreateHostedConfigurationVersion': expect.anything(),
        'appconfig:GetHostedConfigurationVersion': expect.anything(),
        'appconfig:ListDeployments': expect.anything(),
        'appconfig:StartDeployment': expect.anything(),
      },
    ],
    [
      'suture-await-approval',
      {
        'dynamodb:PutItem': ['approvals'],
      },
    ],
    [
      'suture-approvals',
      {
        'dynamodb:GetItem dynamodb:Query dynamodb:UpdateItem': ['approvals'],
        'dynamodb:Query': ['audit#operation#redrive-*'],
        'states:SendTaskSuccess': APPROVAL_MACHINE_ARN,
      },
    ],
  ])('%s has exactly the listed permissions', (role, actions) => {
    expect(ownActions(TEMPLATE, role)).toEqual(actions);
  });

  it("read the configuration by the ids in their roles' policies", () => {
    const [triage] = of('AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.FunctionName === 'suture-triage',
    );
    expect(triage!.Properties.Environment.Variables).toMatchObject({
      POLICY_APPLICATION: { 'Fn::ImportValue': 'suture-policy-application' },
      POLICY_ENVIRONMENT: { 'Fn::ImportValue': 'suture-policy-environment' },
      POLICY_PROFILE: { 'Fn::ImportValue': 'suture-policy-profile' },
    });
  });

  it('may read one configuration, by its ids', () => {
    const reading = roleStatementsOf(TEMPLATE, 'suture-triage').find(({ Action }) =>
      [Action].flat()[0].startsWith('appconfig:'),
    );
    const [, parts] = reading.Resource['Fn::Join'];
    expect(parts).toEqual([
      `arn:aws:appconfig:eu-west-1:${SECURITY_ACCOUNT}:application/`,
      { 'Fn::ImportValue': 'suture-policy-application' },
      '/environment/',
      { 'Fn::ImportValue': 'suture-policy-environment' },
      '/configuration/',
      { 'Fn::ImportValue': 'suture-policy-profile' },
    ]);
  });

  it('use the keys only through services, but for signatures', () => {
    for (const { Properties } of of('AWS::IAM::Role').filter(
      ({ Properties: { RoleName } }) => !['suture-remediate-finding', 'suture-await-approval'].includes(RoleName),
    ))
      for (const { Action, Condition } of roleStatementsOf(TEMPLATE, Properties.RoleName))
        if ([Action].flat()[0].startsWith('kms:') && Action !== 'kms:GenerateMac')
          expect(Condition.StringEquals['kms:ViaService']).toBeDefined();
  });

  it('have neither managed nor separate policies', () => {
    for (const { Properties } of of('AWS::IAM::Role')) expect(Properties.ManagedPolicyArns).toBeUndefined();
    TEMPLATE.resourceCountIs('AWS::IAM::Policy', 0);
  });

  it('have the environment variables that their handlers read', () => {
    const variables = Object.fromEntries(
      of('AWS::Lambda::Function').map(({ Properties }) => [
        Properties.FunctionName,
        Object.keys(Properties.Environment?.Variables ?? {}).sort(),
      ]),
    );
    for (const names of Object.values<string[]>(variables))
      expect(names.splice(names.indexOf('SUTURE_PREFIX'), 1)).toEqual(['SUTURE_PREFIX']);
    const policy = ['POLICY_APPLICATION', 'POLICY_ENVIRONMENT', 'POLICY_PROFILE'];
    expect(variables).toEqual({
      'suture-triage': [
        ...['EXCLUDED_ACCOUNTS', 'HOME_REGION', 'LEDGER_TABLE', ...policy, 'REGIONS'],
        ...['SECURITY_ACCOUNT', 'SIGNING_KEY', 'STATE_MACHINE_ARN'],
      ],
      'suture-proxy': ['HOME_REGION', 'INVOKER_ROLE', 'LEDGER_TABLE', ...policy, 'SERVICE_ACCOUNT'],
      'suture-report': ['EVENT_BUS', 'FINDING_UPDATES_QUEUE_URL', 'LEDGER_TABLE'],
      'suture-finding-updates': [
        ...['API_ROLE_ID', 'EVENT_BUS', 'FAILURES_ROLE_ID', 'FINDING_UPDATES_QUEUE_URL', 'LEDGER_TABLE', ...policy],
        ...['RECURRING_FINDINGS_ROLE_ID', 'REPORT_ROLE_ID', 'WORKFLOW_ROLE_ID'],
      ],
      'suture-failures': ['EVENT_BUS', 'FINDING_UPDATES_QUEUE_URL', 'LEDGER_TABLE'],
      'suture-orphaned-executions': ['FAILURES_QUEUE_URL', 'LEDGER_TABLE', 'STATE_MACHINE_ARN'],
      'suture-recurring-findings': [
        ...['EVENT_BUS', 'FINDING_UPDATES_QUEUE_URL', 'LEDGER_TABLE', ...policy],
        'SECURITY_HUB_PRODUCTS',
      ],
      'suture-notify': ['LEDGER_TABLE', ...policy, 'TOPIC_ARN'],
      'suture-unexplained-sessions': ['DOCTOR', 'EXECUTIONS'],
      'suture-doctor': ['DOCTOR_FACTS', 'LEDGER_TABLE', ...policy],
      'suture-api': [
        'LEDGER_TABLE',
        'NOTIFY_FUNCTION',
        'POLICY_APPLICATION',
        'POLICY_ENVIRONMENT',
        'POLICY_PROFILE',
        'POLICY_STRATEGY',
        'STATE_MACHINE_ARN',
      ],
      'suture-approvals': ['LEDGER_TABLE', 'SIGNING_KEY'],
      'suture-policy-validator': ['LEDGER_TABLE', 'POLICY_APPLICATION', 'POLICY_ENVIRONMENT'],
      'suture-directory': ['EXCLUDED_ACCOUNTS', 'LEDGER_TABLE', 'SECURITY_ACCOUNT'],
    });
  });

  it('only the API may invoke the approval function, for its own stage', () => {
    TEMPLATE.resourceCountIs('AWS::Lambda::Url', 0);
    const permissions = of('AWS::Lambda::Permission').filter(({ Properties }) =>
      JSON.stringify(Properties.FunctionName).includes('"Approvals'),
    );
    expect(permissions.map(({ Properties }) => Properties)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: arnOf(/^Approvals/),
        Principal: 'apigateway.amazonaws.com',
        SourceArn: {
          'Fn::Join': ['', [`arn:aws:execute-api:eu-west-1:${SECURITY_ACCOUNT}:`, ref(/^ApiRestApi/), '/live/*']],
        },
      },
    ]);
  });

  it('the queue invokes its function without a batching window, and the function reports failed messages', () => {
    TEMPLATE.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: Match.absent(),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('data at rest', () => {
  it.each([
    ['AWS::DynamoDB::Table', (properties: any) => properties.SSESpecification.KMSMasterKeyId],
    ['AWS::SQS::Queue', (properties: any) => properties.KmsMasterKeyId],
    ['AWS::Logs::LogGroup', (properties: any) => properties.KmsKeyId],
    ['AWS::Lambda::Function', (properties: any) => properties.KmsKeyArn],
    ['AWS::StepFunctions::StateMachine', (properties: any) => properties.EncryptionConfiguration.KmsKeyId],
  ])('%s is encrypted with the customer key', (type, keyOf) => {
    expect(of(type).length).toBeGreaterThan(0);
    for (const { Properties } of of(type)) expect(keyOf(Properties)).toEqual(KEY_ARN);
  });

  it('the alarm topic has a key of its own, which CloudWatch may use for alarms, and no other key', () => {
    TEMPLATE.hasResourceProperties('AWS::SNS::Topic', {
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('AlarmKey'), 'Arn'] },
    });
    const keys = of('AWS::KMS::Key').map(({ Properties }) => Properties.KeyPolicy.Statement as any[]);
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
    TEMPLATE.hasResource('AWS::DynamoDB::Table', {
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
      ['by-suppression', 'ofSuppression changedAt', 'INCLUDE'],
      ['by-execution', 'trace', 'KEYS_ONLY'],
    ]);
    // DynamoDB projects up to 20 non-key attributes into an index, and up to 100 into all indexes of a table.
    for (const { Projection } of Properties.GlobalSecondaryIndexes)
      expect(Projection.NonKeyAttributes?.length ?? 0).toBeLessThanOrEqual(20);
  });

  it('logs are kept for 90 days, in a group for each function and the workflow', () => {
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
        ['/aws/vendedlogs/states/suture-await-approval', 90],
      ]),
    );
    for (const { Properties } of of('AWS::Lambda::Function'))
      expect(Properties.LoggingConfig.LogGroup).toEqual(ref(/Logs/));
  });

  it('the key rotates, and the account may use it without a service only for administration', () => {
    const [key] = of('AWS::KMS::Key');
    expect(key!.Properties.EnableKeyRotation).toBe(true);
    const open = key!.Properties.KeyPolicy.Statement.filter(({ Condition }: any) => Condition === undefined);
    expect(open.map(({ Sid }: any) => Sid)).toEqual(['Administer', 'ValidateKeyForEvents']);
    expect(open[0].Action.filter((action: string) => /Decrypt|Encrypt|DataKey|Grant$/.test(action))).toEqual([
      'kms:RevokeGrant',
    ]);
  });
});

describe('queues', () => {
  it('have a dead-letter queue or are one', () => {
    const [updates] = of('AWS::SQS::Queue').filter(
      ({ Properties }) => Properties.QueueName === 'suture-finding-updates',
    );
    expect(updates!.Properties).toMatchObject({
      RedrivePolicy: { maxReceiveCount: 14, deadLetterTargetArn: arnOf(/FindingUpdatesDeadLetters/) },
      VisibilityTimeout: 720,
    });
    expect(of('AWS::SQS::Queue')).toHaveLength(8);
  });

  it('of updates deny sending to all but the five roles that write, and their dead-letter queue to everybody', () => {
    const denials = of('AWS::SQS::QueuePolicy')
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Effect, Action }) => Effect === 'Deny' && Action === 'sqs:SendMessage');
    const roles = ['remediate-finding', 'report', 'failures', 'recurring-findings', 'api'];
    const arns = roles.map((name) => `arn:aws:iam::${SECURITY_ACCOUNT}:role/suture/suture-${name}`);
    expect(denials.map(({ Principal, Resource, Condition }) => [Principal, Resource, Condition])).toEqual([
      [{ AWS: '*' }, arnOf(/^FindingUpdatesDeadLetters/), { Null: { 'aws:PrincipalArn': 'false' } }],
      [{ AWS: '*' }, arnOf(/^FindingUpdatesQueue/), { ArnNotEquals: { 'aws:PrincipalArn': arns } }],
    ]);
    const names = of('AWS::IAM::Role').map(({ Properties: { Path, RoleName } }) => `${Path}${RoleName}`);
    expect(names).toEqual(expect.arrayContaining(roles.map((name) => `/suture/suture-${name}`)));
  });

  it('deny requests without TLS', () => {
    for (const { Properties } of of('AWS::SQS::QueuePolicy'))
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
  });
});

describe('the dashboard', () => {
  const [dashboard] = of('AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard!.Properties.DashboardBody);

  it.each(['Triaged', 'Reported', 'Failed', 'SecondsToFix', 'CircuitOpened', 'GivenUp', 'OrphanedExecutions'])(
    'shows the metric %s of the functions',
    (metric) => {
      expect(body).toContain(metric);
    },
  );
  it.each(['AWS/States', 'AWS/SQS', 'AWS/Lambda', 'AWS/DynamoDB'])('shows metrics of %s', (namespace) => {
    expect(body).toContain(namespace);
  });
});

describe('alarms', () => {
  const alarms = of('AWS::CloudWatch::Alarm');

  it('watch dead letters, failed executions, and errors and throttles of every function', () => {
    expect(alarms.map(({ Properties }) => Properties.AlarmName).sort()).toEqual([
      'suture-api-errors',
      'suture-api-gateway-errors',
      'suture-api-throttled',
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
      'suture-finding-updates-refused',
      'suture-finding-updates-throttled',
      'suture-findings-rejected',
      'suture-ledger-reads-throttled',
      'suture-ledger-writes-throttled',
      'suture-notify-dlq',
      'suture-notify-errors',
      'suture-notify-throttled',
      'suture-orphaned-executions-errors',
      'suture-orphaned-executions-throttled',
      'suture-policy-unavailable',
      'suture-policy-validator-errors',
      'suture-policy-validator-throttled',
      'suture-proxy-errors',
      'suture-proxy-throttled',
      'suture-recurring-findings',
      'suture-recurring-findings-errors',
      'suture-recurring-findings-throttled',
      'suture-report-errors',
      'suture-report-throttled',
      'suture-rollback-failed',
      'suture-sessions-dlq',
      'suture-triage-errors',
      'suture-triage-throttled',
      'suture-unexplained-sessions',
      'suture-unexplained-sessions-errors',
      'suture-unexplained-sessions-throttled',
    ]);
  });

  it('have a description and reach the topic', () => {
    for (const { Properties } of alarms) {
      expect(Properties.AlarmDescription.length).toBeGreaterThan(60);
      expect(Properties.AlarmActions).toEqual([expect.toBeOneOf([TOPIC_ARN, ref(/^Alarms/)])]);
    }
    TEMPLATE.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' }),
        ]),
      },
    });
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
    TEMPLATE.resourceCountIs('AWS::AppConfig::HostedConfigurationVersion', 0);
    TEMPLATE.resourceCountIs('AWS::AppConfig::Deployment', 0);
    expect(JSON.stringify(TEMPLATE.toJSON())).not.toContain('"controls');
  });

  it('is deployed only if its validator accepts it, which AppConfig may invoke', () => {
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
      },
    ]);
    const [deployment] = resourcesOf(BOOTSTRAPPED, 'AWS::AppConfig::Deployment');
    expect(deployment!.DependsOn).toContainEqual(expect.stringMatching(/^PolicyValidation/));
    expect(ownActions(TEMPLATE, 'suture-policy-validator')).toEqual({
      'dynamodb:GetItem': ['policy'],
      'appconfig:ListDeployments': expect.anything(),
    });
  });
});

it('five percent of the traces are sampled', () => {
  TEMPLATE.hasResourceProperties('AWS::XRay::SamplingRule', {
    SamplingRule: { FixedRate: 0.05, ServiceName: 'suture-*' },
  });
});
