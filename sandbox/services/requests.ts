/**
 * What the services of remediated resources share about requests: members that are not modelled, pages of a list.
 */
import { AwsError } from '../kernel/kernel.ts';

/** The sandbox's answer to what it doesn't emulate: an error that names it. */
export const notModelled = (what: string): AwsError =>
  new AwsError('NotModelled', `The sandbox does not model ${what}.`, 501);

/** Refuses members of a request that would otherwise be ignored in silence. */
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
 * One page of a list, and the token of the next one where there is more.
 * @param size items a page
 * @param invalidToken the service's error for a token that it did not make
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
