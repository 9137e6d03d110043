import { EXAMPLE_ORGANIZATION, type Rollout, type SutureContext } from '../../stacks/context.ts';
import { MANAGEMENT_ACCOUNT } from '../organization/organization.ts';

export type SimulationAccounts = {
  readonly context: SutureContext;
  readonly management: string;
  readonly members: readonly string[];
  /** New ids of Suture's own accounts that made room for a finding's, by the old ids. */
  readonly moved: ReadonlyMap<string, string>;
};

/**
 * Returns the accounts of a simulation. If cdk.json is the example and findings name Suture's accounts, Suture's get
 * new ids, so that the named accounts are members. Real accounts keep their ids, and triage rejects their findings as
 * in AWS.
 */
export function accountsFor(context: SutureContext, named: readonly string[], asIs: boolean): SimulationAccounts {
  const mayMove = !asIs && context.organizationId === EXAMPLE_ORGANIZATION;
  const { securityAccount, serviceAccount, rollout } = context;
  const own = [securityAccount, serviceAccount, ...(rollout ? [rollout.managementAccount] : [])];
  const taken = new Set([...named, ...own, MANAGEMENT_ACCOUNT]);
  const moved = new Map<string, string>();
  if (mayMove) for (const account of own) if (named.includes(account)) moved.set(account, takeFreeId(taken));
  const newId = (account: string) => moved.get(account) ?? account;
  const management = rollout ? newId(rollout.managementAccount) : sandboxManagement(named, taken);
  return {
    context: {
      ...context,
      securityAccount: newId(securityAccount),
      serviceAccount: newId(serviceAccount),
      ...(rollout && { rollout: movedRollout(rollout, newId) }),
    },
    management,
    members: named.filter((account) => mayMove || !own.includes(account)),
    moved,
  };
}

const sandboxManagement = (named: readonly string[], taken: Set<string>): string =>
  named.includes(MANAGEMENT_ACCOUNT) ? takeFreeId(taken) : MANAGEMENT_ACCOUNT;

const movedRollout = (rollout: Rollout, newId: (account: string) => string): Rollout => ({
  ...rollout,
  managementAccount: newId(rollout.managementAccount),
  account: newId(rollout.account),
});

/** Returns an id that is not in `taken`, and adds it. */
function takeFreeId(taken: Set<string>): string {
  let id = 900_000_000_001;
  while (taken.has(String(id))) id++;
  taken.add(String(id));
  return String(id);
}
