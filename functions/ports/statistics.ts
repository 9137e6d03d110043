import type { Job } from '../domain/job.ts';
import type { Ending } from '../domain/ledger.ts';

export type JobEnding = { readonly job: Job; readonly ending: Ending };

/** Not idempotent: call it only for ends that are new to the ledger. */
export type CountEndings = (endings: readonly JobEnding[]) => Promise<void>;
