import type { ChainHead } from '../domain/audit-chain.ts';

export type AuditChain = {
  /** The newest link; undefined if there is none. */
  head(): Promise<ChainHead | undefined>;
  /** Returns false if there is a link of this sequence. */
  add(sequence: number, text: string): Promise<boolean>;
};
