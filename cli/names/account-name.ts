/** Names of accounts, which lists show instead of ids. */
import { plainText } from '../../functions/domain/plain-text.ts';

/** Names by account id; empty if nobody knows them. */
export type AccountNames = ReadonlyMap<string, string>;
export const NO_NAMES: AccountNames = new Map();

/** Returns the name, as lists show it, or the id of an account without a known one. */
export const accountName = (id: string, names: AccountNames): string => {
  const name = names.get(id);
  return name === undefined ? id : plainText(name);
};

/** Returns the name or the id, and `-` for no account. */
export const accountCell = (id: string | undefined, names: AccountNames): string => (id ? accountName(id, names) : '-');

/** Returns `333333333333 (shop-production)`, or the id alone. */
export const accountText = (id: string, names: AccountNames): string =>
  names.has(id) ? `${id} (${accountName(id, names)})` : id;
