/** Copies in a bucket with versions and Object Lock. */
import { commandToReplay, errorDescription, isDenial, SutureError } from '../contract/errors.ts';
import { JournalEntry } from '../domain/journal.ts';
import { hash } from '../domain/trace.ts';
import { parseInput } from '../domain/version.ts';
import type { LockedCopies } from '../ports/locked-copies.ts';
import { NAMES } from './installation.ts';
// A dynamic import would keep every operation of S3 in each bundle: 100 KB, which a plan would have to read too.
import { putOnce, readOldest } from './locked-objects.ts';

export const s3LockedCopies = (bucket: string): LockedCopies => {
  const oldest = async (key: string, execution: string) => {
    const text = await renameDenial(readOldest(bucket, objectKey(key, execution)));
    return text === undefined ? undefined : parseInput(JournalEntry, JSON.parse(text));
  };
  return {
    oldest,
    async keep(entry) {
      const isNew = await renameDenial(putOnce(bucket, objectKey(entry.key, entry.execution), JSON.stringify(entry)));
      return isNew ? entry : ((await oldest(entry.key, entry.execution)) ?? entry);
    },
  };
};

/** Begins with the remediation, because its role may write below its own name only. */
const objectKey = (key: string, execution: string): string =>
  `${key.slice(0, key.indexOf('#'))}/${hash(key)}/${hash(execution)}.json`;

/** Renames a denial, because the bucket is in the function's own account: no member account denied it. */
async function renameDenial<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!isDenial(error)) throw error;
    throw new SutureError(
      'ConfigurationInvalid',
      `${errorDescription(error)}\nThe function may not use the bucket of the journal's copies or its key: deploy ${NAMES.stack('Service')} ` +
        `and the remediation's stack into the service account again, then replay it: ${commandToReplay('ConfigurationInvalid')}`,
      { cause: error },
    );
  }
}
