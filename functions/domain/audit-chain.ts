/**
 * The audit chain: links that each hold the SHA-256 of the link before, so that a change or a gap shows without AWS.
 * Only the newest link has no successor to vouch for it. Each says when the link before was appended, so that a cut-off
 * beginning can be told from an expired one.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { ROLLBACK_DAYS } from './ledger.ts';

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
  /** When the link before was appended. Links of an earlier Suture lack it. */
  previousAt: z.string().optional(),
  at: z.string(),
  lines: z.array(AuditLine),
});

/** The newest link. */
export type ChainHead = { readonly sequence: number; readonly hash: string; readonly at?: string };

/** @param text of the newest link */
export function headOf(sequence: number, text: string): ChainHead {
  const link = parseLink(text);
  return { sequence, hash: linkHash(text), ...(typeof link !== 'string' && { at: link.at }) };
}

const MAX_SEQUENCE = 999_999_999_999;
export const CHAIN_PREFIX = 'chain/';
/** S3 lists names in order, so the newest link has the first name. */
export const linkName = (sequence: number): string =>
  `${CHAIN_PREFIX}${String(MAX_SEQUENCE - sequence).padStart(12, '0')}-${sequence}.json`;
/** Returns undefined for any other name than `linkName` gives. */
export function sequenceOf(name: string): number | undefined {
  const base = name.split(/[\\/]/).at(-1)!;
  const sequence = Number(/^\d{12}-(\d+)\.json$/.exec(base)?.[1] ?? 0);
  return sequence > 0 && linkName(sequence) === CHAIN_PREFIX + base ? sequence : undefined;
}

export const linkHash = (text: string): string => createHash('sha256').update(text).digest('hex');

export const nextLink = (head: ChainHead | undefined, lines: readonly AuditLine[], at: string) => {
  const sequence = (head?.sequence ?? 0) + 1;
  const previous = head?.hash ?? null;
  return { sequence, text: JSON.stringify({ v: 1, sequence, previous, previousAt: head?.at, at, lines }) };
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

/** A file of a copy of the chain. */
export type ChainFile = { readonly name: string; readonly text: string };

/** Verifies a copy of the chain: each link has the hash of the link before, and no link is missing. */
export function verifyChain(files: readonly ChainFile[], now: number): ChainReport {
  const { texts, problems } = linksIn(files);
  const sequences = [...texts.keys()].sort((a, b) => a - b);
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
    if (before === undefined) problems.push(...cutOff(link, now));
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

function linksIn(files: readonly ChainFile[]): { texts: Map<number, string>; problems: string[] } {
  const texts = new Map<number, string>();
  const problems: string[] = [];
  for (const { name, text } of files) {
    const sequence = sequenceOf(name);
    if (sequence === undefined) problems.push(`${name} is not the name of a link`);
    else if (texts.has(sequence)) problems.push(`link ${sequence} is there twice, also as ${name}`);
    else texts.set(sequence, text);
  }
  return { texts, problems };
}

/** Returns a problem if links before the oldest one are missing that the bucket still keeps, for `ROLLBACK_DAYS`. */
function cutOff({ sequence, previousAt }: z.infer<typeof AuditLink>, now: number): string[] {
  const isLocked = previousAt !== undefined && now - Date.parse(previousAt) < ROLLBACK_DAYS * DAY_MS;
  if (sequence === 1 || !isLocked) return [];
  const missing = sequence === 2 ? 'link 1 is' : `links up to ${sequence - 1} are`;
  return [`${missing} missing: the last of them is of ${previousAt}, and none is deleted within ${ROLLBACK_DAYS} days`];
}
const DAY_MS = 86_400_000;

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
