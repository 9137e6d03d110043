/** The state machine, from its ASL file. One list has its placeholders and its role's permissions. */
import { readFileSync } from 'node:fs';
import { Duration, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { type CfnStateMachine, DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { STATE_MACHINE, WORKFLOW_LOG_GROUP } from '../names.ts';
import { alarm } from './alarms.ts';
import { encryptedLogGroup } from './function.ts';
import { type KeyPlace, LOG_DELIVERY_CONTEXT, logDeliveryArns, WORKFLOW_CONTEXT } from './key.ts';
import { type Allowance, fixedRole, keyUse } from './role.ts';

const DEFINITION = new URL('../../statemachines/remediate-finding.asl.json', import.meta.url);

export type WorkflowOptions = {
  /** `TriageFunction` replaces `${TriageFunction}` of the ASL file. */
  readonly functions: Readonly<Record<string, IFunction>>;
  readonly queues: Readonly<Record<string, IQueue>>;
  readonly place: KeyPlace;
  readonly arn: string;
  readonly key: IKey;
  readonly topicArn: string;
};

export class Workflow extends Construct {
  readonly stateMachine: StateMachine;

  constructor(scope: Construct, id: string, options: WorkflowOptions) {
    super(scope, id);
    const parts = partsOf(options);
    this.stateMachine = this.addStateMachine(options, parts, workflowRole(this, options, parts));
    this.addAlarms(options.topicArn);
  }

  private addStateMachine({ place, key }: WorkflowOptions, parts: readonly Part[], role: IRole): StateMachine {
    const stateMachine = new StateMachine(this, 'StateMachine', {
      stateMachineName: STATE_MACHINE,
      definitionBody: DefinitionBody.fromString(readFileSync(DEFINITION, 'utf8')),
      definitionSubstitutions: {
        Partition: place.partition,
        ...Object.fromEntries(parts.map(({ placeholder, value }) => [placeholder, value])),
      },
      role,
      tracingEnabled: true,
      logs: {
        destination: encryptedLogGroup(this, WORKFLOW_LOG_GROUP, key),
        level: LogLevel.ERROR,
        includeExecutionData: false,
      },
    });
    // CDK's own option would let log delivery of any account use the key.
    (stateMachine.node.defaultChild as CfnStateMachine).encryptionConfiguration = {
      type: 'CUSTOMER_MANAGED_KMS_KEY',
      kmsKeyId: key.keyArn,
      kmsDataKeyReusePeriodSeconds: 300,
    };
    Validations.of(stateMachine).acknowledge({
      id: 'AwsSolutions-SF1',
      reason:
        'Logs errors only: every execution has its history for 90 days, the ledger has its outcome, and findings stay out of logs',
    });
    return stateMachine;
  }

  private addAlarms(topicArn: string): void {
    alarm(this, 'Failed', {
      name: 'executions-failed',
      metric: this.stateMachine.metricFailed({ period: Duration.minutes(5) }),
      means:
        "An execution failed, in the state that shows why. Read the error's text, remove the cause, then replay the execution within 14 days.",
      topicArn,
    });
    alarm(this, 'TimedOut', {
      name: 'executions-timed-out',
      metric: this.stateMachine.metricTimedOut({ period: Duration.minutes(5) }),
      means:
        'An execution timed out, most likely because its task token got no answer. Look at the finding-update queue and its function, then replay the execution.',
      topicArn,
    });
  }
}

/** A placeholder of the ASL file, its value, and what the role needs for it. */
type Part = { readonly placeholder: string; readonly value: string; readonly allows: Allowance };

const partsOf = ({ functions, queues }: WorkflowOptions): Part[] => [
  ...Object.entries(functions).map(([name, { functionArn }]) =>
    part(name, functionArn, 'lambda:InvokeFunction', functionArn),
  ),
  ...Object.entries(queues).map(([name, { queueUrl, queueArn }]) => part(name, queueUrl, 'sqs:SendMessage', queueArn)),
];

const part = (placeholder: string, value: string, action: string, on: string): Part => ({
  placeholder,
  value,
  allows: { actions: [action], on },
});

const workflowRole = (scope: Construct, { place, arn, key }: WorkflowOptions, parts: readonly Part[]): IRole =>
  fixedRole(scope, 'Role', {
    name: STATE_MACHINE,
    description: 'Lets the workflow run its tasks',
    service: 'states.amazonaws.com',
    when: { StringEquals: { 'aws:SourceAccount': place.account } },
    allows: [
      ...parts.map(({ allows }) => allows),
      keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['sqs']),
      {
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        on: key.keyArn,
        when: { StringEquals: { [WORKFLOW_CONTEXT]: arn } },
      },
      {
        actions: ['kms:GenerateDataKey'],
        on: key.keyArn,
        when: { StringEquals: { [LOG_DELIVERY_CONTEXT]: logDeliveryArns(place) } },
      },
      TRACING_OF_A_WORKFLOW,
      LOG_DELIVERY,
    ],
  });

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html */
const TRACING_OF_A_WORKFLOW: Allowance = {
  actions: ['xray:GetSamplingRules', 'xray:GetSamplingTargets', 'xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
  on: '*',
  because: 'X-Ray takes no resource for sampling and for writing traces',
};

/** https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html */
const LOG_DELIVERY: Allowance = {
  actions: [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:GetLogDelivery',
    'logs:ListLogDeliveries',
    'logs:PutResourcePolicy',
    'logs:UpdateLogDelivery',
  ],
  on: '*',
  because: 'CloudWatch Logs takes no resource for the delivery of vended logs',
};
