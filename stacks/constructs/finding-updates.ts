/** All updates of findings go through this queue, whose function sends them in batches. */
import { Duration } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SUPPRESSIONS } from '../../functions/domain/ledger.ts';
import type { Names } from '../../functions/domain/names.ts';
import type { UpdateSender } from '../../functions/domain/update-senders.ts';
import { namesIn, ownRoleArn } from '../names.ts';
import { publishAllowance } from './event-bus.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { policyReader } from './policy-configuration.ts';
import { deadLetterQueue, encryptedQueue } from './queue.ts';
import { type Allowance, type FixedRole, items, keyUse } from './role.ts';

export const UPDATES = {
  /** The event source's batch. The function receives further messages itself. */
  batch: 10,
  /** Lambda's minimum: one invocation drains the queue, the other waits for the lease. */
  concurrency: 2,
  timeoutSeconds: 120,
} as const;

/** Returns the names of the roles that send to the queue. */
const senderRoles = (names: Names): Readonly<Record<UpdateSender, string>> => ({
  workflow: names.stateMachine,
  report: names.function('report'),
  failures: names.function('failures'),
  recurringFindings: names.function('recurring-findings'),
  api: names.function('api'),
});

const TIMEOUT = Duration.seconds(UPDATES.timeoutSeconds);

export class FindingUpdates extends Construct {
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { place, key, topicArn }: SecurityEnvironment) {
    super(scope, id);
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: 'finding-updates-dlq',
      key,
      topicArn,
      means: `Updates of findings failed fourteen times. Read the messages; after removing the cause, send them again: suture dlq redrive ${namesIn(this).own('finding-updates-dlq')} --reason "…"`,
    });
    this.queue = encryptedQueue(this, 'Queue', {
      name: 'finding-updates',
      key,
      // Six times the function's timeout, as Lambda's guide recommends for queues.
      visibilityTimeout: Duration.minutes(6 * TIMEOUT.toMinutes()),
      deadLetterQueue: { queue: deadLetters, maxReceiveCount: 14 },
    });
    const senders = Object.values(senderRoles(namesIn(this))).map((name) => ownRoleArn(place, name));
    denySending(this.queue, 'OnlyItsSenders', { ArnNotEquals: { 'aws:PrincipalArn': senders } });
    // SQS moves failed messages there by itself, without this action.
    denySending(deadLetters, 'Nobody', { Null: { 'aws:PrincipalArn': 'false' } });
  }

  /** Adds the function that consumes the queue. It knows each sender by the unique id of its role. */
  addConsumer(options: ConsumerOptions, senders: Readonly<Record<UpdateSender, FixedRole>>): void {
    const consumer = consumerFunction(this, options, this.queue, {
      WORKFLOW_ROLE_ID: senders.workflow.roleId,
      REPORT_ROLE_ID: senders.report.roleId,
      FAILURES_ROLE_ID: senders.failures.roleId,
      RECURRING_FINDINGS_ROLE_ID: senders.recurringFindings.roleId,
      API_ROLE_ID: senders.api.roleId,
    });
    new EventSourceMapping(this, 'Source', {
      target: consumer.function,
      eventSourceArn: this.queue.queueArn,
      batchSize: UPDATES.batch,
      maxConcurrency: UPDATES.concurrency,
      reportBatchItemFailures: true,
    });
  }
}

/** Denies sending even to principals whose own policies allow it, such as the account's administrators. */
const denySending = (queue: Queue, sid: string, conditions: Record<string, Record<string, unknown>>) =>
  queue.addToResourcePolicy(
    new PolicyStatement({
      sid,
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions,
    }),
  );

export type ConsumerOptions = SecurityEnvironment & {
  readonly stateMachineArn: string;
};

function consumerFunction(
  scope: Construct,
  { ledger, stateMachineArn, ...options }: ConsumerOptions,
  queue: Queue,
  senderIds: Readonly<Record<string, string>>,
): SutureFunction {
  const { place, key } = options;
  const names = namesIn(scope);
  const hub = `arn:${place.partition}:securityhub:${place.region}:${place.account}:hub/default`;
  return new SutureFunction(scope, 'Function', {
    ...options,
    name: 'finding-updates',
    description: 'Updates findings in Security Hub, a hundred per call',
    timeout: TIMEOUT,
    environment: {
      ...policyReader(options.place).environment,
      ...senderIds,
      LEDGER_TABLE: names.ledgerTable,
      EVENT_BUS: names.eventBus,
      FINDING_UPDATES_QUEUE_URL: queue.queueUrl,
    },
    allows: [
      ...policyReader(options.place).allows,
      {
        actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
        on: queue.queueArn,
      },
      { actions: ['securityhub:GetFindings'], on: hub },
      {
        actions: ['securityhub:BatchUpdateFindings'],
        on: hub,
        when: { 'ForAnyValue:StringEquals': WORKFLOW_STATUSES },
      },
      // An update of the note alone, which keeps the status that Security Hub may have set to RESOLVED.
      {
        actions: ['securityhub:BatchUpdateFindings'],
        on: hub,
        when: { Null: { [syntaxPath('Workflow.Status')]: 'true' } },
      },
      // IAM's reference lists no resource type, but Step Functions authorizes on the token's state machine, as SAM's
      // StepFunctionsCallbackPolicy and CDK's grantTaskResponse rely on. Approvals have a machine of their own.
      { actions: ['states:SendTaskSuccess', 'states:SendTaskFailure'], on: stateMachineArn },
      items(ledger.tableArn, ['PutItem', 'DeleteItem'], ['lease#finding-updates']),
      items(ledger.tableArn, ['GetItem', 'PutItem'], ['finding#*']),
      items(ledger.tableArn, ['UpdateItem'], ['finding#*', 'statistics#*', SUPPRESSIONS]),
      publishAllowance(place),
      keyUse(key, place.region, ['Decrypt'], ['dynamodb', 'sqs']),
    ],
    denies: OTHER_FIELDS.map(
      (field): Allowance => ({
        actions: ['securityhub:BatchUpdateFindings'],
        on: hub,
        when: { Null: { [syntaxPath(field)]: 'false' } },
      }),
    ),
    errorsMean:
      'Findings are not updated in Security Hub. The messages come back, first after 2 seconds and finally after 12 minutes. Look at the function and at the quota of BatchUpdateFindings.',
  });
}

/** https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchupdatefindings.html */
const syntaxPath = (field: string) => `securityhub:ASFFSyntaxPath/${field}`;
const WORKFLOW_STATUSES = { [syntaxPath('Workflow.Status')]: ['NEW', 'NOTIFIED', 'SUPPRESSED'] };

/**
 * The fields that BatchUpdateFindings writes besides workflow status and note, under the names that AWS's own policy
 * AWSSystemsManagerOpsDataSyncServiceRolePolicy uses. Each needs a statement: the keys of one condition are joined by
 * AND.
 */
const OTHER_FIELDS = [
  'Confidence',
  'Criticality',
  'RelatedFindings',
  'Severity.Label',
  'Severity.Normalized',
  'Severity.Product',
  'Types',
  'UserDefinedFields.key',
  'UserDefinedFields.value',
  'VerificationState',
] as const;
