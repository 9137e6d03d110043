import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../sandbox/event-patterns/pattern.ts';
import { APPROVAL_MACHINE_ARN, attributeArn, ref, SECURITY_TEMPLATE, securityResources } from './security-template.ts';
import { roleStatementsOf, SECURITY_ACCOUNT } from './templates.ts';

describe('the finding rules', () => {
  const rules = securityResources('AWS::Events::Rule').filter(({ Properties }) =>
    /^suture-(findings|action|fixed-by-owner)-/.test(Properties.Name),
  );

  it('start the workflow, retry for a day and keep undelivered events', () => {
    expect(rules.length).toBeGreaterThanOrEqual(2);
    for (const { Properties } of rules)
      expect(Properties.Targets).toEqual([
        {
          Id: 'workflow',
          Arn: ref(/StateMachine/),
          RoleArn: attributeArn(/FindingRulesRole/),
          RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86400 },
          DeadLetterConfig: { Arn: attributeArn(/FindingRulesDeadLetters/) },
        },
      ]);
  });

  it('archive findings of Security Hub itself, of every control, and of no custom product', () => {
    const [{ Properties }, ...more] = securityResources('AWS::Events::Archive') as [any, ...unknown[]];
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
    expect(roleStatementsOf(SECURITY_TEMPLATE, 'suture-finding-rules')).toEqual([
      { Effect: 'Allow', Action: 'states:StartExecution', Resource: ref(/StateMachine/) },
    ]);
  });

  it('are the only principals that may send to their dead-letter queue', () => {
    const policies = securityResources('AWS::SQS::QueuePolicy').flatMap(
      ({ Properties }) => Properties.PolicyDocument.Statement,
    );
    const allowing = policies.filter(({ Sid }) => Sid === 'DeadLettersOfTheFindingRules');
    expect(allowing).toEqual([
      expect.objectContaining({
        Action: 'sqs:SendMessage',
        Principal: { Service: 'events.amazonaws.com' },
        Resource: attributeArn(/FindingRulesDeadLetters/),
        Condition: { ArnEquals: { 'aws:SourceArn': rules.map(() => attributeArn(/FindingRulesRule/)) } },
      }),
    ]);
  });
});

describe('the workflow', () => {
  it('fills every placeholder of its definition', () => {
    const [machine] = securityResources('AWS::StepFunctions::StateMachine');
    const { DefinitionString, DefinitionSubstitutions } = machine!.Properties;
    const placeholders = [...DefinitionString.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(DefinitionSubstitutions).sort()).toEqual([...new Set(placeholders)].sort());
  });

  it.each(['suture-remediate-finding', 'suture-await-approval'])(
    '%s logs errors without execution data, is traced, and encrypted with the customer key',
    (StateMachineName) => {
      SECURITY_TEMPLATE.hasResourceProperties('AWS::StepFunctions::StateMachine', {
        StateMachineName,
        LoggingConfiguration: { Level: 'ERROR', IncludeExecutionData: false },
        TracingConfiguration: { Enabled: true },
        EncryptionConfiguration: { Type: 'CUSTOMER_MANAGED_KMS_KEY' },
      });
    },
  );

  it('may invoke its three functions and send to its queue', () => {
    const tasks = roleStatementsOf(SECURITY_TEMPLATE, 'suture-remediate-finding').filter(({ Action }) =>
      ['lambda:InvokeFunction', 'sqs:SendMessage'].includes(Action),
    );
    expect(tasks.map(({ Resource }) => Resource)).toEqual([
      attributeArn(/^TriageFunction/),
      attributeArn(/^ProxyFunction/),
      attributeArn(/^ReportFunction/),
      attributeArn(/^FindingUpdatesQueue/),
    ]);
  });

  it('starts executions that wait for approval, and waits for their end', () => {
    const nested = roleStatementsOf(SECURITY_TEMPLATE, 'suture-remediate-finding').filter(({ Action }) =>
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

it('five percent of the traces are sampled', () => {
  SECURITY_TEMPLATE.hasResourceProperties('AWS::XRay::SamplingRule', {
    SamplingRule: { FixedRate: 0.05, ServiceName: 'suture-*' },
  });
});
