/**
 * Inbound entries of a network ACL, without what lets everybody in to SSH and RDP. AWS's check looks at each entry by
 * itself: an entry that denies before does not help, so what is allowed must become narrower.
 * https://docs.aws.amazon.com/config/latest/developerguide/nacl-no-unrestricted-ssh-rdp.html
 */
import * as z from 'zod';

/** `protocol` is a number, or -1 for all. */
export const AclEntry = z.strictObject({
  rule: z.int(),
  action: z.enum(['allow', 'deny']),
  protocol: z.string(),
  cidr: z.string(),
  ports: z.strictObject({ from: z.int(), to: z.int() }).optional(),
  icmp: z.strictObject({ type: z.int(), code: z.int() }).optional(),
});
export type AclEntry = z.infer<typeof AclEntry>;

/** An entry without its number. */
type AclRule = Omit<AclEntry, 'rule'>;

const EVERYBODY = ['0.0.0.0/0', '::/0'];
const [ALL, TCP, UDP] = ['-1', '6', '17'];
/** By the form of addresses: ICMP for IPv4 and for IPv6. */
const icmpOf = (cidr: string): string => (cidr.includes(':') ? '58' : '1');
/** All ports but those of SSH and RDP. */
const OPEN_RANGES = [
  { from: 0, to: 21 },
  { from: 23, to: 3388 },
  { from: 3390, to: 65_535 },
];
/** The highest number of an entry that can be changed. AWS's own last entries have higher ones. */
export const MAX_RULE = 32_766;

/**
 * Returns the entries without SSH and RDP for everybody. Parts of an entry take the numbers beside its own, so that they
 * stay between the same neighbours.
 * @param others protocols, besides TCP, UDP and ICMP, that an entry for all protocols leaves open
 * @returns the entries, or as `crowded` the entry for whose parts no number is free
 */
export function withoutAdminPorts(
  entries: readonly AclEntry[],
  others: readonly number[],
): readonly AclEntry[] | { readonly crowded: AclEntry } {
  let result = entries;
  for (const entry of entries) {
    const parts = partsOf(entry, others);
    if (!parts) continue;
    const placed = placeParts(result, entry, parts);
    if (!placed) return { crowded: entry };
    result = placed;
  }
  return [...result].sort((a, b) => a.rule - b.rule);
}

/** Returns undefined for an entry that may stay as it is. */
function partsOf(entry: AclEntry, others: readonly number[]): AclRule[] | undefined {
  const { rule: _, ports, icmp: _icmp, ...open } = entry;
  if (entry.action !== 'allow' || !EVERYBODY.includes(entry.cidr)) return undefined;
  if (entry.protocol === ALL)
    return [
      ...[TCP!, UDP!].flatMap((protocol) => OPEN_RANGES.map((range) => ({ ...open, protocol, ports: range }))),
      { ...open, protocol: icmpOf(entry.cidr), icmp: { type: -1, code: -1 } },
      ...others.map((protocol) => ({ ...open, protocol: String(protocol) })),
    ];
  if (!ports || ![TCP, UDP].includes(entry.protocol)) return undefined;
  const left = OPEN_RANGES.map(({ from, to }) => ({ from: Math.max(from, ports.from), to: Math.min(to, ports.to) }))
    .filter(({ from, to }) => from <= to)
    .map((range) => ({ ...open, ports: range }));
  return left.length === 1 && isSame(left[0]!, entry) ? undefined : left;
}

const isSame = (a: AclRule, b: AclRule): boolean => textOf(a) === textOf(b);
const textOf = ({ action, protocol, cidr, ports, icmp }: AclRule): string =>
  JSON.stringify([action, protocol, cidr, ports?.from, ports?.to, icmp?.type, icmp?.code]);

/** A part that exists between the same neighbours keeps its number. */
function placeParts(entries: readonly AclEntry[], entry: AclEntry, parts: readonly AclRule[]): AclEntry[] | undefined {
  const rest = entries.filter(({ rule }) => rule !== entry.rule);
  const isPart = (each: AclEntry) => parts.some((part) => isSame(part, each));
  const neighbours = rest.filter((each) => !isPart(each)).map(({ rule }) => rule);
  const before = Math.max(0, ...neighbours.filter((rule) => rule < entry.rule));
  const after = Math.min(MAX_RULE + 1, ...neighbours.filter((rule) => rule > entry.rule));
  const within = rest.filter(({ rule }) => before < rule && rule < after);
  const missing = parts.filter((part) => !within.some((each) => isSame(part, each)));
  const free = [...numbers(entry.rule, after), ...numbers(entry.rule - 1, before)].filter(
    (rule) => !within.some((each) => each.rule === rule),
  );
  if (free.length < missing.length) return undefined;
  return [...rest, ...missing.map((part, n) => ({ ...part, rule: free[n]! }))];
}

/** Returns the numbers from the first towards the last, without the last. */
function numbers(first: number, last: number): number[] {
  const step = Math.sign(last - first);
  return Array.from({ length: Math.abs(last - first) }, (_, n) => first + n * step);
}
