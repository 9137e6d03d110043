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
import type { UnitIds } from '../domain/policy-units.ts';

/** `ids` from the root to the unit itself. */
type UnitPlace = { readonly ids: readonly string[]; readonly path: string };

/**
 * Lists accounts unit by unit from the root, and awaits `pause` before each unit, because Organizations throttles
 * early.
 */
export async function listAccounts(
  organizations: OrganizationsClient,
  pause: () => Promise<unknown>,
): Promise<{ readonly accounts: OrganizationAccount[]; readonly units: UnitIds }> {
  const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
  const accounts: OrganizationAccount[] = [];
  const units: UnitPlace[] = Roots.map(({ Id }) => ({ ids: [Id!], path: '' }));
  for (const { ids, path } of units) {
    const ParentId = ids.at(-1)!;
    await pause();
    const paging = { client: organizations };
    for await (const { Accounts = [] } of paginateListAccountsForParent(paging, { ParentId }))
      accounts.push(
        ...Accounts.map(({ Id, Name, State, Status }) => ({
          ...{ id: Id!, name: Name, status: (State ?? Status)!, ouPath: path || '/', unitIds: ids },
        })),
      );
    for await (const { OrganizationalUnits = [] } of paginateListOrganizationalUnitsForParent(paging, { ParentId }))
      units.push(...OrganizationalUnits.map(({ Id, Name }) => ({ ids: [...ids, Id!], path: `${path}/${Name}` })));
  }
  const named = units.filter(({ path }) => path !== '').map(({ ids, path }) => [path, ids.at(-1)!]);
  return { accounts, units: Object.fromEntries(named) };
}

export async function describeAccount(
  organizations: OrganizationsClient,
  id: string,
): Promise<OrganizationAccount | undefined> {
  try {
    const { Account } = await organizations.send(new DescribeAccountCommand({ AccountId: id }));
    const { ids, path } = await unitsAbove(organizations, id);
    return { id, status: (Account?.State ?? Account?.Status)!, ouPath: path || '/', unitIds: ids };
  } catch (error) {
    if (isNamed(error, 'AccountNotFoundException', 'InvalidInputException')) return undefined;
    throw error;
  }
}

async function unitsAbove(organizations: OrganizationsClient, ChildId: string): Promise<UnitPlace> {
  const { Parents } = await organizations.send(new ListParentsCommand({ ChildId }));
  const parent = Parents?.[0];
  if (!parent) return { ids: [], path: '' };
  if (parent.Type !== 'ORGANIZATIONAL_UNIT') return { ids: [parent.Id!], path: '' };
  const { OrganizationalUnit } = await organizations.send(
    new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: parent.Id }),
  );
  const { ids, path } = await unitsAbove(organizations, parent.Id!);
  return { ids: [...ids, parent.Id!], path: `${path}/${OrganizationalUnit!.Name}` };
}
