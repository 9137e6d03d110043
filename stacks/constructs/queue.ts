/** Queues: encrypted, TLS only. Messages in a dead-letter queue raise an alarm. */
import { Duration, Validations } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { type DeadLetterQueue, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { namesIn } from '../names.ts';
import { alarm } from './alarms.ts';

/** The name has no prefix. */
type QueueOptions = { readonly name: string; readonly key: IKey };

export const encryptedQueue = (
  scope: Construct,
  id: string,
  {
    name,
    key,
    ...more
  }: QueueOptions & { readonly visibilityTimeout?: Duration; readonly deadLetterQueue?: DeadLetterQueue },
): Queue =>
  new Queue(scope, id, {
    queueName: namesIn(scope).own(name),
    encryption: QueueEncryption.KMS,
    encryptionMasterKey: key,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
    ...more,
  });

export type DeadLetterOptions = QueueOptions & {
  readonly means: string;
  /** The alarm's, as in `AlarmOptions`. */
  readonly article?: string;
  readonly topicArn: string;
};

export function deadLetterQueue(
  scope: Construct,
  id: string,
  { means, article, topicArn, ...options }: DeadLetterOptions,
): Queue {
  const queue = encryptedQueue(scope, id, options);
  const metric = queue.metricApproximateNumberOfMessagesVisible({ statistic: 'Maximum', period: Duration.minutes(1) });
  Validations.of(queue).acknowledge({ id: 'AwsSolutions-SQS3', reason: 'It is a dead-letter queue itself' });
  alarm(queue, 'Alarm', { name: options.name, metric, means, article, topicArn });
  return queue;
}
