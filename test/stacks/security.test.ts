import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import {
  ALARM_TOPIC_ARN,
  APPROVAL_MACHINE_ARN,
  attributeArn,
  BUS_ARN,
  MACHINE_ARN,
  queueArns,
  ref,
  SECURITY_TEMPLATE,
  securityResources,
} from './security-template.ts';
import { ownActions, roleStatementsOf, SAMPLE_CONTEXT, SECURITY_ACCOUNT, SERVICE_ACCOUNT } from './templates.ts';

const LEDGER_ARN = `arn:aws:dynamodb:eu-west-1:${SECURITY_ACCOUNT}:table/suture-ledger`;
const ACCOUNT_LOOKUP =
  'organizations:DescribeAccount organizations:ListParents organizations:DescribeOrganizationalUnit';
const inOrganization = (...types: string[]) =>
  types.map((type) => `arn:aws:organizations::*:${type}/${SAMPLE_CONTEXT.organizationId}/*`);

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
        'sqs:SendMessage': attributeArn(/^FindingUpdatesQueue/),
      },
    ],
    [
      'suture-finding-updates',
      {
        'appconfig:StartConfigurationSession appconfig:GetLatestConfiguration': expect.anything(),
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:ChangeMessageVisibility sqs:GetQueueAttributes':
          attributeArn(/^FindingUpdatesQueue/),
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
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes': attributeArn(/^OperationsFailuresQueue/),
        'states:GetExecutionHistory': MACHINE_ARN.replace('stateMachine', 'execution').concat(':*'),
        'dynamodb:PutItem': ['finding#*'],
        'dynamodb:UpdateItem': ['finding#*', 'statistics#*'],
        'events:PutEvents': BUS_ARN,
        'sqs:SendMessage': attributeArn(/^FindingUpdatesQueue/),
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
        'sqs:SendMessage': attributeArn(/^OperationsFailuresQueue/),
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
        'sqs:SendMessage': attributeArn(/^FindingUpdatesQueue/),
        'events:PutEvents': BUS_ARN,
      },
    ],
    [
      'suture-unexplained-sessions',
      {
        'sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes': attributeArn(/^SessionWatchQueue/),
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
        'sns:Publish': ALARM_TOPIC_ARN,
        'sqs:SendMessage': attributeArn(/^OperationsNotifyDeadLetters/),
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
        'dynamodb:GetItem': ['stop', 'accounts', 'account#*'],
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
    expect(ownActions(SECURITY_TEMPLATE, role)).toEqual(actions);
  });

  it("read the configuration by the ids in their roles' policies", () => {
    const [triage] = securityResources('AWS::Lambda::Function').filter(
      ({ Properties }) => Properties.FunctionName === 'suture-triage',
    );
    expect(triage!.Properties.Environment.Variables).toMatchObject({
      POLICY_APPLICATION: { 'Fn::ImportValue': 'suture-policy-application' },
      POLICY_ENVIRONMENT: { 'Fn::ImportValue': 'suture-policy-environment' },
      POLICY_PROFILE: { 'Fn::ImportValue': 'suture-policy-profile' },
    });
  });

  it('may read one configuration, by its ids', () => {
    const reading = roleStatementsOf(SECURITY_TEMPLATE, 'suture-triage').find(({ Action }) =>
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
    for (const { Properties } of securityResources('AWS::IAM::Role').filter(
      ({ Properties: { RoleName } }) => !['suture-remediate-finding', 'suture-await-approval'].includes(RoleName),
    ))
      for (const { Action, Condition } of roleStatementsOf(SECURITY_TEMPLATE, Properties.RoleName))
        if ([Action].flat()[0].startsWith('kms:') && Action !== 'kms:GenerateMac')
          expect(Condition.StringEquals['kms:ViaService']).toBeDefined();
  });

  it('have neither managed nor separate policies', () => {
    for (const { Properties } of securityResources('AWS::IAM::Role'))
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    SECURITY_TEMPLATE.resourceCountIs('AWS::IAM::Policy', 0);
  });

  it('have the environment variables that their handlers read', () => {
    const variables = Object.fromEntries(
      securityResources('AWS::Lambda::Function').map(({ Properties }) => [
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
    SECURITY_TEMPLATE.resourceCountIs('AWS::Lambda::Url', 0);
    const permissions = securityResources('AWS::Lambda::Permission').filter(({ Properties }) =>
      JSON.stringify(Properties.FunctionName).includes('"Approvals'),
    );
    expect(permissions.map(({ Properties }) => Properties)).toEqual([
      {
        Action: 'lambda:InvokeFunction',
        FunctionName: attributeArn(/^Approvals/),
        Principal: 'apigateway.amazonaws.com',
        SourceArn: {
          'Fn::Join': ['', [`arn:aws:execute-api:eu-west-1:${SECURITY_ACCOUNT}:`, ref(/^ApiRestApi/), '/live/*']],
        },
      },
    ]);
  });

  it('the queue invokes its function without a batching window, and the function reports failed messages', () => {
    SECURITY_TEMPLATE.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: Match.absent(),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('queues', () => {
  it('have a dead-letter queue or are one', () => {
    const [updates] = securityResources('AWS::SQS::Queue').filter(
      ({ Properties }) => Properties.QueueName === 'suture-finding-updates',
    );
    expect(updates!.Properties).toMatchObject({
      RedrivePolicy: { maxReceiveCount: 14, deadLetterTargetArn: attributeArn(/FindingUpdatesDeadLetters/) },
      VisibilityTimeout: 720,
    });
    expect(securityResources('AWS::SQS::Queue')).toHaveLength(8);
  });

  it('of updates deny sending to all but the five roles that write, and their dead-letter queue to everybody', () => {
    const denials = securityResources('AWS::SQS::QueuePolicy')
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter(({ Effect, Action }) => Effect === 'Deny' && Action === 'sqs:SendMessage');
    const roles = ['remediate-finding', 'report', 'failures', 'recurring-findings', 'api'];
    const arns = roles.map((name) => `arn:aws:iam::${SECURITY_ACCOUNT}:role/suture/suture-${name}`);
    expect(denials.map(({ Principal, Resource, Condition }) => [Principal, Resource, Condition])).toEqual([
      [{ AWS: '*' }, attributeArn(/^FindingUpdatesDeadLetters/), { Null: { 'aws:PrincipalArn': 'false' } }],
      [{ AWS: '*' }, attributeArn(/^FindingUpdatesQueue/), { ArnNotEquals: { 'aws:PrincipalArn': arns } }],
    ]);
    const names = securityResources('AWS::IAM::Role').map(({ Properties: { Path, RoleName } }) => `${Path}${RoleName}`);
    expect(names).toEqual(expect.arrayContaining(roles.map((name) => `/suture/suture-${name}`)));
  });

  it('deny requests without TLS', () => {
    for (const { Properties } of securityResources('AWS::SQS::QueuePolicy'))
      expect(Properties.PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      );
  });
});
