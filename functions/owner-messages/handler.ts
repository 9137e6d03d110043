/** Owner messages: every hour, tells owners about their findings, each at most once a day and kind. */
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { environment } from '../aws/environment.ts';
import { messagePublisher } from '../aws/events.ts';
import { logger, metrics } from '../aws/observe.ts';
import { ledgerQueries } from '../ledger/ledger-queries.ts';
import { dynamoOwnerMessageLog } from '../ledger/owner-message-log.ts';
import { type OwnerMail, sendOwnerMessages } from './send.ts';

const sns = new SNSClient({ maxAttempts: 3 });

export const handler = async (): Promise<void> => {
  const { LEDGER_TABLE, EVENT_BUS } = environment('LEDGER_TABLE', 'EVENT_BUS');
  const { OWNERS_TOPIC_ARN: topic } = process.env;
  try {
    const sent = await sendOwnerMessages({
      queries: ledgerQueries(LEDGER_TABLE),
      log: dynamoOwnerMessageLog(LEDGER_TABLE),
      publish: messagePublisher(EVENT_BUS),
      ...(topic !== undefined && { mail: mailer(topic) }),
      now: Date.now,
    });
    metrics.addMetric('OwnerMessages', 'Count', sent.messages);
    logger.info('owners told', sent);
  } finally {
    metrics.publishStoredMetrics();
  }
};

/** Each subscription of the topic has a filter with its own address. */
const mailer =
  (TopicArn: string) =>
  async ({ to, subject, text }: OwnerMail): Promise<void> => {
    const MessageAttributes = { to: { DataType: 'String', StringValue: to } };
    await sns.send(new PublishCommand({ TopicArn, Subject: subject, Message: text, MessageAttributes }));
  };
