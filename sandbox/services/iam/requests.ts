import { type IamPolicy, type PolicyUse, parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import type { StoredPolicy } from './state.ts';

type Tag = { Key?: string | undefined; Value?: string | undefined };

/** `Marker` and `MaxItems` (default 100) in the request, `IsTruncated` in the response. */
export function iamPage<T>(items: readonly T[], input: { Marker?: string | undefined; MaxItems?: number | undefined }) {
  const start = input.Marker === undefined ? 0 : Number(Buffer.from(input.Marker, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) throw new AwsError('ValidationError', 'Invalid Marker.');
  const size = input.MaxItems ?? 100;
  if (size < 1 || size > 1000)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value '${size}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000`,
    );
  const end = start + size;
  const more = end < items.length;
  return {
    items: items.slice(start, end),
    IsTruncated: more,
    ...(more && { Marker: Buffer.from(String(end)).toString('base64') }),
  };
}

/** IAM counts characters without white space. */
export const policySize = (text: string): number => text.replace(/\s/g, '').length;

export function parseStoredPolicy(text: string | undefined, use: PolicyUse): StoredPolicy {
  if (!text) throw new AwsError('ValidationError', '1 validation error detected: a policy document must not be empty');
  return { text, document: parseIamPolicy(text, use) };
}

/**
 * @param quota AWS's name of the quota: `ACLSizePerRole`
 * @throws AwsError LimitExceeded
 */
export function checkIamQuota(size: number, limit: number, quota: string): void {
  if (size > limit) throw new AwsError('LimitExceeded', `Cannot exceed quota for ${quota}: ${limit}`, 409);
}

export const urlEncoded = (text: string | IamPolicy): string =>
  encodeURIComponent(typeof text === 'string' ? text : JSON.stringify(text));

export function checkIamName(name: string | undefined, member: string, longest: number): string {
  if (name === undefined || !/^[\w+=,.@-]+$/.test(name) || name.length > longest)
    throw new AwsError(
      'ValidationError',
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_- and be at most ${longest} characters long`,
    );
  return name;
}

export function checkIamPath(path = '/'): string {
  if (!/^\/$|^\/[!-~]+\/$/.test(path))
    throw new AwsError(
      'ValidationError',
      'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
    );
  return path;
}

/**
 * Adds the request's tags to the existing ones.
 * @throws AwsError InvalidInput for a duplicate key, LimitExceeded beyond 50
 */
export function mergeTags(
  tags: readonly Tag[] = [],
  present: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const keys = new Set<string>();
  const result = new Map(present);
  for (const { Key = '', Value = '' } of tags) {
    if (keys.has(Key.toLowerCase()))
      throw new AwsError('InvalidInput', 'Duplicate tag keys found. Please note that Tag keys are case insensitive.');
    keys.add(Key.toLowerCase());
    result.set(Key, Value);
  }
  checkIamQuota(result.size, 50, 'TagsPerResource');
  return result;
}

export const iamTagList = (tags: ReadonlyMap<string, string>): { Key: string; Value: string }[] =>
  Array.from(tags, ([Key, Value]) => ({ Key, Value }));

export const requestTagContext = (tags: readonly Tag[] | undefined): Record<string, string | string[]> =>
  tags === undefined || tags.length === 0
    ? {}
    : {
        ...Object.fromEntries(tags.map(({ Key, Value }) => [`aws:RequestTag/${Key}`, Value ?? ''])),
        'aws:TagKeys': tags.map(({ Key }) => Key ?? ''),
      };

export const uniqueId = (kernel: Kernel, prefix: string): string => kernel.id(prefix, 17).toUpperCase();
