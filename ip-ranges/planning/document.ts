/** The published document, and what a target wants of it. https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-syntax.html */
import * as z from 'zod';
import { suggestion } from '../../functions/domain/nearest.ts';
import { IpRangesError } from '../contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import { type Cidr, distinct, FAMILIES, type Family, minimalCover, parseCidr } from './cidr.ts';

const row = { region: z.string(), service: z.string() };
export const Document = z.object({
  /** Seconds since 1970, as text: newer documents have greater ones. */
  syncToken: z.string().regex(/^\d{1,15}$/),
  createDate: z.string(),
  prefixes: z.array(z.object({ ip_prefix: z.string(), ...row })).min(1),
  ipv6_prefixes: z.array(z.object({ ipv6_prefix: z.string(), ...row })),
});
export type Document = z.infer<typeof Document>;

export const tokenOf = ({ syncToken }: Pick<Document, 'syncToken'>): number => Number(syncToken);

type Selection = Pick<IpRangesTarget, 'services' | 'regions' | 'families' | 'cover'>;
export type Wanted = ReturnType<typeof wantedRanges>;

/**
 * Returns the ranges that a target lets in: in order, without duplicates, and exactly the addresses of the rows.
 * `empty` describes for people the services of which the document has no range.
 * @throws IpRangesError DocumentRefused for a chosen row that is not a valid range
 */
export function wantedRanges(document: Document, selection: Selection) {
  const { services, regions, families, cover } = selection;
  const chosen = rowsOf(document).filter(
    ({ family, service, region }) =>
      families.includes(family) && services.includes(service) && (regions?.includes(region) ?? true),
  );
  const cidrs = chosen.map(({ text, family }) => validRange(text, family, document));
  const empty = services.filter((service) => !chosen.some((row) => row.service === service));
  return {
    ranges: cover === 'minimal' ? minimalCover(cidrs) : distinct(cidrs),
    empty: empty.map((service) => emptyText(service, selection, document)),
  };
}

/** Returns the ranges of all services, without rows that are not valid. */
export function rangesOfAllServices(document: Document): Cidr[] {
  const cidrs = rowsOf(document).flatMap(({ text, family }) => {
    try {
      return [parseCidr(text, family)];
    } catch {
      return [];
    }
  });
  return minimalCover(cidrs);
}

const rowsOf = ({ prefixes, ipv6_prefixes }: Document) => [
  ...prefixes.map(({ ip_prefix, ...row }) => ({ ...row, text: ip_prefix, family: 'IPv4' as Family })),
  ...ipv6_prefixes.map(({ ipv6_prefix, ...row }) => ({ ...row, text: ipv6_prefix, family: 'IPv6' as Family })),
];

/** Bits. A shorter prefix cannot be right: the widest rows that AWS has ever published are a /10 and a /24. */
const WIDEST: Readonly<Record<Family, number>> = { IPv4: 8, IPv6: 16 };

function validRange(text: string, family: Family, { syncToken }: Document): Cidr {
  try {
    const cidr = parseCidr(text, family);
    if (cidr.bits.length >= WIDEST[family]) return cidr;
    throw new Error(`"${text}" is wider than /${WIDEST[family]}`);
  } catch (error) {
    const row = `The document of syncToken ${syncToken} has a row that cannot be right`;
    throw new IpRangesError('DocumentRefused', `${row}: ${(error as Error).message}. Nothing is changed by it.`);
  }
}

/** Names a service without ranges, with the filters, and what was probably meant. */
function emptyText(service: string, { regions, families }: Selection, document: Document): string {
  const rows = rowsOf(document);
  const there = [...new Set(rows.filter((row) => row.service === service).map(({ region }) => region))];
  const misspelt = regions?.find((region) => !there.includes(region)) ?? '';
  const services = [...new Set(rows.map((row) => row.service))];
  const where = regions ? ` in ${regions.join(', ')}` : '';
  const of = families.length < FAMILIES.length ? ` of ${families.join()}` : '';
  const meant = there.length === 0 ? suggestion(service, services) : suggestion(misspelt, there);
  return `${service}${where}${of}${meant}`;
}
