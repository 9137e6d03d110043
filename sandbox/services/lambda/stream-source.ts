/**
 * Consumes the stream of a DynamoDB table: one batch after the other, each until the function succeeds, its retries are
 * used up or its records are too old.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
import { compilePattern } from '../../event-patterns/pattern.ts';
import { withSuspendedHolds } from '../../kernel/clock.ts';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import type { InvocationOutcome } from '../../runtime/running-invocation.ts';
import { recordSample } from '../cloudwatch/metrics.ts';
import { CLOUDWATCH } from '../cloudwatch/state.ts';
import { RETENTION_MS } from '../dynamodbstreams/records.ts';
import type { ApiRecord } from '../dynamodbstreams/stream-record.ts';
import { sendRecord } from './destination.ts';
import {
  arrivalWithin,
  callSource,
  currentWork,
  type MappingWork,
  type Poller,
  runUnlessThrottled,
} from './polling.ts';
import type { StreamSettings } from './state.ts';
import { eventRecord, failureRecord, type StreamFailure, streamEvent } from './stream-event.ts';

const MAX_EVENT_BYTES = 6 * 1024 * 1024;
/** Before the next attempt of a batch, doubled from one second on. AWS does not publish its pauses. */
const LONGEST_PAUSE_SECONDS = 300;

type Batch = { readonly records: ApiRecord[]; end?: string };

export const consumeStream = async (poller: Poller): Promise<void> => {
  for (let work = currentWork(poller); work && poller.hasArrivals; work = currentWork(poller)) {
    const batch = await gatherBatch(poller, work);
    if (!(await deliver(poller, batch.records))) return;
    if (batch.end) work.mapping.checkpoint = batch.end;
  }
};

/** Reads until the batch is full or its window ends. `end` is the last record read, which a filter may drop. */
const gatherBatch = async (poller: Poller, work: MappingWork): Promise<Batch> => {
  const { batchSize, windowSeconds, checkpoint, stream } = work.mapping;
  const { clock } = poller.kernel;
  const isWanted = filterOf(stream!);
  const batch: Batch = { records: [], end: checkpoint };
  let bytes = 0;
  let closesAtMs: number | undefined;
  for (;;) {
    poller.hasArrivals = false;
    const page = await readStream(poller, work, batch.end, batchSize - batch.records.length);
    for (const record of page) {
      const size = JSON.stringify(eventRecord(record, work.mapping.sourceArn)).length;
      if (bytes + size > MAX_EVENT_BYTES && batch.records.length > 0) return endBatch(poller, batch);
      batch.end = record.dynamodb.SequenceNumber;
      if (!isWanted(record)) continue;
      bytes += size;
      batch.records.push(record);
      closesAtMs ??= clock.now() + windowSeconds * 1000;
    }
    if (batch.records.length === batchSize) return endBatch(poller, batch);
    if (page.length > 0) continue;
    const remainingMs = (closesAtMs ?? 0) - clock.now();
    if (remainingMs <= 0) return batch;
    if (!poller.hasArrivals) await arrivalWithin(poller, remainingMs);
  }
};

/** Ends a batch, but not the reading: only an empty page shows that the stream has no more records. */
const endBatch = (poller: Poller, batch: Batch): Batch => {
  poller.hasArrivals = true;
  return batch;
};

const filterOf = ({ filters }: StreamSettings): ((record: ApiRecord) => boolean) => {
  const patterns = filters.map((filter) => compilePattern(filter, { maxLength: 4096 }));
  return (record) => patterns.length === 0 || patterns.some((matches) => matches(eventRecord(record, '')));
};

const isTrimmed = (error: unknown) => error instanceof AwsError && error.code === 'TrimmedDataAccessException';

const readStream = async (
  poller: Poller,
  work: MappingWork,
  after: string | undefined,
  limit: number,
): Promise<readonly ApiRecord[]> => {
  const { sourceArn: StreamArn, stream } = work.mapping;
  const call = <O>(operation: string, input: object) =>
    callSource<O>(poller, work, { service: 'dynamodbstreams', operation, input }, isTrimmed);
  const { StreamDescription } = await call<{ StreamDescription: { Shards: [{ ShardId: string }] } }>('DescribeStream', {
    StreamArn,
  });
  const { ShardId } = StreamDescription.Shards[0];
  const position = after
    ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: after }
    : { ShardIteratorType: stream!.start };
  const iterator = (input: object) =>
    call<{ ShardIterator: string }>('GetShardIterator', { StreamArn, ShardId, ...input });
  const { ShardIterator } = await iterator(position).catch((error) => {
    if (!isTrimmed(error)) throw error;
    return iterator({ ShardIteratorType: 'TRIM_HORIZON' });
  });
  const { Records } = await call<{ Records: ApiRecord[] }>('GetRecords', {
    ShardIterator,
    Limit: Math.min(limit, 1000),
  });
  return Records;
};

/** @returns false if the mapping was disabled or deleted before the function took the records */
const deliver = async (poller: Poller, records: readonly ApiRecord[]): Promise<boolean> => {
  let remaining = records;
  let failures = 0;
  for (let attempt = 1; remaining.length > 0; attempt += 1) {
    const work = currentWork(poller);
    if (!work) return false;
    remaining = await dropOldRecords(poller, work, remaining, attempt - 1);
    if (remaining.length === 0) return true;
    const outcome = await invoke(poller, work, remaining);
    if (outcome?.kind === 'done') return true;
    // A throttled invocation is not an attempt of the function.
    if (outcome) failures += 1;
    const { bisects, retries } = work.mapping.stream!;
    if (outcome && bisects && remaining.length > 1) {
      const middle = Math.ceil(remaining.length / 2);
      return (await deliver(poller, remaining.slice(0, middle))) && (await deliver(poller, remaining.slice(middle)));
    }
    if (retries >= 0 && failures > retries) {
      await discard(poller, work, {
        records: remaining,
        attempts: attempt,
        condition: 'RetryAttemptsExhausted',
        outcome,
      });
      return true;
    }
    await pause(poller.kernel, Math.min(2 ** (attempt - 1), LONGEST_PAUSE_SECONDS));
  }
  return true;
};

/** A batch may be retried for a day, so a retry neither moves a virtual clock by itself nor delays `settled`. */
const pause = (kernel: Kernel, seconds: number): Promise<void> =>
  withSuspendedHolds(
    () => new Promise((resolve) => void kernel.clock.after(seconds * 1000, resolve, { daemon: true })),
  );

const invoke = async (
  { kernel, place }: Poller,
  { mapping, target }: MappingWork,
  records: readonly ApiRecord[],
): Promise<InvocationOutcome | undefined> => {
  const now = kernel.clock.now();
  const ageMs = now - records.at(-1)!.dynamodb.ApproximateCreationDateTime.getTime();
  const sample = { at: now, count: 1, sum: ageMs, minimum: ageMs, maximum: ageMs };
  const dimensions = { FunctionName: target.fn.name };
  recordSample(kernel.state(CLOUDWATCH, place), 'AWS/Lambda', 'IteratorAge', dimensions, sample);
  const event = streamEvent(mapping, records);
  const outcome = await runUnlessThrottled(kernel, target, { event, requestId: kernel.uuid() });
  mapping.lastResult = outcome?.kind === 'done' ? 'OK' : 'PROBLEM: Function call failed';
  return outcome;
};

/** Records that the stream itself drops after a day leave no failure record. */
const dropOldRecords = async (
  poller: Poller,
  work: MappingWork,
  records: readonly ApiRecord[],
  attempts: number,
): Promise<readonly ApiRecord[]> => {
  const { maxAgeSeconds } = work.mapping.stream!;
  const maxAgeMs = maxAgeSeconds === -1 ? RETENTION_MS : maxAgeSeconds * 1000;
  const oldest = poller.kernel.clock.now() - maxAgeMs;
  const isOld = ({ dynamodb }: ApiRecord) => dynamodb.ApproximateCreationDateTime.getTime() < oldest;
  const old = records.filter(isOld);
  if (old.length > 0 && maxAgeSeconds !== -1)
    await discard(poller, work, { records: old, attempts, condition: 'RecordAgeExceeded' });
  return records.filter((record) => !isOld(record));
};

const discard = async ({ kernel }: Poller, { mapping, target }: MappingWork, failure: StreamFailure): Promise<void> => {
  const { onFailure } = mapping.stream!;
  if (onFailure) await sendRecord(kernel, target, onFailure, failureRecord(kernel, mapping, target, failure));
};
