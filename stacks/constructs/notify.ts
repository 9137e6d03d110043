/** The function that writes to people, from Suture's own events and by the clock. */
import { Duration } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type EventName, SOURCE } from '../../functions/domain/events.ts';
import { INDEXES } from '../../functions/domain/ledger.ts';
import { functionName, LEDGER_TABLE } from '../names.ts';
import { type SecuritySurroundings, SutureFunction } from './function.ts';
import { deadLetterQueue } from './queue.ts';
import { items, keyUse } from './role.ts';
import { runs } from './schedule.ts';

export type NotifyOptions = SecuritySurroundings & {
  /** Name of the bus. */
  readonly bus: string;
};

/** Events that may need a person at once. */
const NEWS = [
  'suture.finding.failed.v1',
  'suture.finding.waiting.v1',
  'suture.finding.unresolved.v1',
] as const satisfies readonly EventName[];

export class Notify extends Construct {
  constructor(scope: Construct, id: string, { ledger, bus, ...options }: NotifyOptions) {
    super(scope, id);
    const { place, key, topicArn } = options;
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: 'suture-notify-dlq',
      key,
      topicArn,
      means: 'People were not told of events that may need them; the events lie in this queue.',
    });
    const made = new SutureFunction(this, 'Function', {
      ...options,
      name: functionName('notify'),
      description: 'Tells people what needs them, and sends the digests',
      role: { name: functionName('notify') },
      timeout: Duration.minutes(1),
      environment: { LEDGER_TABLE, TOPIC_ARN: topicArn },
      allows: [
        items(ledger.tableArn, ['UpdateItem'], ['told']),
        items(
          [ledger.tableArn, `${ledger.tableArn}/index/${INDEXES.ofStatus.name}`],
          ['Query'],
          ['told', 'statistics#*', 'FAILED', 'WAITING'],
        ),
        { actions: ['sns:Publish'], on: topicArn },
        { actions: ['sqs:SendMessage'], on: deadLetters.queueArn },
        keyUse(key, place.region, ['Decrypt', 'GenerateDataKey'], ['dynamodb', 'sns', 'sqs']),
      ],
      errorsMean:
        'People are not told at once of what needs them; what was tried three times lies in suture-notify-dlq.',
    });
    const rule = new CfnRule(this, 'Rule', {
      name: 'suture-notify',
      description: 'Events that may need a person at once',
      eventBusName: bus,
      eventPattern: { source: [SOURCE], 'detail-type': NEWS },
      targets: [{ id: 'notify', arn: made.function.functionArn, deadLetterConfig: { arn: deadLetters.queueArn } }],
    });
    made.function.addPermission('Events', {
      principal: new ServicePrincipal('events.amazonaws.com'),
      sourceArn: rule.attrArn,
    });
    new CfnEventInvokeConfig(this, 'Failures', {
      functionName: made.function.functionName,
      qualifier: '$LATEST',
      destinationConfig: { onFailure: { destination: deadLetters.queueArn } },
    });
    deadLetters.addToResourcePolicy(
      new PolicyStatement({
        sid: 'EventsThatNobodyWasToldOf',
        principals: [new ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [deadLetters.queueArn],
        conditions: { ArnEquals: { 'aws:SourceArn': rule.attrArn } },
      }),
    );
    runs(made.function, {
      name: 'suture-digest-counts',
      description: 'Counts what people were not told one by one',
      every: 'cron(0 0/3 * * ? *)',
      input: { digest: 'counts' },
    });
    runs(made.function, {
      name: 'suture-digest-daily',
      description: 'What became of findings the day before',
      every: 'cron(0 7 * * ? *)',
      input: { digest: 'day' },
    });
  }
}
