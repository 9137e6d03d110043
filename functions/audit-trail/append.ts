/** Appends lines to the audit chain. */
import { type AuditLine, type ChainHead, headOf, nextLink } from '../domain/audit-chain.ts';
import type { AuditChain } from '../ports/audit-chain.ts';

/** Another instance may append at the same time: its link comes first, and this one follows it. */
const MAX_TRIES = 20;

/** Appends the lines as one link, and returns the new head. `known` is the head that this instance appended last. */
export async function appendLines(
  lines: readonly AuditLine[],
  chain: AuditChain,
  now: number,
  known?: ChainHead,
): Promise<ChainHead> {
  let head = known ?? (await chain.head());
  for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
    const { sequence, text } = nextLink(head, lines, new Date(now).toISOString());
    if (await chain.add(sequence, text)) return headOf(sequence, text);
    head = await chain.head();
  }
  throw new Error(`${MAX_TRIES} links were appended by others meanwhile; Lambda sends these changes again.`);
}
