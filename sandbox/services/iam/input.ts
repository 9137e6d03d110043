/** What IAM's operations share: limits, lists in pages, tags, and the policies they take. */
import { type IamPolicy, type PolicyUse, parsePolicy } from '../../authorization/policy.ts';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import type { StoredPolicy } from './state.ts';

type Tag = { Key?: string | undefined; Value?: string | undefined };

/** IAM's list operations: `Marker` and `MaxItems` (100 unless told), answered with `IsTruncated`. */
export function page<T>(items: readonly T[], input: { Marker?: string | undefined; MaxItems?: number | undefined }) {
  const start = input.Marker === undefined ? 0 : Number(Buffer.from(input.Marker, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) throw new AwsError('ValidationError', 'Invalid Marker.');
  const size = input.MaxItems ?? 100;
  if (size < 1 || size > 1000) {
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${size}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000`,
    );
  }
  const end = start + size;
  const more = end < items.length;
  return {
    items: items.slice(start, end),
    IsTruncated: more,
    ...(more && { Marker: Buffer.from(String(end)).toString('base64') }),
  };
}

/** Characters of a policy as IAM counts them: without white space. */
export const policySize = (text: string): number => text.replace(/\s/g, '').length;

/** Reads a policy handed to IAM. @throws MalformedPolicyDocument, LimitExceeded */
export function readPolicy(text: string | undefined, use: PolicyUse): StoredPolicy {
  if (!text) throw new AwsError('ValidationError', '1 validation error detected: a policy document must not be empty');
  return { text, document: parsePolicy(text, use) };
}

/** @param what as AWS words it: `policy`, `ACLSizePerRole`, … */
export function checkSize(size: number, limit: number, what: string): void {
  if (size > limit) throw new AwsError('LimitExceeded', `Cannot exceed quota for ${what}: ${limit}`, 409);
}

/** Documents come back URL-encoded. */
export const encoded = (text: string | IamPolicy): string =>
  encodeURIComponent(typeof text === 'string' ? text : JSON.stringify(text));

export function checkName(name: string | undefined, member: string, longest: number): string {
  if (name === undefined || !/^[\w+=,.@-]+$/.test(name) || name.length > longest) {
    throw new AwsError(
      'ValidationError',
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_- and be at most ${longest} characters long`,
    );
  }
  return name;
}

export function checkPath(path = '/'): string {
  if (!/^\/$|^\/[!-~]+\/$/.test(path)) {
    throw new AwsError(
      'ValidationError',
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
  }
  return path;
}

/** Tags by key. @throws InvalidInput for a key twice, LimitExceeded beyond 50 */
export function readTags(
  tags: readonly Tag[] = [],
  present: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const keys = new Set<string>();
  const result = new Map(present);
  for (const { Key = '', Value = '' } of tags) {
    if (keys.has(Key.toLowerCase())) {
      throw new AwsError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    }
    keys.add(Key.toLowerCase());
    result.set(Key, Value);
  }
  checkSize(result.size, 50, 'TagsPerResource');
  return result;
}

export const tagList = (tags: ReadonlyMap<string, string>): { Key: string; Value: string }[] =>
  Array.from(tags, ([Key, Value]) => ({ Key, Value }));

/** Context of a call that brings tags: aws:RequestTag/… and aws:TagKeys. */
export const requestTags = (tags: readonly Tag[] | undefined): Record<string, string | string[]> =>
  tags === undefined || tags.length === 0
    ? {}
    : {
        ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value ?? ''])),
        'aws:TagKeys': tags.map(({ Key }) => Key ?? ''),
      };

/** A unique id as IAM makes them, in upper job: `AROA…`. */
export const uniqueId = (kernel: Kernel, prefix: string): string => kernel.id(prefix, 17).toUpperCase();
