/** Shard iterators: a place in a stream, for 15 minutes. */
import { AwsError } from '../../kernel/kernel.ts';
import type { StreamRecord, TableStream } from './state.ts';

const LIFETIME_MS = 900_000;

/** Reads from the first record whose sequence is greater than `after`. */
export type ShardIterator = { readonly stream: string; readonly after: number; readonly at: number };

export const iteratorText = (iterator: ShardIterator): string =>
  Buffer.from(JSON.stringify(iterator)).toString('base64url');

/** @throws AwsError ValidationException, ExpiredIteratorException */
export function parseIterator(text: string, now: number): ShardIterator {
  const iterator = decode(text);
  if (!iterator) throw new AwsError('ValidationException', 'Invalid ShardIterator');
  if (now - iterator.at <= LIFETIME_MS) return iterator;
  throw new AwsError('ExpiredIteratorException', 'Iterator expired: it was issued more than 15 minutes ago.');
}

function decode(text: string): ShardIterator | undefined {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/**
 * Returns the sequence after which an iterator reads.
 * @throws AwsError TrimmedDataAccessException if the stream no longer has the record
 */
export function afterIterator(
  type: string,
  sequenceNumber: string | undefined,
  { written }: TableStream,
  records: readonly StreamRecord[],
): number {
  const trimmed = (records[0]?.sequence ?? written + 1) - 1;
  if (type === 'TRIM_HORIZON') return trimmed;
  if (type === 'LATEST') return written;
  const after = Number(sequenceNumber) - (type === 'AT_SEQUENCE_NUMBER' ? 1 : 0);
  if (!Number.isSafeInteger(after) || after > written)
    throw new AwsError('ValidationException', `Invalid SequenceNumber ${sequenceNumber}`);
  if (after >= trimmed) return after;
  throw new AwsError(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard.',
  );
}
