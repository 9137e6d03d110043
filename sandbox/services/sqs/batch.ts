import type { BatchResultErrorEntry } from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/kernel.ts';

/** Calls `work` for each entry. An entry that fails is in `Failed`, and does not affect the others. */
export function forEachEntry<E extends { Id?: string }, R>(
  entries: readonly E[] | undefined,
  work: (entry: E) => R,
): { Successful: (R & { Id: string })[]; Failed: BatchResultErrorEntry[] } {
  checkBatch(entries ?? []);
  const Successful: (R & { Id: string })[] = [];
  const Failed: BatchResultErrorEntry[] = [];
  for (const entry of entries ?? []) {
    try {
      Successful.push({ ...work(entry), Id: entry.Id! });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Failed.push({ Id: entry.Id, SenderFault: error.status < 500, Code: error.code, Message: error.message });
    }
  }
  return { Successful, Failed };
}

function checkBatch(entries: readonly { Id?: string }[]): void {
  if (entries.length === 0)
    throw new AwsError('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > 10)
    throw new AwsError(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are 10. You have sent ${entries.length}.`,
    );
  for (const { Id } of entries) {
    if (!Id || !/^[\w-]{1,80}$/.test(Id))
      throw new AwsError(
        'InvalidBatchEntryId',
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      );
  }
  const ids = entries.map((entry) => entry.Id);
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index);
  if (repeated) throw new AwsError('BatchEntryIdsNotDistinct', `Id ${repeated} repeated.`);
}
