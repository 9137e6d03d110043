/** The published document, and what a target wants of it. https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html */
import * as z from 'zod';
import { suggestion } from '../../functions/domain/nearest.ts';
import { IpRangesError } from '../contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import { type Cidr, compareCidrs, FAMILIES, type Family, formatCidr, minimalCover, parseCidr } from './cidr.ts';

const row = { region: z.string(), service: z.string() };

export const Document = z.object({
  /** Seconds since 1970, as text: newer documents have greater ones. */
  syncToken: z.string().regex(/^\d{1,15}$/),
  /** `2025-10-27-18-28-20`, UTC. */
  createDate: z.string(),
  prefixes: z.array(z.object({ ip_prefix: z.string(), ...row })).min(1),
  ipv6_prefixes: z.array(z.object({ ipv6_prefix: z.string(), ...row })),
});
export type Document = z.infer<typeof Document>;

export const tokenOf = ({ syncToken }: Pick<Document, 'syncToken'>): number => Number(syncToken);

/**
 * Parses a text as the document.
 * @throws Error that says what the text is instead
 */
export function parseDocument(text: string): Document {
  const parsed = Document.safeParse(jsonIn(text));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.slice(0, 3).map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`it is not in the published format: ${problems.join('; ')}`);
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const start = text.slice(0, 40).replace(/\s+/g, ' ');
    throw new Error(`it is not JSON: ${text.length} characters that begin with "${start}", or were cut off`);
  }
}

const DAY_SECONDS = 86_400;

/**
 * Refuses a document of the future: everything that is published later would look old beside it.
 * @throws Error that says how far ahead it is
 */
export function checkAge(document: Pick<Document, 'syncToken'>, nowMs: number): void {
  const ahead = tokenOf(document) - nowMs / 1000;
  if (ahead > DAY_SECONDS)
    throw new Error(`its syncToken ${document.syncToken} is ${Math.floor(ahead / 3600)} hours ahead of the clock`);
}

type Selection = Pick<IpRangesTarget, 'services' | 'regions' | 'families' | 'cover'>;

export type Wanted = {
  readonly ranges: readonly Cidr[];
  /** Services, or pairs with a filter of Regions, of which the document has no range. */
  readonly empty: readonly string[];
};

/**
 * Returns the ranges that a target is to let in, in order, without duplicates; never more addresses than the rows hold.
 * @throws IpRangesError DocumentRefused for a row among them that is not a sound range
 */
export function wantedRanges(document: Document, selection: Selection): Wanted {
  const rows = rowsOf(document).filter(({ family }) => selection.families.includes(family));
  const chosen = rows.filter(
    ({ service, region }) =>
      selection.services.includes(service) && (selection.regions === undefined || selection.regions.includes(region)),
  );
  const empty = selection.services
    .filter((service) => !chosen.some((row) => row.service === service))
    .map((service) => `${selectionText(service, selection)}${suggested(service, selection, document)}`);
  const cidrs = chosen.map(({ text, family }) => soundRange(text, family, document));
  return { ranges: selection.cover === 'minimal' ? minimalCover(cidrs) : distinct(cidrs), empty };
}

/** Returns what AWS publishes of any service, as far as it is sound. */
export function rangesOfAllServices(document: Document): Cidr[] {
  const sound = rowsOf(document).flatMap(({ text, family }) => {
    try {
      return [parseCidr(text, family)];
    } catch {
      return [];
    }
  });
  return minimalCover(sound);
}

const rowsOf = ({ prefixes, ipv6_prefixes }: Document) => [
  ...prefixes.map(({ ip_prefix, ...row }) => ({ ...row, text: ip_prefix, family: 'IPv4' as Family })),
  ...ipv6_prefixes.map(({ ipv6_prefix, ...row }) => ({ ...row, text: ipv6_prefix, family: 'IPv6' as Family })),
];

/** Shorter is wider than anything that AWS has ever published, by far: the widest rows are a /10 and a /24. */
const WIDEST: Readonly<Record<Family, number>> = { IPv4: 8, IPv6: 16 };

function soundRange(text: string, family: Family, { syncToken }: Document): Cidr {
  const refused = (why: string) =>
    new IpRangesError(
      'DocumentRefused',
      `The document of syncToken ${syncToken} has a row that cannot be right: ${why}. Nothing is changed by it.`,
    );
  try {
    const cidr = parseCidr(text, family);
    if (cidr.length >= WIDEST[family]) return cidr;
  } catch (error) {
    throw refused((error as Error).message);
  }
  throw refused(`"${text}" is wider than /${WIDEST[family]}`);
}

const distinct = (cidrs: readonly Cidr[]): Cidr[] =>
  [...new Map(cidrs.map((cidr) => [formatCidr(cidr), cidr])).values()].toSorted(compareCidrs);

const selectionText = (service: string, { regions, families }: Selection) =>
  [
    service,
    ...(regions ? [`in ${regions.join(', ')}`] : []),
    ...(families.length < FAMILIES.length ? [`of ${families.join()}`] : []),
  ].join(' ');

function suggested(service: string, { regions }: Selection, document: Document): string {
  const rows = rowsOf(document);
  const services = [...new Set(rows.map((row) => row.service))];
  if (!services.includes(service)) return suggestion(service, services);
  const there = [...new Set(rows.filter((row) => row.service === service).map(({ region }) => region))];
  const misspelt = regions?.find((region) => !there.includes(region));
  return misspelt === undefined ? '' : suggestion(misspelt, there);
}
