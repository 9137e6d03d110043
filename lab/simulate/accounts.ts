/** The accounts of a simulation: those that the findings name, and Suture's own beside them. */
import type { Rollout, SutureContext } from '../../stacks/context.ts';
import { EXAMPLE_ORGANIZATION, MANAGEMENT } from '../organization/organization.ts';

export type Accounts = {
  readonly context: SutureContext;
  readonly management: string;
  readonly members: readonly string[];
  /** Suture's own accounts that have moved, from and to. */
  readonly moved: ReadonlyMap<string, string>;
};

/** Accounts in AwsAccountId of these findings, each once. */
export function accountsIn(findings: readonly unknown[]): string[] {
  const named = findings.map((finding) => (finding as { AwsAccountId?: unknown } | null)?.AwsAccountId);
  return [...new Set(named.filter(isAccount))];
}

const isAccount = (value: unknown): value is string => typeof value === 'string' && /^\d{12}$/.test(value);

/**
 * Makes room for the accounts that findings name. Where cdk.json holds its example, Suture's accounts give way to a
 * finding's, so that it is a member's. Once it names real accounts they stay, and their findings are rejected as in AWS.
 */
export function accountsFor(context: SutureContext, named: readonly string[], asIs: boolean): Accounts {
  const mayMove = !asIs && context.organizationId === EXAMPLE_ORGANIZATION;
  const { securityAccount, serviceAccount, rollout } = context;
  const own = [securityAccount, serviceAccount, ...(rollout ? [rollout.managementAccount] : [])];
  const taken = new Set([...named, ...own, MANAGEMENT]);
  const moved = new Map<string, string>();
  if (mayMove) for (const account of own) if (named.includes(account)) moved.set(account, free(taken));
  const moving = (account: string) => moved.get(account) ?? account;
  return {
    context: {
      ...context,
      securityAccount: moving(securityAccount),
      serviceAccount: moving(serviceAccount),
      ...(rollout && { rollout: movedRollout(rollout, moving) }),
    },
    management: rollout ? moving(rollout.managementAccount) : sandboxsOwn(),
    members: named.filter((account) => mayMove || !own.includes(account)),
    moved,
  };

  /** Where nobody says which it is, only the sandbox needs it. */
  function sandboxsOwn(): string {
    return named.includes(MANAGEMENT) ? free(taken) : MANAGEMENT;
  }
}

const movedRollout = (rollout: Rollout, moving: (account: string) => string): Rollout => ({
  ...rollout,
  managementAccount: moving(rollout.managementAccount),
  account: moving(rollout.account),
});

/** An account id that nobody has; it is taken from then on. */
function free(taken: Set<string>): string {
  let id = 900_000_000_001;
  while (taken.has(String(id))) id++;
  taken.add(String(id));
  return String(id);
}
