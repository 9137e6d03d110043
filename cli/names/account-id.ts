import { suggestion } from '../../functions/domain/nearest.ts';
import { plainText } from '../../functions/domain/plain-text.ts';
import type { AccountBook } from '../clients/account-book.ts';
import { UsageError } from '../errors/usage-error.ts';

export const isAccountId = (text: string): boolean => /^\d{12}$/.test(text);

/**
 * Returns the id of the account with this name; an id is returned as it is.
 * @throws UsageError if no account of the organization has the name, or several have it
 */
export async function accountIdOf(text: string, book: AccountBook): Promise<string> {
  if (isAccountId(text)) return text;
  const accounts = await Promise.all((await book.ids()).map((id) => book.read(id)));
  const named = accounts.flatMap((account) =>
    account?.name === undefined ? [] : [{ ...account, name: account.name }],
  );
  const matches = named.filter(({ name }) => name.toLowerCase() === text.toLowerCase());
  const [match, ...more] = matches;
  if (more.length > 0)
    throw new UsageError(
      `${matches.length} accounts are named "${plainText(text)}": ${matches.map(({ id }) => id).join(', ')}. Give the id of one.`,
    );
  if (match) return match.id;
  const names = named.map(({ name }) => plainText(name));
  throw new UsageError(
    `There is no account "${plainText(text)}" in the organization${suggestion(text, names) || '.'} An account is named by its 12 digits, or by its name in the organization.`,
  );
}
