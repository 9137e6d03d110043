import { AwsError } from '../kernel/kernel.ts';

export const notModelled = (feature: string): AwsError =>
  new AwsError('NotModelled', `The sandbox does not model ${feature}.`, 501);

/** @throws AwsError NotModelled for any other member of a request, which would otherwise have no effect */
export function onlyMembers<I extends object>(
  operation: string,
  input: I,
  members: readonly (keyof I & string)[],
): void {
  for (const [member, value] of Object.entries(input)) {
    if (value === undefined || (members as readonly string[]).includes(member)) continue;
    throw notModelled(`the member ${member} of ${operation}`);
  }
}

/**
 * Returns one page, and the token of the next if there are more items.
 * @param size items per page
 * @param invalidToken the service's error for a token that it did not issue
 */
export function pageOf<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
  invalidToken: () => AwsError,
): { items: T[]; nextToken?: string } {
  const from = token === undefined ? 0 : positionIn(token);
  if (from === undefined) throw invalidToken();
  const end = from + size;
  return { items: items.slice(from, end), ...(end < items.length && { nextToken: tokenFor(end) }) };
}

const tokenFor = (position: number): string => Buffer.from(`from:${position}`).toString('base64url');

function positionIn(token: string): number | undefined {
  const match = /^from:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  return match ? Number(match[1]) : undefined;
}
