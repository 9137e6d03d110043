/** The rules that start one execution a finding, generated from the registry. */
import { Duration, Stack } from 'aws-cdk-lib';
import { CfnArchive, CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Remediation } from '../../functions/contract/remediation.ts';
import { customActionPatterns, findingPatterns } from '../../functions/domain/patterns.ts';
import { FINDING_ARCHIVE } from '../names.ts';
import { deadLetterQueue } from './queue.ts';
import { fixedRole } from './role.ts';

export type FindingRulesOptions = {
  readonly remediations: readonly Remediation[];
  /** Findings that people send to this custom action are let in whatever their workflow status. */
  readonly customActionArn: string;
  readonly stateMachineArn: string;
  /** The default bus, on which Security Hub's events arrive. */
  readonly defaultBusArn: string;
  readonly key: IKey;
  readonly topicArn: string;
};

/** New findings that fail, whatever their control. */
const OPEN_FINDINGS = {
  source: ['aws.securityhub'],
  'detail-type': ['Security Hub Findings - Imported'],
  detail: {
    findings: { RecordState: ['ACTIVE'], Workflow: { Status: ['NEW'] }, Compliance: { Status: ['FAILED', 'WARNING'] } },
  },
};

export class FindingRules extends Construct {
  constructor(scope: Construct, id: string, options: FindingRulesOptions) {
    super(scope, id);
    const { remediations, customActionArn, stateMachineArn, defaultBusArn, key, topicArn } = options;
    const { account } = Stack.of(this);
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: 'suture-finding-events-dlq',
      key,
      topicArn,
      means:
        'Findings could not be handed to the workflow for 24 hours; their events lie in this queue. Look at the role and the quota of StartExecution, then start the executions from the events.',
    });
    const role = fixedRole(this, 'Role', {
      name: 'suture-finding-rules',
      description: 'Lets the finding rules start the workflow, and nothing else',
      service: 'events.amazonaws.com',
      when: { StringEquals: { 'aws:SourceAccount': account } },
      allows: [{ actions: ['states:StartExecution'], on: stateMachineArn }],
    });
    const target = {
      id: 'workflow',
      arn: stateMachineArn,
      roleArn: role.roleArn,
      // The most that EventBridge takes: throttles of StartExecution may last hours after a mass import.
      retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: Duration.hours(24).toSeconds() },
      deadLetterConfig: { arn: deadLetters.queueArn },
    };
    const rulesFor = (patterns: readonly object[], constructId: string, ruleName: string, description: string) =>
      patterns.map(
        (eventPattern, index) =>
          new CfnRule(this, `${constructId}${index + 1}`, {
            name: `${ruleName}-${index + 1}`,
            description,
            eventPattern,
            targets: [target],
          }),
      );
    const rules = [
      ...rulesFor(
        findingPatterns(remediations),
        'Rule',
        'suture-findings',
        'New findings of controls that a remediation handles',
      ),
      ...rulesFor(
        customActionPatterns(remediations, customActionArn),
        'RuleOfAction',
        'suture-action',
        'Findings of such controls that a person sends to the custom action',
      ),
    ];
    // Of every control: what a later version of the rules lets in can be replayed too.
    new CfnArchive(this, 'Archive', {
      archiveName: FINDING_ARCHIVE,
      description: 'Findings of the last two weeks, to be replayed',
      sourceArn: defaultBusArn,
      eventPattern: OPEN_FINDINGS,
      retentionDays: 14,
      kmsKeyIdentifier: key.keyArn,
    });
    deadLetters.addToResourcePolicy(
      new PolicyStatement({
        sid: 'DeadLettersOfTheFindingRules',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [deadLetters.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rules.map(({ attrArn }) => attrArn) } },
      }),
    );
  }
}
