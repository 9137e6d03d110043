import { isIPv4, isIPv6 } from 'node:net';
import type { Reject } from './matcher.ts';

/** Accepts IPv4 and IPv6. A string that is not an address does not match. */
export function compileCidr(cidr: string, reject: Reject): (address: string) => boolean {
  const [network, bits, ...rest] = cidr.split('/');
  if (bits === undefined || rest.length > 0) return reject("Malformed CIDR, one '/' required");
  if (!/^\d+$/.test(bits)) return reject('Malformed CIDR, mask bits must be an integer');
  const length = Number(bits);
  const base = parseAddress(network!);
  if (!base) return reject(`Nonstandard IP address: ${network}`);
  // EventBridge refuses the mask of a single address, too.
  if (length >= base.width)
    return reject(`${base.width === 32 ? 'IPv4' : 'IPv6'} mask bits must be < ${base.width}: ${bits}`);
  const ignored = BigInt(base.width - length);
  return (text) => {
    const address = parseAddress(text);
    return address?.width === base.width && address.value >> ignored === base.value >> ignored;
  };
}

function parseAddress(text: string): { width: number; value: bigint } | undefined {
  if (isIPv4(text)) return { width: 32, value: fromGroups(text.split('.').map(Number), 8n) };
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const [head, tail] = withoutDottedEnd(text).split('::');
  const left = groups(head!);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = new Array(8 - left.length - right.length).fill(0);
  return { width: 128, value: fromGroups([...left, ...zeros, ...right], 16n) };
}

const groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

const fromGroups = (values: readonly number[], width: bigint): bigint =>
  values.reduce((sum, value) => (sum << width) | BigInt(value), 0n);

/** `::ffff:10.0.0.1` → `::ffff:a00:1`. */
const withoutDottedEnd = (text: string): string =>
  text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => `${hex(a, b)}:${hex(c, d)}`);
const hex = (high: string, low: string): string => ((Number(high) << 8) | Number(low)).toString(16);
