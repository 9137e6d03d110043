/** A place of messages or tickets: its connection, API destination, rules, role, dead letters and alarms. */
import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnApiDestination, CfnConnection, CfnRule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { destinationName } from '../../functions/domain/place-queue.ts';
import { alarm } from '../constructs/alarms.ts';
import type { KeyPlace } from '../constructs/key.ts';
import { deadLetterQueue } from '../constructs/queue.ts';
import { fixedRole } from '../constructs/role.ts';
import { namesIn } from '../names.ts';
import { placeConnection } from './connection.ts';
import type { PlaceContext } from './context.ts';
import { type PlaceRule, placeRules } from './templates.ts';

export type MessagePlaceOptions = {
  readonly name: string;
  readonly place: PlaceContext;
  readonly at: KeyPlace;
  readonly key: IKey;
  readonly topicArn: string;
};

/** EventBridge's maximum: an outage of up to a day loses nothing. */
const RETRIES = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 } as const;

export class MessageDestination extends Construct {
  constructor(scope: Construct, id: string, { name, place, at, key, topicArn }: MessagePlaceOptions) {
    super(scope, id);
    const names = namesIn(this);
    const own = names.own(destinationName(name));
    const { connection, endpoint } = placeConnection(place);
    const { attrArn: connectionArn } = new CfnConnection(this, 'Connection', {
      name: own,
      description: `Signs in at ${name} (${place.kind})`,
      ...connection,
    });
    const destination = new CfnApiDestination(this, 'Destination', {
      name: own,
      description: `${name} (${place.kind})`,
      connectionArn,
      httpMethod: 'POST',
      invocationEndpoint: endpoint,
      invocationRateLimitPerSecond: place.perSecond,
    });
    const rules = placeRules(name, place);
    /** Matches the rules of this place alone. */
    const ruleArns = `arn:${at.partition}:events:${at.region}:${at.account}:rule/${names.eventBus}/${own}-*`;
    const role = fixedRole(this, 'Role', {
      name: destinationName(name),
      description: `Lets rules send to ${name}`,
      service: 'events.amazonaws.com',
      when: { StringEquals: { 'aws:SourceAccount': at.account }, ArnLike: { 'aws:SourceArn': ruleArns } },
      allows: [{ actions: ['events:InvokeApiDestination'], on: destination.attrArn }],
    });
    const deadLetters = deadLetterQueue(this, 'DeadLetters', {
      name: `${destinationName(name)}-dlq`,
      key,
      topicArn,
      article: 'messages-dlq',
      means: `Messages did not reach ${name}: it refused them, or was away for a day. This queue holds their events.`,
    });
    permitRules(deadLetters, ruleArns);
    for (const rule of rules) {
      const target = { id: 'place', arn: destination.attrArn, roleArn: role.roleArn, retryPolicy: RETRIES };
      this.#addRule(`${own}-${rule.name}`, rule, { ...target, deadLetterConfig: { arn: deadLetters.queueArn } });
    }
    alarm(this, 'Failed', {
      name: `${destinationName(name)}-failed`,
      article: 'messages-failed',
      metric: failuresOf(
        rules.map((rule) => `${own}-${rule.name}`),
        names.eventBus,
      ),
      means: `EventBridge gave up on messages for ${name}, or could not put them into its dead-letter queue.`,
      topicArn,
    });
  }

  #addRule(ruleName: string, { name, pattern, input }: PlaceRule, target: CfnRule.TargetProperty): void {
    new CfnRule(this, `Rule-${name}`, {
      name: ruleName,
      description: 'Messages and tickets: see docs/messages.md',
      eventBusName: namesIn(this).eventBus,
      eventPattern: pattern,
      targets: [{ ...target, inputTransformer: input }],
    });
  }
}

const permitRules = (queue: Queue, ruleArns: string): void =>
  void queue.addToResourcePolicy(
    new PolicyStatement({
      sid: 'UndeliveredMessages',
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnLike: { 'aws:SourceArn': ruleArns } },
    }),
  );

/**
 * Sums the failures of the rules, which include events that EventBridge could not put into the dead-letter queue. It
 * counts them by rule, and an alarm takes at most ten metrics.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
 */
function failuresOf(rules: readonly string[], EventBusName: string): IMetric {
  const period = Duration.minutes(5);
  const failed = (RuleName: string): IMetric =>
    new Metric({
      namespace: 'AWS/Events',
      metricName: 'FailedInvocations',
      dimensionsMap: { EventBusName, RuleName },
      statistic: 'Sum',
      period,
    });
  const usingMetrics = Object.fromEntries(rules.map((rule, index) => [`m${index}`, failed(rule)]));
  return new MathExpression({ expression: 'SUM(METRICS())', usingMetrics, period });
}
