import type { StateKey } from '../../kernel/state-key.ts';

export type DownloadAnswer =
  | { readonly kind: 'document'; readonly text: string }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly text: string;
      readonly headers?: Record<string, string>;
    }
  /** This many bytes of white space, without a Content-Length. */
  | { readonly kind: 'endless'; readonly bytes: number }
  /** The beginning of a document; then the connection stays silent, or breaks. */
  | { readonly kind: 'stalled' | 'broken'; readonly text: string };

export type IpRangesState = {
  /** One for each download; the last one stays. */
  answers: readonly DownloadAnswer[];
  readonly downloads: { at: number; origin: string; path: string }[];
};

const GLOBAL = { region: 'GLOBAL', network_border_group: 'GLOBAL' };
const SERVICES = ['AMAZON', 'CLOUDFRONT', 'CLOUDFRONT_ORIGIN_FACING'];

/** Used until a test publishes another document. Its addresses are reserved for documentation (RFC 5737, RFC 3849). */
const DEFAULT_DOCUMENT = {
  syncToken: '1577836800',
  createDate: '2020-01-01-00-00-00',
  prefixes: ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'].flatMap((ip_prefix) =>
    SERVICES.map((service) => ({ ip_prefix, ...GLOBAL, service })),
  ),
  ipv6_prefixes: SERVICES.map((service) => ({ ipv6_prefix: '2001:db8::/32', ...GLOBAL, service })),
};

export const IP_RANGES: StateKey<IpRangesState> = {
  name: 'ip-ranges',
  scope: 'partition',
  state: () => ({ answers: [{ kind: 'document', text: JSON.stringify(DEFAULT_DOCUMENT) }], downloads: [] }),
};
