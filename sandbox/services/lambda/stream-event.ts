import type { Kernel } from '../../kernel/kernel.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { toWire } from '../dynamodb/dynalite.ts';
import { type ApiRecord, SHARD_ID } from '../dynamodbstreams/stream-record.ts';
import type { ResolvedFunction } from './function-reference.ts';
import type { EventSourceMapping } from './state.ts';

/** https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export const streamEvent = ({ sourceArn }: EventSourceMapping, records: readonly ApiRecord[]): string =>
  JSON.stringify({ Records: records.map((record) => eventRecord(record, sourceArn)) });

/** Times are in seconds, and binary values in base64. */
export const eventRecord = ({ dynamodb, userIdentity, ...record }: ApiRecord, sourceArn: string) => {
  const { ApproximateCreationDateTime, ...change } = dynamodb;
  return {
    ...record,
    dynamodb: {
      ApproximateCreationDateTime: ApproximateCreationDateTime.getTime() / 1000,
      ...(toWire(change) as Omit<ApiRecord['dynamodb'], 'ApproximateCreationDateTime'>),
    },
    ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
    eventSourceARN: sourceArn,
  };
};

export type StreamFailure = {
  readonly records: readonly ApiRecord[];
  readonly attempts: number;
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  readonly outcome?: InvocationOutcome;
};

/** Names the place of the records, without their content. https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html */
export const failureRecord = (
  kernel: Kernel,
  { sourceArn }: EventSourceMapping,
  { reference, configuration }: ResolvedFunction,
  { records, attempts, condition, outcome }: StreamFailure,
): string => {
  const arrival = ({ dynamodb }: ApiRecord) => dynamodb.ApproximateCreationDateTime.toISOString().replace('.000Z', 'Z');
  const [first, last] = [records[0]!, records.at(-1)!];
  return JSON.stringify({
    requestContext: {
      requestId: kernel.uuid(),
      functionArn: reference.arn,
      condition,
      approximateInvokeCount: attempts,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: configuration.version,
      ...(outcome?.kind === 'failed' && { functionError: 'Unhandled' }),
    },
    version: '1.0',
    timestamp: new Date(kernel.clock.now()).toISOString(),
    DDBStreamBatchInfo: {
      shardId: SHARD_ID,
      startSequenceNumber: first.dynamodb.SequenceNumber,
      endSequenceNumber: last.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: arrival(first),
      approximateArrivalOfLastRecord: arrival(last),
      batchSize: records.length,
      streamArn: sourceArn,
    },
  });
};
