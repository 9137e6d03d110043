/** The organization as triage sees it: from the ledger's directory, or described by a person. */

import { type OrganizationAccount, STATUS_LEFT } from '../../functions/domain/account.ts';
import type { PolicyInForce, SuturePolicy } from '../../functions/domain/policy.ts';
import { namedUnits, type UnitIds, withGoneUnits } from '../../functions/domain/policy-units.ts';
import { dynamoAccounts } from '../../functions/ledger/accounts.ts';
import { installedNames } from '../clients/installed-names.ts';
import { withTableHint } from '../clients/ledger-table.ts';
import type { Operator } from '../clients/operator.ts';
import type { AccountNames } from '../names/account-name.ts';

export type OrganizationView = {
  readonly securityAccount: string;
  readonly homeRegion: string;
  /** Accounts that are excluded besides those of policy. */
  readonly excluded: readonly string[];
  /** Returns undefined for an account outside the organization. */
  lookUp(account: string): Omit<OrganizationAccount, 'id'> | undefined;
  readonly names: AccountNames;
  /** Absent before the directory's first run. */
  readonly units?: UnitIds;
  /** Accounts that the directory lacks. They count as active ones outside of every unit. */
  readonly unlisted: readonly string[];
};

const UNLISTED = { status: 'ACTIVE', ouPath: '/', unitIds: [] };

/** Reads these accounts from the ledger, which the directory function fills every hour. */
export async function readOrganization(operator: Operator, accounts: readonly string[]): Promise<OrganizationView> {
  const { account: securityAccount, region: homeRegion, dynamo } = operator;
  const store = dynamoAccounts(installedNames().ledgerTable, dynamo);
  const read = <T>(work: () => Promise<T>) => withTableHint(dynamo, work);
  const units = await read(() => store.units());
  const listed = new Map<string, OrganizationAccount>();
  for (const id of new Set(accounts)) {
    const found = await read(() => store.read(id));
    if (found) listed.set(id, found);
  }
  return {
    securityAccount,
    homeRegion,
    excluded: (await read(() => store.excluded())) ?? [securityAccount],
    lookUp(id) {
      const found = listed.get(id) ?? UNLISTED;
      return found.status === STATUS_LEFT ? undefined : found;
    },
    names: new Map([...listed].flatMap(([id, { name }]) => (name === undefined ? [] : [[id, name] as const]))),
    ...(units && { units }),
    unlisted: [...new Set(accounts)].filter((id) => !listed.has(id)),
  };
}

/**
 * Describes an organization whose accounts are those of the findings.
 * @param paths of organizational units, by account; `/` for the others
 */
export function describedOrganization(
  findings: readonly unknown[],
  paths: ReadonlyMap<string, string>,
): OrganizationView {
  const [region] = findings.flatMap((finding) => productRegion(finding) ?? []);
  const accounts = accountsOf(findings);
  return {
    securityAccount: '000000000000',
    homeRegion: region ?? 'us-east-1',
    excluded: [],
    lookUp: (id) => ({ ...UNLISTED, ouPath: paths.get(id) ?? '/' }),
    names: new Map(),
    unlisted: accounts.filter((id) => !paths.has(id)),
  };
}

export function accountsOf(findings: readonly unknown[]): string[] {
  const ids = findings.map((finding) => (finding as { AwsAccountId?: unknown } | null)?.AwsAccountId);
  return [...new Set(ids.filter((id) => typeof id === 'string'))].sort();
}

function productRegion(finding: unknown): string | undefined {
  const arn = (finding as { ProductArn?: unknown } | null)?.ProductArn;
  return typeof arn === 'string' ? arn.split(':')[3] || undefined : undefined;
}

/** Returns the policy as functions would read it after a push, which stores the ids of its units. */
export function policyInForce(policy: SuturePolicy, { units }: Pick<OrganizationView, 'units'>): PolicyInForce {
  if (!units) return policy;
  const ids = Object.fromEntries(
    namedUnits(policy).flatMap((path) => (Object.hasOwn(units, path) ? [[path, units[path]!] as const] : [])),
  );
  return withGoneUnits({ ...policy, units: { ...ids, ...policy.units } }, units);
}
