import type { FindingUpdate } from '../domain/finding-update.ts';

export type FindingIdentifier = { readonly id: string; readonly productArn: string };

/** `because` is the code with its message. */
export type UnprocessedFinding = FindingIdentifier & { readonly code: string; readonly because: string };

export type SecurityHub = {
  /**
   * Makes one call, for at most a hundred findings, without a retry. Returns the findings that were not updated; throws
   * if the whole call failed.
   */
  update(update: FindingUpdate, findings: readonly FindingIdentifier[]): Promise<UnprocessedFinding[]>;
};

/** Returns the finding as Security Hub has it. */
export type FindFinding = (finding: FindingIdentifier) => Promise<unknown>;

export type SetAsideFinding = { readonly id: string; readonly account: string; readonly status: string };
/** Yields pages of Security Hub's own active findings whose control fails and that are not NEW. */
export type SetAsideFindings = () => AsyncIterable<readonly SetAsideFinding[]>;

/** Yields pages of ids of Security Hub's own NOTIFIED findings whose control still fails, whoever has set them to NOTIFIED. */
export type NotifiedFindings = () => AsyncIterable<readonly string[]>;
