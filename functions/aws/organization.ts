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
 * Units whose accounts are listed at the same time. Organizations gives each operation its own quota, and answers 20
 * accounts a page, so that the accounts of a large organization take longer than its units.
 */
const LANES = 4;

/**
 * Lists units from the root, and awaits `pause` before each, because Organizations throttles early. At the same time,
 * lists the accounts of the units that it has found.
 */
export async function listAccounts(
  organizations: OrganizationsClient,
  pause: () => Promise<unknown>,
): Promise<{ readonly accounts: OrganizationAccount[]; readonly units: UnitIds }> {
  const { Roots = [] } = await organizations.send(new ListRootsCommand({}));
  const units: UnitPlace[] = Roots.map(({ Id }) => ({ ids: [Id!], path: '' }));
  const accounts: OrganizationAccount[][] = [];
  const lanes = Array.from({ length: LANES }, () => Promise.resolve());
  for (const [n, unit] of units.entries()) {
    const lane = lanes[n % LANES]!.then(async () => {
      accounts[n] = await accountsIn(organizations, unit);
    });
    // Promise.all below throws a lane's error. Without a handler until then, Node would end the process.
    lane.catch(() => {});
    lanes[n % LANES] = lane;
    await pause();
    units.push(...(await unitsBelow(organizations, unit)));
  }
  await Promise.all(lanes);
  const named = units.filter(({ path }) => path !== '').map(({ ids, path }) => [path, ids.at(-1)!]);
  return { accounts: accounts.flat(), units: Object.fromEntries(named) };
}

async function accountsIn(client: OrganizationsClient, { ids, path }: UnitPlace): Promise<OrganizationAccount[]> {
  const accounts: OrganizationAccount[] = [];
  for await (const { Accounts = [] } of paginateListAccountsForParent({ client }, { ParentId: ids.at(-1)! }))
    accounts.push(
      ...Accounts.map(({ Id, Name, State, Status }) => ({
        ...{ id: Id!, name: Name, status: (State ?? Status)!, ouPath: path || '/', unitIds: ids },
      })),
    );
  return accounts;
}

async function unitsBelow(client: OrganizationsClient, { ids, path }: UnitPlace): Promise<UnitPlace[]> {
  const units: UnitPlace[] = [];
  for await (const page of paginateListOrganizationalUnitsForParent({ client }, { ParentId: ids.at(-1)! }))
    units.push(...page.OrganizationalUnits!.map(({ Id, Name }) => ({ ids: [...ids, Id!], path: `${path}/${Name}` })));
  return units;
}

/** Returns undefined for an account outside the organization. */
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
