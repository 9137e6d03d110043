/** Lists that AWS gives a page at a time. */
import type { AwsError } from '../kernel/kernel.ts';
import { pageOf } from '../services/requests.ts';
import type { RecordFields } from './record.ts';
import { anythingIn, between, type MemberRules } from './rules.ts';

export type RecordPages<I, O> = {
  readonly token: keyof NoInfer<I> & string;
  readonly next: keyof NoInfer<O> & string;
  readonly size: keyof NoInfer<I> & string;
  /** The sizes of a page that AWS accepts. */
  readonly sizes: readonly [min: number, max: number];
  /** Items of a page if the request gives no size. */
  readonly defaultSize: number;
  readonly invalidToken: () => AwsError;
};

/** Returns the rules of the members that ask for a page. */
export const pageRules = <I extends object>(pages: RecordPages<I, any> | undefined): MemberRules<I> =>
  pages ? { ...anythingIn<I>([pages.token]), ...{ [pages.size]: between(...pages.sizes) } } : {};

/** Returns the answer with one page of the items, or with all of them if AWS has no pages. */
export function pageAnswer<I extends object, O, T>(
  items: readonly T[],
  input: I,
  { under, pages, shows }: { under: string; pages?: RecordPages<I, O> | undefined; shows: (item: T) => unknown },
): O {
  if (!pages) return { [under]: items.map(shows) } as O;
  const { token, next, size, defaultSize, invalidToken } = pages;
  const fields = input as RecordFields;
  const page = pageOf(items, fields[token] as string, (fields[size] as number) ?? defaultSize, invalidToken);
  return { [under]: page.items.map(shows), [next]: page.nextToken } as O;
}
