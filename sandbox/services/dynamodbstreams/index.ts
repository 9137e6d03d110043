/**
 * Streams of DynamoDB's tables. Only services of the sandbox read them: it has no SDK client for requests over the
 * wire. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
import { generated } from '../../kernel/comparison.ts';
import { AwsError, defineService, type Service } from '../../kernel/kernel.ts';
import { parseArn } from '../arn.ts';
import { tableKeyNeeds } from '../dynamodb/needs.ts';
import { DYNAMODB } from '../dynamodb/state.ts';
import { onlyMembers } from '../requests.ts';
import { afterIterator, iteratorText, parseIterator, type ShardIterator } from './iterator.ts';
import { currentRecords } from './records.ts';
import { DYNAMODB_STREAMS, type StreamsAt, type StreamsState, type TableStream } from './state.ts';
import { apiRecord, SHARD_ID, sequenceNumber } from './stream-record.ts';

const MAX_RECORDS = 1000;

type StreamInput = { readonly StreamArn: string };
type IteratorInput = StreamInput & {
  readonly ShardId: string;
  readonly ShardIteratorType: 'TRIM_HORIZON' | 'LATEST' | 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER';
  readonly SequenceNumber?: string;
};
type RecordsInput = { readonly ShardIterator: string; readonly Limit?: number };

const onStream = (operation: string) => (input: StreamInput) => [
  { action: `dynamodb:${operation}`, resource: input.StreamArn },
];

export const dynamodbStreams: Service<any, StreamsState> = defineService<any, StreamsState>({
  ...DYNAMODB_STREAMS,
  sdk: {},
  client: class {},
  prefix: 'dynamodb',
  trail: { unrecorded: ['GetRecords', 'GetShardIterator'] },
  throttling: { code: 'LimitExceededException', status: 400 },
  comparable: ({ streams }: StreamsState) => ({
    streams: new Map(
      [...streams].map(([arn, { written, records, ...stream }]) => [
        arn,
        { ...stream, progress: generated({ written, records }) },
      ]),
    ),
  }),
  locate: (arn) => (parseArn(arn).resource.includes('/stream/') ? [['streams', arn]] : []),
  operations: {
    ListStreams: { run: listStreams },
    DescribeStream: { needs: onStream('DescribeStream'), run: describeStream },
    GetShardIterator: { needs: onStream('GetShardIterator'), run: getShardIterator },
    GetRecords: { needs: recordNeeds, run: getRecords },
  },
});

function listStreams(input: { readonly TableName?: string }, { state }: StreamsAt) {
  onlyMembers('ListStreams', input, ['TableName']);
  const streams = [...state.streams.values()].filter(
    ({ tableName }) => input.TableName === undefined || input.TableName === tableName,
  );
  return {
    Streams: streams.map(({ arn, label, tableName }) => ({ StreamArn: arn, StreamLabel: label, TableName: tableName })),
  };
}

function describeStream(input: StreamInput, at: StreamsAt) {
  onlyMembers('DescribeStream', input, ['StreamArn']);
  const { arn, label, tableName, view, isEnabled, keyNames, written } = existingStream(at, input.StreamArn);
  return {
    StreamDescription: {
      StreamArn: arn,
      StreamLabel: label,
      StreamStatus: isEnabled ? 'ENABLED' : 'DISABLED',
      StreamViewType: view,
      TableName: tableName,
      KeySchema: keyNames.map((AttributeName, n) => ({ AttributeName, KeyType: n === 0 ? 'HASH' : 'RANGE' })),
      Shards: [
        {
          ShardId: SHARD_ID,
          SequenceNumberRange: {
            StartingSequenceNumber: sequenceNumber(1),
            ...(!isEnabled && { EndingSequenceNumber: sequenceNumber(written) }),
          },
        },
      ],
    },
  };
}

function getShardIterator(input: IteratorInput, at: StreamsAt) {
  const stream = existingStream(at, input.StreamArn);
  if (input.ShardId !== SHARD_ID) throw notFound(`Requested resource not found: Shard: ${input.ShardId}`);
  const records = currentRecords(at.kernel, stream);
  const after = afterIterator(input.ShardIteratorType, input.SequenceNumber, stream, records);
  return { ShardIterator: iteratorText({ stream: stream.arn, after, at: at.kernel.clock.now() }) };
}

/** A reader needs the table's key, which encrypts the stream too. */
function recordNeeds(input: RecordsInput, at: StreamsAt) {
  const { stream } = parseIterator(input.ShardIterator, at.kernel.clock.now());
  const { tableName } = existingStream(at, stream);
  return [
    { action: 'dynamodb:GetRecords', resource: stream },
    ...tableKeyNeeds({ ...at, state: at.kernel.state(DYNAMODB, at) }, tableName),
  ];
}

function getRecords(input: RecordsInput, at: StreamsAt) {
  onlyMembers('GetRecords', input, ['ShardIterator', 'Limit']);
  const now = at.kernel.clock.now();
  const iterator = parseIterator(input.ShardIterator, now);
  const stream = existingStream(at, iterator.stream);
  const later = currentRecords(at.kernel, stream).filter(({ sequence }) => sequence > iterator.after);
  const page = later.slice(0, Math.min(input.Limit ?? MAX_RECORDS, MAX_RECORDS));
  const next: ShardIterator = { stream: stream.arn, after: page.at(-1)?.sequence ?? iterator.after, at: now };
  const isFinished = !stream.isEnabled && page.length === later.length;
  return {
    Records: page.map((record) => apiRecord(stream, record, at)),
    ...(!isFinished && { NextShardIterator: iteratorText(next) }),
  };
}

function existingStream(at: StreamsAt, arn: string): TableStream {
  const stream = at.state.streams.get(arn);
  if (stream) return stream;
  throw notFound(`Requested resource not found: Stream: ${arn} not found`);
}

const notFound = (message: string) => new AwsError('ResourceNotFoundException', message);
