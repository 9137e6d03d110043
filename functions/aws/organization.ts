/** The organization as AWS Organizations tells it: all of its accounts, or one. */
import {
  DescribeAccountCommand,
  DescribeOrganizationalUnitCommand,
  ListParentsCommand,
  ListRootsCommand,
  type OrganizationsClient,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
} from '@aws-sdk/client-organizations';
import { isNamed } from '../contract/errors.ts';

/** `status` is Organizations' own word: ACTIVE, SUSPENDED, PENDING_CLOSURE, …; `ouPath` is `/` for an account of the root. */
export type Account = { readonly id: string; readonly status: string; readonly ouPath: string };

/** Every account, unit by unit from the root down. `pause` is waited for before each unit: Organizations throttles early. */
export async function allAccounts(
  organizations: OrganizationsClient,
  pause: () => Promise<unknown>,
): Promise<Account[]> {
  const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
  const accounts: Account[] = [];
  const units = Roots.map(({ Id }) => ({ id: Id!, path: '' }));
  for (const { id: ParentId, path } of units) {
    await pause();
    const paging = { client: organizations };
    for await (const { Accounts = [] } of paginateListAccountsForParent(paging, { ParentId }))
      accounts.push(
        ...Accounts.map(({ Id, State, Status }) => ({ id: Id!, status: (State ?? Status)!, ouPath: path || '/' })),
      );
    for await (const { OrganizationalUnits = [] } of paginateListOrganizationalUnitsForParent(paging, { ParentId }))
      units.push(...OrganizationalUnits.map(({ Id, Name }) => ({ id: Id!, path: `${path}/${Name}` })));
  }
  return accounts;
}

/** One account; undefined where the organization has none of this id. */
export async function oneAccount(organizations: OrganizationsClient, id: string): Promise<Account | undefined> {
  try {
    const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: id }));
    return { id, status: (Account?.State ?? Account?.Status)!, ouPath: (await unitsAbove(organizations, id)) || '/' };
  } catch (error) {
    // An id that the organization does not have, or that is none.
    if (isNamed(error, 'AccountNotFoundException', 'InvalidInputException')) return undefined;
    throw error;
  }
}

async function unitsAbove(organizations: OrganizationsClient, ChildId: string): Promise<string> {
  const { Parents } = await organizations.send(new ListParentsCommand({ ChildId }));
  const parent = Parents?.[0];
  if (parent?.Type !== 'ORGANIZATIONAL_UNIT') return '';
  const { OrganizationalUnit } = await organizations.send(
    new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: parent.Id }),
  );
  return `${await unitsAbove(organizations, parent.Id!)}/${OrganizationalUnit!.Name}`;
}
