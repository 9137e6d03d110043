/** The optional stack of the audit trail: a locked bucket, and the function that appends the ledger's changes to it. */
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { EventSourceMapping, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { CHAIN_PREFIX } from '../functions/domain/audit-chain.ts';
import { alarmTopicArn } from './constructs/alarms.ts';
import { type Bundles, SutureFunction } from './constructs/function.ts';
import { lockedBucket } from './constructs/locked-bucket.ts';
import { keyUse } from './constructs/role.ts';
import type { SutureContext } from './context.ts';
import { auditBucket, functionName, ROLE_PATH } from './names.ts';

export type AuditStackProps = StackProps & {
  readonly context: SutureContext;
  readonly bundles: Bundles;
  readonly key: IKey;
  readonly ledger: ITable;
};

/** Beginnings of the partition keys whose changes count; leases and counters are not among them. */
const AUDITED = ['finding#', 'audit#', 'stop', 'approvals', 'circuit'];

export class AuditStack extends Stack {
  constructor(scope: Construct, id: string, { context, bundles, key, ledger, ...props }: AuditStackProps) {
    super(scope, id, props);
    const { partition, securityAccount: account, homeRegion: region } = context;
    const name = functionName('audit-trail');
    lockedBucket(this, 'Chain', {
      name: auditBucket(context),
      key,
      writers: [`arn:${partition}:iam::${account}:role${ROLE_PATH}${name}`],
    });
    const bucketArn = `arn:${partition}:s3:::${auditBucket(context)}`;
    const because = 'The links of the chain, and no other object';
    const trail = new SutureFunction(this, 'Trail', {
      name,
      description: "Appends the ledger's changes to the audit chain",
      place: { partition, account, region },
      bundles,
      key,
      topicArn: alarmTopicArn({ partition, account, region }),
      role: { name },
      timeout: Duration.minutes(1),
      environment: { AUDIT_BUCKET: auditBucket(context) },
      allows: [
        {
          actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
          on: ledger.tableStreamArn!,
        },
        { actions: ['dynamodb:ListStreams'], on: '*', because: 'ListStreams takes no resource' },
        { actions: ['s3:PutObject', 's3:GetObject'], on: `${bucketArn}/${CHAIN_PREFIX}*`, because },
        {
          actions: ['s3:ListBucket'],
          on: bucketArn,
          when: { StringEquals: { 's3:prefix': CHAIN_PREFIX } },
        },
        keyUse(key, region, ['Decrypt', 'GenerateDataKey'], ['s3', 'dynamodb']),
      ],
      errorsMean:
        'Changes of the ledger do not reach the audit chain. Lambda sends them again for a day, until the stream drops them.',
    });
    new EventSourceMapping(this, 'Source', {
      target: trail.function,
      eventSourceArn: ledger.tableStreamArn!,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: Duration.minutes(1),
      // One link after the other: more would only wait for each other.
      parallelizationFactor: 1,
      filters: [
        { pattern: JSON.stringify({ dynamodb: { Keys: { pk: { S: AUDITED.map((prefix) => ({ prefix })) } } } }) },
      ],
    });
  }
}
