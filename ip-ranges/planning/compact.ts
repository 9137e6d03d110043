/** Ranges moved together, so that as few groups hold them as can; the others leave. */
import { type Arranged, binsFor, type Learned, type Sorted, sortedOut, usedBy } from './assign.ts';
import { type Placed, placeAtOnce, placeInTurn } from './place.ts';
import type { Group, HeldRule, Rule, State } from './state.ts';

/** With the fewest groups that can take all without a new one; undefined where no group can be spared. */
export function compacted(rules: readonly Rule[], state: State, learned: Learned): Arranged | undefined {
  const byFill = state.groups.toSorted((a, b) => b.own.length - a.own.length);
  for (let count = 1; count <= byFill.length; count++) {
    const staying = state.groups.filter((group) => byFill.indexOf(group) < count);
    const emptied = state.groups.filter((group) => !staying.includes(group));
    const sorted = withoutPlace(sortedOut(rules, staying), emptied);
    const limit = state.limits.rules;
    const bins = [...staying.map((group) => binsFor(sorted, limit, learned)(group, false))];
    const leaving = emptied.map((group) => ({
      ...binsFor(sorted, limit, learned)(group, false),
      fill: { IPv4: 0, IPv6: 0 },
    }));
    const placed =
      placeAtOnce(sorted.pending, [...bins, ...leaving]) ?? placeInTurn(sorted.pending, [...bins, ...leaving]);
    if (placed && isWorth(placed, emptied))
      return {
        placed,
        used: usedBy(placed, sorted),
        leaving: emptied.filter((group) => mayLeave(group, state)).map(({ id }) => id),
      };
  }
  return undefined;
}

/** All that these groups hold is held elsewhere, or is not wanted. */
const withoutPlace = ({ kept, stale, pending }: Sorted, emptied: readonly Group[]): Sorted => {
  return {
    kept: new Map([...kept, ...emptied.map(({ id }) => [id, [] as readonly HeldRule[]] as const)]),
    stale: new Map([...stale, ...emptied.map(({ id, own }) => [id, own] as const)]),
    pending,
  };
};

const isWorth = ({ before, after }: Placed, emptied: readonly Group[]) =>
  emptied.length > 0 || before.length + after.length > 0;

/** Groups of people, and those with rules of people, stay where they are, without rules of ours. */
const mayLeave = ({ id, created, shared }: Group, { points }: State) =>
  created && !shared && !points.some(({ groups, fixed }) => fixed && groups.includes(id));
