/** The optional stack of messages and tickets: a destination for each place, and the function that tells owners. */
import { Duration, type StackProps } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { findingKey, INDEXES } from '../../functions/domain/ledger.ts';
import { OWNER_MESSAGES } from '../../functions/domain/message-series.ts';
import { alarmTopicArn } from '../constructs/alarms.ts';
import { publishAllowance } from '../constructs/event-bus.ts';
import { type Bundles, SutureFunction } from '../constructs/function.ts';
import { items, keyUse } from '../constructs/role.ts';
import { addSchedule } from '../constructs/schedule.ts';
import { type SutureContext, securityPlace } from '../context.ts';
import { InstallationStack, namesIn } from '../names.ts';
import type { MessagesInstallation } from './context.ts';
import { MessageDestination } from './place.ts';

export type MessagesStackProps = StackProps & {
  readonly context: SutureContext;
  readonly installation: MessagesInstallation;
  readonly bundles: Bundles;
  readonly key: IKey;
  readonly ledger: ITable;
};

export class MessagesStack extends InstallationStack {
  constructor(
    scope: Construct,
    id: string,
    { context, installation, bundles, key, ledger, ...props }: MessagesStackProps,
  ) {
    super(scope, id, { ...props, context });
    const at = securityPlace(context);
    const shared = { at, key, topicArn: alarmTopicArn(at) };
    for (const [name, place] of installation.places)
      new MessageDestination(this, `Place-${name}`, { ...shared, name, place });
    const mail = installation.mail.length > 0 ? this.#mailTopic(installation.mail, key) : undefined;
    const messenger = new SutureFunction(this, 'OwnerMessages', {
      place: at,
      bundles,
      key,
      topicArn: shared.topicArn,
      name: 'owner-messages',
      description: 'Tells owners about their findings, once a day and kind',
      timeout: Duration.minutes(5),
      environment: {
        LEDGER_TABLE: namesIn(this).ledgerTable,
        EVENT_BUS: namesIn(this).eventBus,
        ...(mail && { OWNERS_TOPIC_ARN: mail.topicArn }),
      },
      allows: [
        items(`${ledger.tableArn}/index/${INDEXES.ofStatus.name}`, ['Query'], ['NOTIFIED', 'WAITING']),
        items(ledger.tableArn, ['GetItem'], [findingKey('*')]),
        items(ledger.tableArn, ['GetItem', 'Query', 'UpdateItem'], [OWNER_MESSAGES]),
        publishAllowance(at),
        keyUse(key, at.region, ['Decrypt'], ['dynamodb']),
        ...(mail
          ? [
              { actions: ['sns:Publish'], on: mail.topicArn },
              keyUse(key, at.region, ['Decrypt', 'GenerateDataKey'], ['sns']),
            ]
          : []),
      ],
      errorsMean:
        'Owners are not told about their findings. The next run, within an hour, tells what this one did not.',
    });
    addSchedule(messenger.function, {
      name: 'owner-messages',
      description: 'Tells owners about their findings',
      every: 'rate(1 hour)',
    });
  }

  /**
   * Adds one topic for all owners. After an owner has confirmed the subscription, it gets the mail for its address
   * alone.
   */
  #mailTopic(addresses: readonly string[], masterKey: IKey): Topic {
    const topic = new Topic(this, 'Owners', { topicName: namesIn(this).ownersTopic, masterKey, enforceSSL: true });
    for (const [index, endpoint] of addresses.entries())
      new CfnSubscription(this, `Owner${index}`, {
        topicArn: topic.topicArn,
        protocol: 'email',
        endpoint,
        filterPolicy: { to: [endpoint] },
      });
    return topic;
  }
}
