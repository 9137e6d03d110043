/** The optional stack of the audit trail: a locked bucket, and the function that appends the ledger's changes to it. */
import { Duration, type StackProps } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { Construct } from 'constructs';
import { CHAIN_PREFIX } from '../functions/domain/audit-chain.ts';
import { alarm, alarmTopicArn } from './constructs/alarms.ts';
import { type Bundles, SutureFunction } from './constructs/function.ts';
import { lockedBucket } from './constructs/locked-bucket.ts';
import { deadLetterQueue } from './constructs/queue.ts';
import { type Allowance, keyUse } from './constructs/role.ts';
import { type SutureContext, securityPlace } from './context.ts';
import { auditBucket, InstallationStack, namesIn, ownRoleArn } from './names.ts';

export type AuditStackProps = StackProps & {
  readonly context: SutureContext;
  readonly bundles: Bundles;
  readonly key: IKey;
  readonly ledger: ITable;
};

const NAME = 'audit-trail';

/**
 * Prefixes of the partition keys whose changes the trail records: everything that decides what Suture does, and so
 * neither leases nor counters.
 */
const AUDITED = ['finding#', 'audit#', 'stop', 'approvals', 'circuit', 'policy', 'proposals', 'ip-ranges'];

/** The stream keeps changes for a day. Those that wait this long go to the dead-letter queue, so that people know. */
const MAX_AGE = Duration.hours(23);

export class AuditStack extends InstallationStack {
  constructor(scope: Construct, id: string, { context, bundles, key, ledger, ...props }: AuditStackProps) {
    super(scope, id, { ...props, context });
    const { partition, homeRegion: region } = context;
    const environment = { place: securityPlace(context), bundles, key };
    const topicArn = alarmTopicArn(environment.place);
    const bucket = auditBucket(context);
    lockedBucket(this, 'Chain', {
      name: bucket,
      key,
      writers: [ownRoleArn(environment.place, namesIn(this).own(NAME))],
    });
    const deadLetters = deadLetterQueue(this, 'Dropped', {
      name: 'audit-trail-dlq',
      key,
      topicArn,
      means: 'Changes of the ledger are missing in the audit chain: they waited for 23 hours.',
    });
    const streamArn = ledger.tableStreamArn!;
    const trail = new SutureFunction(this, 'Trail', {
      ...environment,
      name: NAME,
      description: "Appends the ledger's changes to the audit chain",
      topicArn,
      timeout: Duration.minutes(1),
      environment: { AUDIT_BUCKET: bucket },
      allows: [
        ...chainAllowances(`arn:${partition}:s3:::${bucket}`),
        { actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], on: streamArn },
        { actions: ['dynamodb:ListStreams'], on: '*', because: 'ListStreams takes no resource' },
        { actions: ['sqs:SendMessage'], on: deadLetters.queueArn },
        keyUse(key, region, ['Decrypt', 'GenerateDataKey'], ['s3', 'dynamodb', 'sqs']),
      ],
      errorsMean: 'Changes of the ledger do not reach the audit chain. Lambda sends them again for 23 hours.',
    });
    new EventSourceMapping(this, 'Source', {
      target: trail.function,
      eventSourceArn: streamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: Duration.minutes(1),
      maxRecordAge: MAX_AGE,
      onFailure: new SqsDlq(deadLetters),
      // Each link of the chain needs the one before, so parallel invocations would only wait for each other.
      parallelizationFactor: 1,
      filters: [
        { pattern: JSON.stringify({ dynamodb: { Keys: { pk: { S: AUDITED.map((prefix) => ({ prefix })) } } } }) },
      ],
    });
    alarm(this, 'Late', {
      name: 'audit-trail-late',
      metric: trail.function.metric('IteratorAge', { statistic: 'Maximum', period: Duration.minutes(5) }),
      threshold: Duration.hours(1).toMilliseconds(),
      means: 'Changes of the ledger wait for more than an hour before they reach the audit chain.',
      topicArn,
    });
  }
}

const chainAllowances = (bucketArn: string): Allowance[] => [
  {
    actions: ['s3:PutObject', 's3:GetObject'],
    on: `${bucketArn}/${CHAIN_PREFIX}*`,
    because: 'The links of the chain, and no other object',
  },
  { actions: ['s3:ListBucket'], on: bucketArn, when: { StringEquals: { 's3:prefix': CHAIN_PREFIX } } },
];
