/** Selects findings by the filters of a command. */
import type { LedgerFilter, LedgerListItem, LedgerPaging } from '../../functions/ports/ledger-queries.ts';
import { type AccountBook, accountBook } from '../clients/account-book.ts';
import { type FilterOptions, listFindings, parseFilter } from '../clients/findings.ts';
import type { Operator } from '../clients/operator.ts';
import { accountIdOf } from './account-id.ts';
import { canonicalControl } from './controls.ts';
import { requireKnown } from './known-values.ts';
import { matchOf, resourceNames } from './short-names.ts';

export type FindingSelection = {
  /** The part of a selection that the ledger's index answers. */
  readonly filter: LedgerFilter;
  /** Decides about a finding that matches the filter: the index does not answer every option. */
  readonly isSelected: (item: LedgerListItem) => Promise<boolean>;
};

/** @throws UsageError if a value has a wrong form, or nothing has it */
export async function findingSelection(
  operator: Operator,
  { resource, ou, ...options }: FilterOptions,
  book = accountBook(operator),
): Promise<FindingSelection> {
  const account = options.account === undefined ? undefined : await accountIdOf(options.account, book);
  const parsed = parseFilter({ ...options, ...(account !== undefined && { account }) }, operator.now());
  const control = parsed.control === undefined ? undefined : canonicalControl(parsed.control);
  const filter = { ...parsed, ...(control !== undefined && { control }) };
  await requireKnown({ ...filter, ou }, book, async (value) => hasAny(operator, value));
  const isWhole = resource !== undefined && (await hasAny(operator, { resource }));
  return {
    filter: { ...filter, ...(resource !== undefined && (isWhole ? { resource } : { mentions: resource })) },
    isSelected: async (item) =>
      (resource === undefined || isWhole || isResourceNamed(resource, item)) &&
      (ou === undefined || (await isBelow(ou, item, book))),
  };
}

/** @throws UsageError like `findingSelection` */
export async function* selectFindings(
  operator: Operator,
  options: FilterOptions,
  paging: Omit<LedgerPaging, 'next'> = {},
): AsyncGenerator<LedgerListItem> {
  const { filter, isSelected } = await findingSelection(operator, options);
  for await (const item of listFindings(operator, filter, paging)) if (await isSelected(item)) yield item;
}

async function hasAny(operator: Operator, filter: LedgerFilter): Promise<boolean> {
  for await (const _ of listFindings(operator, filter, { limit: 1 })) return true;
  return false;
}

const isResourceNamed = (text: string, { ofResource }: LedgerListItem): boolean =>
  ofResource !== undefined && matchOf(text, resourceNames(ofResource)) !== undefined;

async function isBelow(ou: string, { ofAccount }: LedgerListItem, book: AccountBook): Promise<boolean> {
  const path = ofAccount === undefined ? undefined : (await book.read(ofAccount))?.ouPath;
  return path !== undefined && (ou === '/' || path === ou || path.startsWith(`${ou}/`));
}
