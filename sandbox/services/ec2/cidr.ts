/**
 * CIDR blocks as EC2 keeps them: host bits cleared, IPv6 in its short form
 * (`100.68.0.18/18` becomes `100.68.0.0/18`).
 */
import { isIPv4, isIPv6 } from 'node:net';
import { AwsError } from '../../kernel/kernel.ts';

/** @throws AwsError InvalidParameterValue */
export function canonicalIpv4(cidr: string): string {
  const { address, length } = split(cidr, 32);
  if (!isIPv4(address)) throw malformed(cidr);
  const bits = address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  const network = withoutHostBits(bits, length, 32);
  return `${[24n, 16n, 8n, 0n].map((shift) => (network >> shift) & 255n).join('.')}/${length}`;
}

/** @throws AwsError InvalidParameterValue */
export function canonicalIpv6(cidr: string): string {
  const { address, length } = split(cidr, 128);
  if (!isIPv6(address) || address.includes('%')) throw malformed(cidr);
  const bits = groupsOf(address).reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  const network = withoutHostBits(bits, length, 128);
  const groups = Array.from({ length: 8 }, (_, index) => (network >> BigInt(112 - 16 * index)) & 65535n);
  return `${shortened(groups.map((group) => group.toString(16)).join(':'))}/${length}`;
}

/** @throws AwsError InvalidParameterValue */
export const canonicalCidr = (cidr: string): string => (cidr.includes(':') ? canonicalIpv6(cidr) : canonicalIpv4(cidr));

/** True when `inner` lies wholly in `outer`; both IPv4 and canonical. */
export function containsIpv4(outer: string, inner: string): boolean {
  const [address, innerLength] = inner.split('/') as [string, string];
  const outerLength = outer.split('/')[1]!;
  return Number(innerLength) >= Number(outerLength) && canonicalIpv4(`${address}/${outerLength}`) === outer;
}

function split(cidr: string, longest: number): { address: string; length: number } {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(cidr);
  if (!match || Number(match[2]) > longest) throw malformed(cidr);
  return { address: match[1]!, length: Number(match[2]) };
}

const withoutHostBits = (bits: bigint, length: number, size: number): bigint =>
  (bits >> BigInt(size - length)) << BigInt(size - length);

/** The URL parser knows RFC 5952's short form. */
const shortened = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

function groupsOf(address: string): string[] {
  const [head = '', tail] = shortened(address).split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
}

const malformed = (cidr: string): AwsError =>
  new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`, 400);
