/**
 * The audit chain: links that each hold the SHA-256 of the link before, so that a change or a gap shows without AWS.
 * Only the newest link has no successor to vouch for it.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';

/** One change of an item of the ledger. Attributes have DynamoDB's form. */
export const AuditLine = z.object({
  /** The stream's id of the change: a repeated delivery has the same. */
  id: z.string(),
  at: z.string(),
  change: z.enum(['INSERT', 'MODIFY', 'REMOVE']),
  pk: z.string(),
  sk: z.string(),
  before: z.record(z.string(), z.unknown()).optional(),
  after: z.record(z.string(), z.unknown()).optional(),
});
export type AuditLine = z.infer<typeof AuditLine>;

const AuditLink = z.object({
  v: z.literal(1),
  sequence: z.int().positive(),
  /** SHA-256 of the text of the link before, in hex digits; null for the first. */
  previous: z.string().nullable(),
  at: z.string(),
  lines: z.array(AuditLine),
});

/** The newest link. */
export type ChainHead = { readonly sequence: number; readonly hash: string };

const MAX_SEQUENCE = 999_999_999_999;
export const CHAIN_PREFIX = 'chain/';
/** S3 lists names in order, so the newest link has the first name. */
export const linkName = (sequence: number): string =>
  `${CHAIN_PREFIX}${String(MAX_SEQUENCE - sequence).padStart(12, '0')}-${sequence}.json`;
export const sequenceOf = (name: string): number | undefined => {
  const found = /(?:^|\/)\d{12}-(\d+)\.json$/.exec(name)?.[1];
  return found === undefined ? undefined : Number(found);
};

export const linkHash = (text: string): string => createHash('sha256').update(text).digest('hex');

export const nextLink = (head: ChainHead | undefined, lines: readonly AuditLine[], at: string) => {
  const sequence = (head?.sequence ?? 0) + 1;
  return { sequence, text: JSON.stringify({ v: 1, sequence, previous: head?.hash ?? null, at, lines }) };
};

export type ChainReport = {
  readonly links: number;
  readonly lines: number;
  /** Lines that were delivered again. */
  readonly repeated: number;
  /** The newest link. Compare its hash with one that you noted elsewhere. */
  readonly head?: ChainHead;
  /** Sequence of the oldest link: those before it have expired, or are missing. */
  readonly oldest?: number;
  /** One line for each missing or changed link. */
  readonly problems: readonly string[];
};

/** @param texts of the links, by sequence */
export function verifyChain(texts: ReadonlyMap<number, string>): ChainReport {
  const sequences = [...texts.keys()].sort((a, b) => a - b);
  const problems: string[] = [];
  const ids = new Set<string>();
  let lines = 0;
  for (const [index, sequence] of sequences.entries()) {
    const before = sequences[index - 1];
    if (before !== undefined && before !== sequence - 1) problems.push(gapText(before, sequence));
    const link = parseLink(texts.get(sequence)!);
    if (typeof link === 'string') {
      problems.push(`link ${sequence} is changed: ${link}`);
      continue;
    }
    if (link.sequence !== sequence)
      problems.push(`link ${sequence} is changed: it says that it is link ${link.sequence}`);
    if (sequence === 1 && link.previous !== null) problems.push('link 1 is changed: it names a link before');
    if (before === sequence - 1 && link.previous !== linkHash(texts.get(before)!))
      problems.push(`link ${before} is changed, or link ${sequence}: the hash in ${sequence} is not that of ${before}`);
    lines += link.lines.length;
    for (const { id } of link.lines) ids.add(id);
  }
  const last = sequences.at(-1);
  return {
    links: sequences.length,
    lines,
    repeated: lines - ids.size,
    ...(last !== undefined && { head: { sequence: last, hash: linkHash(texts.get(last)!) }, oldest: sequences[0] }),
    problems,
  };
}

const gapText = (before: number, after: number): string =>
  after - before === 2 ? `link ${before + 1} is missing` : `links ${before + 1} to ${after - 1} are missing`;

function parseLink(text: string): z.infer<typeof AuditLink> | string {
  try {
    const parsed = AuditLink.safeParse(JSON.parse(text));
    return parsed.data ?? `it is not a link: ${parsed.error!.issues[0]!.path.join('.')}`;
  } catch {
    return 'it is not JSON';
  }
}
