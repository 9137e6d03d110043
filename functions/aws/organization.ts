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
import type { OrganizationAccount } from '../domain/account.ts';

/**
 * Lists accounts unit by unit from the root, and awaits `pause` before each unit, because Organizations throttles
 * early.
 */
export async function listAccounts(
  organizations: OrganizationsClient,
  pause: () => Promise<unknown>,
): Promise<OrganizationAccount[]> {
  const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
  const accounts: OrganizationAccount[] = [];
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

export async function describeAccount(
  organizations: OrganizationsClient,
  id: string,
): Promise<OrganizationAccount | undefined> {
  try {
    const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: id }));
    return { id, status: (Account?.State ?? Account?.Status)!, ouPath: (await unitsAbove(organizations, id)) || '/' };
  } catch (error) {
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
