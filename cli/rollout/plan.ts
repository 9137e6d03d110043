/** The accounts that a rollout updates, unit by unit. Pure. */
import type { OrganizationAccount } from '../../functions/domain/account.ts';
import { suggestion } from '../../functions/domain/nearest.ts';
import type { UnitIds } from '../../functions/domain/policy-units.ts';
import type { RolloutInstance } from '../clients/stack-set.ts';
import { UsageError } from '../errors/usage-error.ts';

export type PlannedUnit = {
  /** `/Workloads/Production`. */
  readonly unit: string;
  readonly isCanary: boolean;
  readonly accounts: readonly string[];
  /** The accounts that lack the template. */
  readonly outdated: readonly string[];
  /** The units of the StackSet that have these accounts. */
  readonly targets: readonly string[];
};

export type LeftOut = { readonly account: string; readonly reason: string; readonly isProblem: boolean };

export type RolloutPlan = {
  readonly units: readonly PlannedUnit[];
  readonly leftOut: readonly LeftOut[];
  /** The number of accounts that lack the template, in units that nobody named. */
  readonly remaining: number;
};

export type RolloutRequest = {
  readonly accounts: readonly OrganizationAccount[];
  /** Ids by path. */
  readonly unitIds: UnitIds;
  readonly instances: readonly RolloutInstance[];
  /** The units of the StackSet. */
  readonly targets: readonly string[];
  /** The StackSet has another template, so that every instance will lack the new one. */
  readonly isNew: boolean;
  /** Path or id. */
  readonly canary: string | undefined;
  /** Paths or ids of the units that follow, in this order; undefined for all of them. */
  readonly ous: readonly string[] | undefined;
};

type Member = { readonly account: OrganizationAccount; readonly isOutdated: boolean };

/** @throws UsageError if no canary is known, or a unit has no account of the StackSet */
export function planRollout(request: RolloutRequest): RolloutPlan {
  const { members, leftOut } = splitInstances(request);
  const membersBelow = (id: string) => members.filter(({ account }) => account.unitIds.includes(id));
  const canary = canaryOf(request, members);
  const followers = (request.ous ?? []).map((name) => idOfUnit(request, members, name));
  const named = [
    { ...plannedUnit(request, canary, membersBelow(canary)), isCanary: true },
    ...followers.map((id) => plannedUnit(request, id, membersBelow(id))),
  ];
  const covered = new Set(named.flatMap(({ accounts }) => accounts));
  const others = members.filter(({ account }) => !covered.has(account.id));
  if (request.ous) {
    const remaining = others.filter(({ isOutdated }) => isOutdated).length;
    return { units: withoutRepetition(named), leftOut, remaining };
  }
  const rest = directUnits(others).map(([id, own]) => plannedUnit(request, id, own));
  return { units: [...withoutRepetition(named), ...rest], leftOut, remaining: 0 };
}

/** Leaves out accounts that an earlier unit has, and units without further accounts. */
function withoutRepetition(units: readonly PlannedUnit[]): PlannedUnit[] {
  const earlier = new Set<string>();
  return units.flatMap((unit) => {
    const isLeft = (account: string) => !earlier.has(account);
    const [accounts, outdated] = [unit.accounts.filter(isLeft), unit.outdated.filter(isLeft)];
    for (const account of accounts) earlier.add(account);
    return accounts.length === 0 ? [] : [{ ...unit, accounts, outdated }];
  });
}

/** Splits the instances into those that the rollout may update, and those that it leaves out. */
function splitInstances({ accounts, instances, targets, isNew }: RolloutRequest) {
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const members: Member[] = [];
  const leftOut: LeftOut[] = [];
  for (const { account: id, status, reason } of instances) {
    const leave = (why: string, isProblem = false) => leftOut.push({ account: id, reason: why, isProblem });
    const account = byId.get(id);
    if (!account) leave('it is no longer in the organization');
    else if (account.status !== 'ACTIVE') leave(`the account is ${account.status}`);
    else if (!account.unitIds.some((unit) => targets.includes(unit)))
      leave('it is outside of the units of the StackSet');
    else if (status === 'INOPERABLE')
      leave(`AWS excludes its stack (INOPERABLE): ${reason ?? 'without a reason'}`, true);
    else members.push({ account, isOutdated: isNew || status !== 'CURRENT' });
  }
  return { members, leftOut };
}

function canaryOf(request: RolloutRequest, members: readonly Member[]): string {
  if (request.canary !== undefined) return idOfUnit(request, members, request.canary);
  throw new UsageError(
    `Name the unit that goes first: --canary <unit>, or canary in context.suture.rollout of cdk.json. ${unitsText(members)}`,
  );
}

function idOfUnit({ unitIds }: RolloutRequest, members: readonly Member[], name: string): string {
  const root = members[0]?.account.unitIds[0];
  const id = name === '/' ? root : (unitIds[name] ?? name);
  const known = [...Object.values(unitIds), root];
  if (id === undefined || !known.includes(id))
    throw new UsageError(
      `There is no unit "${name}"${suggestion(name, Object.keys(unitIds)) || '.'} ${unitsText(members)}`,
    );
  if (members.some(({ account }) => account.unitIds.includes(id))) return id;
  throw new UsageError(`The unit ${name} has no active account with the member role. ${unitsText(members)}`);
}

function unitsText(members: readonly Member[]): string {
  const units = directUnits(members).map(([, own]) => `${own[0]!.account.ouPath} (${own.length})`);
  return `There are, with their number of accounts: ${units.join(', ') || 'none'}.`;
}

/** @param own the members of the unit that the rollout updates with it */
function plannedUnit(request: RolloutRequest, id: string, own: readonly Member[]): PlannedUnit {
  const [path] = Object.entries(request.unitIds).find(([, each]) => each === id) ?? ['/'];
  return {
    unit: path,
    isCanary: false,
    accounts: own.map(({ account }) => account.id),
    outdated: own.filter(({ isOutdated }) => isOutdated).map(({ account }) => account.id),
    targets: request.targets.filter((target) => own.some(({ account }) => account.unitIds.includes(target))),
  };
}

/** Returns the units that accounts are directly in, by path. */
function directUnits(members: readonly Member[]): [id: string, members: Member[]][] {
  const units = Map.groupBy(members, ({ account }) => account.unitIds.at(-1)!);
  return [...units].toSorted(([, [a]], [, [b]]) => (a!.account.ouPath < b!.account.ouPath ? -1 : 1));
}
