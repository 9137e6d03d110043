/**
 * Organizational units of a policy: people name them by path, and a push stores their ids, so that a rule follows its
 * unit when somebody renames or moves it. Pure.
 */

/** Ids by path, as the directory lists them. */
export type UnitIds = Readonly<Record<string, string>>;

type NamesUnits = {
  readonly ous?: Readonly<Record<string, unknown>>;
  readonly whenManagedBy?: unknown;
  readonly grace?: unknown;
};
export type PolicyUnits = {
  /** Absent for a policy that no push deployed. */
  readonly units?: UnitIds | undefined;
  /** Units that the policy names and the organization no longer has. */
  readonly goneUnits?: readonly string[];
};
type UnitPolicy = PolicyUnits & {
  readonly whenManagedBy?: unknown;
  readonly grace?: unknown;
  readonly owners?: Readonly<Record<string, { readonly ous?: readonly string[] | undefined }>> | undefined;
  readonly controls: Readonly<Record<string, unknown>>;
  readonly windows: readonly { readonly ous?: readonly string[] | undefined }[];
};

export type UnitMember = {
  readonly ouPath?: string | undefined;
  /** From the root to the account's parent. */
  readonly unitIds?: readonly string[] | undefined;
};

/** Every account is in it, whatever its id. */
const ROOT = '/';

export function namedUnits({ controls, windows, whenManagedBy, grace, owners = {} }: UnitPolicy): string[] {
  const ofControls = Object.values(controls).flatMap((rule) => [
    ...unitsIn(rule),
    ...unitsIn((rule as NamesUnits | null)?.whenManagedBy),
    ...unitsIn((rule as NamesUnits | null)?.grace),
  ]);
  const lists = [...windows, ...Object.values(owners)];
  const all = [...ofControls, ...unitsIn(whenManagedBy), ...unitsIn(grace), ...lists.flatMap(({ ous }) => ous ?? [])];
  return [...new Set(all)].filter((unit) => unit !== ROOT);
}

const unitsIn = (rule: unknown): string[] => Object.keys((rule as NamesUnits | null | undefined)?.ous ?? {});

/** Returns the policy with the units that are gone. Without a list of units, none is. */
export function withGoneUnits<P extends UnitPolicy>(policy: P, known: UnitIds | undefined): P & PolicyUnits {
  if (!known) return policy;
  const ids = new Set(Object.values(known));
  const goneUnits = namedUnits(policy).filter((unit) => {
    const id = policy.units?.[unit];
    return id === undefined ? !Object.hasOwn(known, unit) : !ids.has(id);
  });
  return { ...policy, goneUnits };
}

/** Returns undefined if the account is not in the unit, otherwise how deep the unit is: 0 for the root. */
export function depthOfUnit({ units, goneUnits }: PolicyUnits, unit: string, member: UnitMember): number | undefined {
  if (unit === ROOT) return 0;
  if (goneUnits?.includes(unit)) return undefined;
  const id = units?.[unit];
  if (id !== undefined) {
    const depth = member.unitIds?.indexOf(id) ?? -1;
    return depth < 0 ? undefined : depth;
  }
  const isWithin = member.ouPath === unit || (member.ouPath?.startsWith(`${unit}/`) ?? false);
  return isWithin ? unit.split('/').length - 1 : undefined;
}

/** Returns the rule of the deepest unit that the account is in. */
export function innermostUnit<T>(
  policy: PolicyUnits,
  rules: Readonly<Record<string, T>>,
  member: UnitMember,
): readonly [unit: string, rule: T] | undefined {
  const holding = Object.entries(rules).flatMap(([unit, rule]) => {
    const depth = depthOfUnit(policy, unit, member);
    return depth === undefined ? [] : [{ depth, rule: [unit, rule] as const }];
  });
  return holding.sort((a, b) => b.depth - a.depth)[0]?.rule;
}
