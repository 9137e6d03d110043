import type { FindingUpdate } from '../domain/finding-update.ts';

export type FindingIdentifier = { readonly id: string; readonly productArn: string };

/** A finding that Security Hub did not update, with its error code and the code with its message. */
export type UnprocessedFinding = FindingIdentifier & { readonly code: string; readonly because: string };

export type SecurityHub = {
  /**
   * Updates up to a hundred findings in one call, which is not retried. Returns the findings that were not updated; throws
   * where the whole call failed.
   */
  update(update: FindingUpdate, findings: readonly FindingIdentifier[]): Promise<UnprocessedFinding[]>;
};

/** Pages of the ids of Suture's own NOTIFIED findings whose control still fails. */
export type NotifiedFindings = () => AsyncIterable<readonly string[]>;
