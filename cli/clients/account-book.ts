/** Names and organizational units of accounts, as the directory wrote them to the ledger. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { isDenial } from '../../functions/contract/errors.ts';
import type { OrganizationAccount } from '../../functions/domain/account.ts';
import { dynamoAccounts } from '../../functions/ledger/accounts.ts';
import type { AccountNames } from '../names/account-name.ts';
import { installedNames } from './installed-names.ts';
import { withTableHint } from './ledger-table.ts';
import type { Operator, OperatorEnvironment } from './operator.ts';

export type AccountBook = {
  /** Reads each account once. Returns undefined for an account that the directory has not seen. */
  read(id: string): Promise<OrganizationAccount | undefined>;
  /** Returns the ids of all accounts, and the paths of all units; none before the directory's first run. */
  ids(): Promise<string[]>;
  unitPaths(): Promise<string[]>;
};

export function accountBook({ dynamo }: Pick<Operator, 'dynamo'>): AccountBook {
  const store = dynamoAccounts(installedNames().ledgerTable, dynamo);
  const seen = new Map<string, Promise<OrganizationAccount | undefined>>();
  return {
    read(id) {
      const known = seen.get(id) ?? withTableHint(dynamo, () => store.read(id));
      seen.set(id, known);
      return known;
    },
    ids: () => withTableHint(dynamo, () => store.ids()),
    unitPaths: async () => Object.keys((await withTableHint(dynamo, () => store.units())) ?? {}),
  };
}

/** Returns no names for a role of an earlier release, which may not read them. */
export async function accountNames(book: AccountBook, ids: Iterable<string>): Promise<AccountNames> {
  const names = new Map<string, string>();
  try {
    await Promise.all(
      [...new Set(ids)].map(async (id) => {
        const name = (await book.read(id))?.name;
        if (name !== undefined) names.set(id, name);
      }),
    );
  } catch (error) {
    if (!isDenial(error)) throw error;
  }
  return names;
}

/** Returns the names of the findings' accounts. */
export const accountNamesIn = (
  operator: Pick<Operator, 'dynamo'>,
  findings: readonly { readonly account?: string }[],
): Promise<AccountNames> =>
  accountNames(
    accountBook(operator),
    findings.flatMap(({ account = [] }) => account),
  );

/** @param environment default: the credentials of the process */
export const readAccountNames = (
  ids: readonly string[],
  { aws = {} }: Pick<OperatorEnvironment, 'aws'> = {},
): Promise<AccountNames> => accountNames(accountBook({ dynamo: new DynamoDBClient(aws) }), ids);
