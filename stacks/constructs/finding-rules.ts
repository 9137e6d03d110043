/** The rules that start an execution for each finding, generated from the registry. */
import { Duration, Stack } from 'aws-cdk-lib';
import { CfnArchive, CfnRule } from 'aws-cdk-lib/aws-events';
import { type IRole, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Remediation } from '../../functions/contract/remediation.ts';
import {
  customActionPatterns,
  FIXED_BY_OWNER_PATTERN,
  findingPatterns,
  OF_SECURITY_HUB,
} from '../../functions/domain/patterns.ts';
import { namesIn } from '../names.ts';
import { deadLetterQueue } from './queue.ts';
import { fixedRole } from './role.ts';

export type FindingRulesOptions = {
  readonly remediations: readonly Remediation[];
  /** For findings that people send to this custom action, whatever their workflow status. */
  readonly customActionArn: string;
  readonly stateMachineArn: string;
  readonly defaultBusArn: string;
  readonly key: IKey;
  readonly topicArn: string;
};

const OPEN_FINDINGS = {
  source: ['aws.securityhub'],
  'detail-type': ['Security Hub Findings - Imported'],
  detail: {
    findings: {
      RecordState: ['ACTIVE'],
      Workflow: { Status: ['NEW'] },
      Compliance: { Status: ['FAILED', 'WARNING'] },
      ProductArn: OF_SECURITY_HUB,
    },
  },
};

export class FindingRules extends Construct {
  constructor(scope: Construct, id: string, options: FindingRulesOptions) {
    super(scope, id);
    const { remediations, customActionArn, stateMachineArn } = options;
    const deadLetters = this.addDeadLetterQueue(options);
    const target = workflowTarget(stateMachineArn, this.addRole(stateMachineArn), deadLetters);
    const [ofFindings, ofAction] = namesIn(this).findingRules;
    const rules = [
      ...this.addRules('Rule', ofFindings, findingPatterns(remediations), target, {
        description: 'New findings of controls that a remediation handles',
      }),
      ...this.addRules('RuleOfAction', ofAction, customActionPatterns(remediations, customActionArn), target, {
        description: 'Findings of such controls that a person sends to the custom action',
      }),
      ...this.addRules('RuleOfFixedByOwner', namesIn(this).own('fixed-by-owner'), [FIXED_BY_OWNER_PATTERN], target, {
        description: 'Findings whose owner was told, and whose control passes now',
      }),
    ];
    this.addArchive(options);
    allowRules(deadLetters, rules);
  }

  private addDeadLetterQueue({ key, topicArn }: FindingRulesOptions): Queue {
    return deadLetterQueue(this, 'DeadLetters', {
      name: 'finding-events-dlq',
      key,
      topicArn,
      means:
        'EventBridge could not start executions for some findings for 24 hours; their events are in this queue. Look at the role and the quota of StartExecution, then start the executions from the events.',
    });
  }

  private addRole(stateMachineArn: string): IRole {
    return fixedRole(this, 'Role', {
      name: 'finding-rules',
      description: 'Lets the finding rules start the workflow, and nothing else',
      service: 'events.amazonaws.com',
      when: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      allows: [{ actions: ['states:StartExecution'], on: stateMachineArn }],
    });
  }

  private addRules(
    constructId: string,
    ruleName: string,
    patterns: readonly object[],
    target: CfnRule.TargetProperty,
    { description }: { readonly description: string },
  ): CfnRule[] {
    return patterns.map(
      (eventPattern, index) =>
        new CfnRule(this, `${constructId}${index + 1}`, {
          name: `${ruleName}-${index + 1}`,
          description,
          eventPattern,
          targets: [target],
        }),
    );
  }

  /** Archives Security Hub's own findings, of every control, so that a replay also reaches rules of a later version. */
  private addArchive({ defaultBusArn, key }: FindingRulesOptions): void {
    new CfnArchive(this, 'Archive', {
      archiveName: namesIn(this).findingArchive,
      description: 'Findings of the last two weeks, to be replayed',
      sourceArn: defaultBusArn,
      eventPattern: OPEN_FINDINGS,
      retentionDays: 14,
      kmsKeyIdentifier: key.keyArn,
    });
  }
}

const workflowTarget = (arn: string, role: IRole, deadLetters: IQueue): CfnRule.TargetProperty => ({
  id: 'workflow',
  arn,
  roleArn: role.roleArn,
  // EventBridge's maximum: StartExecution may be throttled for hours after a mass import.
  retryPolicy: { maximumRetryAttempts: 185, maximumEventAgeInSeconds: Duration.hours(24).toSeconds() },
  deadLetterConfig: { arn: deadLetters.queueArn },
});

function allowRules(deadLetters: Queue, rules: readonly CfnRule[]): void {
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
