import type { NoticeFacts, OwnersTurn } from '../domain/grace.ts';
import type { Job } from '../domain/job.ts';
import type { Ending } from '../domain/ledger.ts';

/** The newest event of a finding that reached triage, and the execution that handled it. */
export type LastArrival = { readonly receivedAt: string; readonly execution: string };

export type FindingHistory = {
  noticeFacts(findingId: string): Promise<NoticeFacts>;
  /** Returns undefined if the finding does not stand with its owner. */
  ownersTurn(findingId: string): Promise<OwnersTurn | undefined>;
  lastArrival(findingId: string): Promise<LastArrival | undefined>;
  /** Returns the end of this execution of the finding, with its job. */
  endedJob(line: {
    readonly finding: string;
    readonly execution: string;
    readonly started: string;
  }): Promise<{ readonly ending: Ending; readonly job: Job } | undefined>;
};
