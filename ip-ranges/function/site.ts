/** A target where it is, whatever holds its ranges: read, planned for, brought to a document, taken away. */
import type { RAMClient } from '@aws-sdk/client-ram';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { SutureError } from '../../functions/contract/errors.ts';
import type { StopEntry } from '../../functions/ports/kill-switch.ts';
import type { TargetAnswer } from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import type { Document } from '../planning/document.ts';
import { notesOn, planRemoval } from '../planning/leftovers.ts';
import { heldRanges, type PlanOptions, planGroups, type TargetPlan } from '../planning/plan.ts';
import { type ListState, type ListStep, planLists } from '../planning/plan-lists.ts';
import type { GroupState, GroupStep } from '../planning/state.ts';
import { callOf, holderOf } from './calls.ts';
import { converge, type RunClock, type World } from './converge.ts';
import { groupsWorld } from './groups.ts';
import { limitSource } from './limits.ts';
import { listsWorld, ramShares } from './lists.ts';
import type { GroupClients } from './read-groups.ts';

export type SiteClients = GroupClients & { readonly quotas: ServiceQuotasClient; readonly ram: RAMClient };
export type SitePlan = Required<Pick<TargetAnswer, 'calls' | 'notes'>> &
  Pick<TargetAnswer, 'figures' | 'halted' | 'error'>;
export type TargetSite = ReturnType<typeof siteOf>;

type Kind<S, T> = {
  readonly world: World<S, T>;
  readonly plan: (document: Document, state: S, options: PlanOptions) => TargetPlan<T>;
  readonly reportOf: (state: S) => Required<Pick<TargetAnswer, 'holders' | 'attachedTo' | 'notes'>>;
  /** Reads what a target that is not configured any more left, and plans how it goes. */
  readonly removal: () => Promise<{ readonly state: S; readonly steps: readonly T[]; readonly blocked: string[] }>;
};

export type SiteDeps = {
  /** Waits while a list changes. */
  readonly sleep: RunClock['sleep'];
  readonly stop: () => Promise<StopEntry | undefined>;
};

export const siteOf = (target: IpRangesTarget, clients: SiteClients, { sleep, stop }: SiteDeps) =>
  target.mode === 'prefix-list'
    ? siteWith(lists(target, clients, sleep), stop)
    : siteWith(groups(target, clients), stop);

function siteWith<S extends Parameters<typeof heldRanges>[0], T extends GroupStep | ListStep>(
  { world, plan, ...kind }: Kind<S, T>,
  readStop: SiteDeps['stop'],
) {
  const perform = async (step: T, isPublished: boolean) => {
    const stop = await readStop();
    if (stop && (stop.all || !isPublished || takesAway(step))) throw new SutureError('Stopped', `${stopText(stop)}.`);
    await world.perform(step);
  };
  const reportOf = (state: S, stop: StopEntry | undefined) => {
    const report = kind.reportOf(state);
    return stop ? { ...report, notes: [stopText(stop), ...report.notes] } : report;
  };
  return {
    see: async () => reportOf(await world.read(), await readStop()),
    /** Says what would be done; writes nothing. `held`: the target's ranges. */
    async look(document: Document, options: PlanOptions) {
      const [state, stop] = [await world.read(), await readStop()];
      const planned = plan(document, state, { ...options, halted: stop !== undefined });
      return { ...reportOf(state, stop), ...planAnswer(planned, planned.steps, stop), held: heldRanges(state) };
    },
    /** Does it, until nothing is left to do; `calls` are those that were made. Throws as `converge` does, and Stopped. */
    async bring(document: Document, { isPublished, ...options }: BringOptions, clock: RunClock): Promise<SitePlan> {
      const stop = await readStop();
      const planFor = (state: S) => plan(document, state, { ...options, halted: stop !== undefined });
      const guarded = { read: world.read, perform: (step: T) => perform(step, isPublished) };
      const { plan: last, done } = await converge(guarded, planFor, clock);
      return planAnswer(last, done, stop);
    },
    /** Says what goes of a target that is not configured any more; `carryOut` makes the calls. */
    async removal() {
      const { state, steps, blocked } = await kind.removal();
      const carryOut = async () => {
        for (const step of steps) await perform(step, true);
      };
      return {
        ...reportOf(state, await readStop()),
        calls: steps.map(callOf),
        error: problemOf({ blocked }),
        carryOut,
      };
    },
  };
}

/** `isPublished`: AWS publishes the document now. */
export type BringOptions = PlanOptions & { readonly isPublished: boolean };

const stopText = ({ at, by, reason, all }: StopEntry): string =>
  `Suture is stopped since ${at} by ${by}: ${reason}; ${all ? 'nothing is changed' : 'ranges that AWS publishes are let in, and nothing else is changed'}`;

const takesAway = (step: GroupStep | ListStep): boolean =>
  'remove' in step ? step.remove.length > 0 : /^(revoke|detach|delete)/.test(step.kind);

type Planned = Pick<TargetPlan<unknown>, 'refused' | 'blocked' | 'notes' | 'figures'>;
function planAnswer(planned: Planned, steps: readonly (GroupStep | ListStep)[], stop?: StopEntry): SitePlan {
  const { figures, notes } = planned;
  const halt = stop ? { halted: true, notes: [stopText(stop), ...notes] } : { notes: [...notes] };
  return { calls: steps.map(callOf), figures, ...halt, error: problemOf(planned) };
}

export function problemOf({ refused, blocked }: Pick<TargetPlan<unknown>, 'refused' | 'blocked'>) {
  if (refused !== undefined) return new IpRangesError('DocumentRefused', [refused, ...blocked].join(' '));
  return blocked.length > 0 ? new IpRangesError('TargetBlocked', `${blocked.join('; ')}.`) : undefined;
}

function groups(target: IpRangesTarget, clients: SiteClients): Kind<GroupState, GroupStep> {
  const world = groupsWorld(target, clients);
  return {
    world,
    plan: (document, state, options) => planGroups(document, state, target, options),
    reportOf: (state) => ({
      holders: state.groups.map((group) => holderOf(group, state.limits.rules)),
      attachedTo: state.points.length,
      notes: notesOn(state),
    }),
    async removal() {
      const state = await world.readLeft();
      return { state, ...planRemoval(state) };
    },
  };
}

function lists(target: IpRangesTarget, clients: SiteClients, sleep: RunClock['sleep']) {
  const { read } = limitSource(target, clients.quotas);
  const world = listsWorld(target, { ...clients, sleep, rulesPerGroup: async () => (await read()).rules });
  const kind: Kind<ListState, ListStep> = {
    world,
    plan: (document, state, options) => planLists(document, state, target, options),
    reportOf: (state) => ({
      holders: state.groups.map((list) => holderOf({ ...list, name: list.family }, list.maxEntries)),
      attachedTo: 0,
      notes: [],
    }),
    /** EC2 refuses to delete a list that a group of another account names. */
    async removal() {
      const state = await world.read();
      const { named = [], unused = [] } = Object.groupBy(state.groups, (list) =>
        list.users.length > 0 ? 'named' : 'unused',
      );
      const marked = [...(await ramShares(target, clients.ram).marked())];
      const shares = marked.filter(([, name]) => !named.some(({ id }) => name.endsWith(id)));
      const steps: ListStep[] = [
        ...unused.map((list) => ({ kind: 'delete-list', list }) as const),
        ...shares.map(([share]) => ({ kind: 'delete-share', share }) as const),
      ];
      const inUse = named.flatMap(({ id, users }) => users.map(({ group }) => `${group} names ${id}`));
      return { state, steps, blocked: inUse.map((one) => `${one}: take it out of its rules first`) };
    },
  };
  return kind;
}
