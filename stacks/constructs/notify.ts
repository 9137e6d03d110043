import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ACCOUNT_LISTS } from '../../functions/domain/account.ts';
import { type EventName, SOURCE } from '../../functions/domain/events.ts';
import { HIDDEN, INDEXES } from '../../functions/domain/ledger.ts';
import { namesIn } from '../names.ts';
import { type SecurityEnvironment, SutureFunction } from './function.ts';
import { policyReader } from './policy-configuration.ts';
import { deadLetterQueue } from './queue.ts';
import { items, keyUse } from './role.ts';
import { addSchedule } from './schedule.ts';

export type NotifyOptions = SecurityEnvironment & {
  readonly bus: string;
  readonly alarmKey: IKey;
};

const ANNOUNCED_EVENTS = [
  'suture.finding.failed.v1',
  'suture.finding.waiting.v1',
  'suture.finding.unresolved.v1',
] as const satisfies readonly EventName[];

export class Notify extends Construct {
  constructor(scope: Construct, id: string, { ledger, bus, alarmKey, ...options }: NotifyOptions) {
    super(scope, id);
    const { place, key, topicArn } = options;
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: 'notify-dlq',
      key,
      topicArn,
      means: 'People were not notified of events that may need them; this queue holds the events.',
    });
    const notifier = new SutureFunction(this, 'Function', {
      ...options,
      name: 'notify',
      description: 'Notifies people of what needs them, and sends the digests',
      timeout: Duration.minutes(1),
      environment: {
        LEDGER_TABLE: namesIn(this).ledgerTable,
        TOPIC_ARN: topicArn,
        ...policyReader(options.place).environment,
      },
      allows: [
        items(ledger.tableArn, ['UpdateItem'], ['announcements']),
        items(
          [ledger.tableArn, `${ledger.tableArn}/index/${INDEXES.ofStatus.name}`],
          ['Query'],
          ['announcements', 'statistics#*', 'FAILED', 'WAITING'],
        ),
        items(ledger.tableArn, ['GetItem'], [ACCOUNT_LISTS, HIDDEN]),
        ...policyReader(options.place).allows,
        { actions: ['sns:Publish'], on: topicArn },
        { actions: ['sqs:SendMessage'], on: deadLetters.queueArn },
        keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sqs']),
        keyUse(alarmKey, place.region, ['Decrypt', 'GenerateDataKey'], ['sns']),
      ],
      errorsMean: `People are not notified immediately. Events that failed three times are in ${namesIn(this).own('notify-dlq')}.`,
    });
    this.addRule(bus, notifier, deadLetters);
    addDigests(notifier);
  }

  private addRule(bus: string, notifier: SutureFunction, deadLetters: Queue): void {
    const rule = new CfnRule(this, 'Rule', {
      name: namesIn(this).own('notify'),
      description: 'Events that may need a person immediately',
      eventBusName: bus,
      eventPattern: { source: [SOURCE], 'detail-type': ANNOUNCED_EVENTS },
      targets: [{ id: 'notify', arn: notifier.function.functionArn, deadLetterConfig: { arn: deadLetters.queueArn } }],
    });
    notifier.function.addPermission('Events', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.attrArn,
    });
    new CfnEventInvokeConfig(this, 'Failures', {
      functionName: notifier.function.functionName,
      qualifier: '$LATEST',
      destinationConfig: { onFailure: { destination: deadLetters.queueArn } },
    });
    deadLetters.addToResourcePolicy(
      new PolicyStatement({
        sid: 'UndeliveredEvents',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [deadLetters.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
      }),
    );
  }
}

function addDigests(notifier: SutureFunction): void {
  addSchedule(notifier.function, {
    name: 'digest-counts',
    description: 'Reports the counts of events that had no message of their own',
    every: 'cron(0 0/3 * * ? *)',
    input: { digest: 'counts' },
  });
  addSchedule(notifier.function, {
    name: 'digest-daily',
    description: 'Sums up the outcomes of the day before',
    every: 'cron(0 7 * * ? *)',
    input: { digest: 'day' },
  });
}
