/** The effects on open findings if one policy replaces another. Pure. */
import type { PolicyInForce } from '../../functions/domain/policy.ts';
import { rankIn, SEVERITIES } from './dimensions.ts';
import { type Effect, type Forecast, type ForecastFacts, forecastOf } from './forecast.ts';

export const IMPACT_PARTS = ['fixed', 'asked', 'observed', 'archived', 'left'] as const;
export type ImpactPart = (typeof IMPACT_PARTS)[number];
type ImpactCounts = Readonly<Record<ImpactPart, number>>;

export type ImpactChange = Forecast & { readonly from: ImpactPart; readonly to: ImpactPart };

export type Impact = {
  readonly open: number;
  readonly before: ImpactCounts;
  readonly after: ImpactCounts;
  /** Accounts in which something changes. */
  readonly accounts: readonly {
    readonly account: string;
    readonly before: ImpactCounts;
    readonly after: ImpactCounts;
  }[];
  /** Open findings by owner, where that changes; `-` for those without one. */
  readonly owners: readonly { readonly owner: string; readonly before: number; readonly after: number }[];
  readonly changed: number;
  /** Findings that Suture would write or archive, or ask about, and would not now. */
  readonly widened: number;
  /** At most ten of the widened ones, the riskiest first. */
  readonly riskiest: readonly ImpactChange[];
};

const MAX_RISKIEST = 10;

/** @param facts with any policy */
export function impactOf(
  findings: readonly unknown[],
  facts: Omit<ForecastFacts, 'policy'>,
  [live, proposed]: readonly [live: PolicyInForce, proposed: PolicyInForce],
): Impact {
  const owners: OwnerPair[] = [];
  const all = findings.map((finding): ImpactChange => {
    const from = forecastOf(finding, { ...facts, policy: live });
    const to = forecastOf(finding, { ...facts, policy: proposed });
    owners.push([from.owner ?? NOBODY, to.owner ?? NOBODY]);
    return { ...to, from: partOf(from), to: partOf(to) };
  });
  const changes = all.filter(({ from, to }) => from !== to);
  const widened = changes.filter(({ from, to }) => REACHES[to] > REACHES[from]);
  const accounts = [...new Set(changes.map(({ account }) => account))].sort();
  return {
    open: all.length,
    ...countsOf(all),
    accounts: accounts.map((account) => ({ account, ...countsOf(all.filter((each) => each.account === account)) })),
    owners: ownerCounts(owners),
    changed: changes.length,
    widened: widened.length,
    riskiest: widened.toSorted(byRisk).slice(0, MAX_RISKIEST),
  };
}

type OwnerPair = readonly [before: string, after: string];
const NOBODY = '-';

function ownerCounts(pairs: readonly OwnerPair[]): Impact['owners'] {
  const count = (side: 0 | 1, owner: string) => pairs.filter((pair) => pair[side] === owner).length;
  return [...new Set(pairs.flat())]
    .sort()
    .map((owner) => ({ owner, before: count(0, owner), after: count(1, owner) }))
    .filter(({ before, after }) => before !== after);
}

const PARTS: Readonly<Partial<Record<Effect, ImpactPart>>> = {
  fixed: 'fixed',
  asked: 'asked',
  observed: 'observed',
  archived: 'archived',
};
const partOf = ({ effect }: Forecast): ImpactPart => PARTS[effect] ?? 'left';

/** Ranks of what Suture may do by itself. */
const REACHES: Readonly<Record<ImpactPart, number>> = { left: 0, observed: 0, asked: 1, archived: 2, fixed: 2 };

function countsOf(all: readonly ImpactChange[]): { readonly before: ImpactCounts; readonly after: ImpactCounts } {
  const count = (side: 'from' | 'to') =>
    Object.fromEntries(IMPACT_PARTS.map((part) => [part, all.filter((each) => each[side] === part).length]));
  return { before: count('from') as ImpactCounts, after: count('to') as ImpactCounts };
}

const RISKS = ['destructive', 'disruptive', 'safe'] as const;

/** Sorts by the risk of the remediation, then changes without an approval first, then by severity. */
const byRisk = (a: ImpactChange, b: ImpactChange): number =>
  rankIn(RISKS, a.risk) - rankIn(RISKS, b.risk) ||
  REACHES[b.to] - REACHES[a.to] ||
  rankIn(SEVERITIES, a.severity) - rankIn(SEVERITIES, b.severity);
