import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ALARM_TOPIC_ARN, ref, SECURITY_TEMPLATE, securityResources } from './security-template.ts';

describe('the dashboard', () => {
  const [dashboard] = securityResources('AWS::CloudWatch::Dashboard');
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
  const alarms = securityResources('AWS::CloudWatch::Alarm');

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
      expect(Properties.AlarmActions).toEqual([expect.toBeOneOf([ALARM_TOPIC_ARN, ref(/^Alarms/)])]);
    }
    SECURITY_TEMPLATE.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' }),
        ]),
      },
    });
  });
});
