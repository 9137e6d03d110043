/**
 * CIDR blocks in EC2's canonical form: without host bits (`100.68.0.18/18` becomes `100.68.0.0/18`), IPv6 shortened.
 */
import { isIPv4, isIPv6 } from 'node:net';
import { AwsError } from '../../kernel/kernel.ts';

export function canonicalIpv4(cidr: string): string {
  const { address, length } = splitCidr(cidr, 32);
  if (!isIPv4(address)) throw malformedCidr(cidr);
  const bits = address.split('.').reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  const network = clearHostBits(bits, length, 32);
  return `${[24n, 16n, 8n, 0n].map((shift) => (network >> shift) & 255n).join('.')}/${length}`;
}

export function canonicalIpv6(cidr: string): string {
  const { address, length } = splitCidr(cidr, 128);
  if (!isIPv6(address) || address.includes('%')) throw malformedCidr(cidr);
  const bits = ipv6Groups(address).reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
  const network = clearHostBits(bits, length, 128);
  const groups = Array.from({ length: 8 }, (_, index) => (network >> BigInt(112 - 16 * index)) & 65535n);
  return `${shortIpv6(groups.map((group) => group.toString(16)).join(':'))}/${length}`;
}

export const canonicalCidr = (cidr: string): string => (cidr.includes(':') ? canonicalIpv6(cidr) : canonicalIpv4(cidr));

export function containsIpv4(outer: string, inner: string): boolean {
  const [address, innerLength] = inner.split('/') as [string, string];
  const outerLength = outer.split('/')[1]!;
  return Number(innerLength) >= Number(outerLength) && canonicalIpv4(`${address}/${outerLength}`) === outer;
}

function splitCidr(cidr: string, maxLength: number): { address: string; length: number } {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(cidr);
  if (!match || Number(match[2]) > maxLength) throw malformedCidr(cidr);
  return { address: match[1]!, length: Number(match[2]) };
}

const clearHostBits = (bits: bigint, length: number, size: number): bigint =>
  (bits >> BigInt(size - length)) << BigInt(size - length);

const shortIpv6 = (address: string): string => new URL(`http://[${address}]`).hostname.slice(1, -1);

function ipv6Groups(address: string): string[] {
  const [head = '', tail] = shortIpv6(address).split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left;
  const right = tail === '' ? [] : tail.split(':');
  return [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
}

const malformedCidr = (cidr: string): AwsError =>
  new AwsError('InvalidParameterValue', `CIDR block ${cidr} is malformed`, 400);
