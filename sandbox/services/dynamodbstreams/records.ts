/**
 * Records of a stream, and listeners for new ones, which belong to the running sandbox. A stream has one shard, which
 * never splits. AWS has several; in each, as here, the changes of an item are in order.
 */
import { withoutHolds } from '../../kernel/clock.ts';
import type { AwsPlace, Kernel } from '../../kernel/kernel.ts';
import { DYNAMODB_STREAMS, type StreamRecord, type TableStream } from './state.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html: records are removed after 24 hours. */
export const RETENTION_MS = 86_400_000;

const listeners = new WeakMap<Kernel, Map<string, Set<() => void>>>();

/** @returns a function that removes the listener */
export function onStreamRecord(kernel: Kernel, streamArn: string, listener: () => void): () => void {
  const all = listeners.get(kernel) ?? new Map<string, Set<() => void>>();
  listeners.set(kernel, all);
  const ofStream = all.get(streamArn) ?? new Set();
  all.set(streamArn, ofStream.add(listener));
  return () => void ofStream.delete(listener);
}

export type ItemChange = Pick<StreamRecord, 'keys' | 'before' | 'after' | 'isExpiry'>;

export function appendChange(kernel: Kernel, stream: TableStream, change: ItemChange): void {
  const { before, after } = change;
  stream.written += 1;
  stream.records.push({
    ...change,
    sequence: stream.written,
    id: kernel.uuid().replaceAll('-', ''),
    at: kernel.clock.now(),
    change: before === undefined ? 'INSERT' : after === undefined ? 'REMOVE' : 'MODIFY',
  });
  for (const listener of listeners.get(kernel)?.get(stream.arn) ?? []) withoutHolds(listener);
}

/** Removes the records that are older than a day, and returns the others. */
export function currentRecords(kernel: Kernel, { records }: TableStream): readonly StreamRecord[] {
  const oldest = kernel.clock.now() - RETENTION_MS;
  while (records.length > 0 && records[0]!.at < oldest) records.shift();
  return records;
}

export const streamsAt = (kernel: Kernel, place: AwsPlace): Map<string, TableStream> =>
  kernel.state(DYNAMODB_STREAMS, place).streams;
