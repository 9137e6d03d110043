import type { Job } from '../domain/job.ts';
import type { Ending } from '../domain/ledger.ts';

/** `TOLD`: the owner of the resource was told, and the execution goes on. */
export type JobEnding = { readonly job: Job; readonly ending: Ending | 'TOLD' };

/** Not idempotent: call it only for ends that are new to the ledger. */
export type CountEndings = (endings: readonly JobEnding[]) => Promise<void>;
