/** A state machine from its ASL file, with its own role, log group and the customer key. */
import { readFileSync } from 'node:fs';
import { Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type CfnStateMachine, DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { namesIn } from '../names.ts';
import { encryptedLogGroup } from './function.ts';
import { type KeyPlace, LOG_DELIVERY_CONTEXT, logDeliveryArns, WORKFLOW_CONTEXT } from './key.ts';
import { type Allowance, type FixedRole, fixedRole } from './role.ts';

export type MachineOptions = {
  /** The name of the machine and of its role, without the prefix. */
  readonly name: string;
  readonly description: string;
  /** In `statemachines/`. */
  readonly file: string;
  readonly place: KeyPlace;
  readonly key: IKey;
  /** Values of the placeholders of the ASL file. */
  readonly substitutions: Readonly<Record<string, string>>;
  readonly allows: readonly Allowance[];
  /** ARNs of the machines whose histories the role writes or reads: its own, and those that it starts. */
  readonly histories: readonly string[];
};

export function encryptedStateMachine(
  scope: Construct,
  options: MachineOptions,
): { readonly stateMachine: StateMachine; readonly role: FixedRole } {
  const { name, description, file, place, key, substitutions, allows, histories } = options;
  const names = namesIn(scope);
  const role = fixedRole(scope, 'Role', {
    name,
    description,
    service: 'states.amazonaws.com',
    when: { StringEquals: { 'aws:SourceAccount': place.account } },
    allows: [...allows, ...historyAndLogs(place, key, histories), TRACING_OF_A_WORKFLOW, LOG_DELIVERY],
  });
  const stateMachine = new StateMachine(scope, 'StateMachine', {
    stateMachineName: names.own(name),
    definitionBody: DefinitionBody.fromString(
      readFileSync(new URL(`../../statemachines/${file}`, import.meta.url), 'utf8'),
    ),
    definitionSubstitutions: { Partition: place.partition, ...substitutions },
    role,
    tracingEnabled: true,
    logs: {
      destination: encryptedLogGroup(scope, names.workflowLogGroup(names.own(name)), key),
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
  return { stateMachine, role };
}

const historyAndLogs = (place: KeyPlace, key: IKey, histories: readonly string[]): Allowance[] => [
  {
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    on: key.keyArn,
    when: { StringEquals: { [WORKFLOW_CONTEXT]: histories } },
  },
  {
    actions: ['kms:GenerateDataKey'],
    on: key.keyArn,
    when: { StringEquals: { [LOG_DELIVERY_CONTEXT]: logDeliveryArns(place) } },
  },
];

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
