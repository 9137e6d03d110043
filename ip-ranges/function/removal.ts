/** Takes away what a target left that is not configured any more. */
import type { IpRangesTarget } from '../contract/targets.ts';
import { planRemoval } from '../planning/removal.ts';
import { callOf, listCallOf } from './calls.ts';
import type { RunClock } from './converge.ts';
import { groupsWorld } from './groups.ts';
import { readMarked } from './read-groups.ts';
import {
  groupReport,
  listReport,
  listWorldOf,
  problemOf,
  type SiteClients,
  type SitePlan,
  type SiteReport,
} from './site.ts';

/** `carryOut` makes the calls; a `problem` says what stays. */
export type Removal = SiteReport & Pick<SitePlan, 'calls' | 'problem'> & { carryOut(): Promise<void> };

export const removalOf = (target: IpRangesTarget, clients: SiteClients, sleep: RunClock['sleep']): Promise<Removal> =>
  target.mode === 'prefix-list' ? listRemoval(target, clients, sleep) : groupRemoval(target, clients);

async function groupRemoval(target: IpRangesTarget, clients: SiteClients): Promise<Removal> {
  const limits = { rules: Number(target.rulesPerGroup), groups: Number(target.groupsPerInterface) };
  const state = { ...(await readMarked(target, clients)), limits };
  const { steps, blocked } = planRemoval(state);
  const world = groupsWorld(target, clients, async () => limits);
  return {
    ...groupReport(state),
    calls: steps.map(callOf),
    ...problemIn(blocked),
    async carryOut() {
      for (const step of steps) await world.perform(step);
    },
  };
}

/** A list goes if no group of the account names it. EC2 refuses to delete one that a group of another account names. */
async function listRemoval(target: IpRangesTarget, clients: SiteClients, sleep: RunClock['sleep']): Promise<Removal> {
  const world = listWorldOf(target, clients, sleep);
  const state = await world.read();
  const inUse = state.lists.flatMap(({ id, users }) => users.map(({ group }) => `${group} names ${id}`));
  const unused = state.lists.filter(({ users }) => users.length === 0);
  const steps = unused.map((list) => ({ kind: 'delete-list', family: list.family, list }) as const);
  return {
    ...listReport(state),
    calls: steps.map(listCallOf),
    ...problemIn(inUse.map((one) => `${one}: take it out of its rules first`)),
    async carryOut() {
      for (const step of steps) await world.perform(step);
    },
  };
}

function problemIn(blocked: readonly string[]): Pick<Removal, 'problem'> {
  const problem = problemOf({ blocked });
  return problem ? { problem } : {};
}
