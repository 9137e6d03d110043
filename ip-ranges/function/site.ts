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
/** What is planned, or what was done. */
export type SitePlan = Required<Pick<TargetAnswer, 'calls' | 'notes'>> &
  Pick<TargetAnswer, 'figures' | 'halted' | 'error'>;
/** What is there. */
type SiteReport = Required<Pick<TargetAnswer, 'holders' | 'attachedTo' | 'notes'>>;
export type TargetSite = ReturnType<typeof siteOf>;

/** Groups or lists. */
type Kind<S, T> = World<S, T> & {
  readonly plan: (document: Document, state: S, options: PlanOptions) => TargetPlan<T>;
  readonly reportOf: (state: S) => SiteReport;
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
  kind: Kind<S, T>,
  readStop: SiteDeps['stop'],
) {
  const perform = async (step: T, isPublished: boolean) => {
    const stop = await readStop();
    if (stop && (stop.all || !isPublished || takesAway(step))) throw new SutureError('Stopped', `${stopText(stop)}.`);
    await kind.perform(step);
  };
  const reportOf = (state: S, stop: StopEntry | undefined): SiteReport => {
    const report = kind.reportOf(state);
    return { ...report, notes: withStop(stop, report.notes) };
  };
  return {
    see: async () => reportOf(await kind.read(), await readStop()),
    /** Says what would be done; writes nothing. `held`: the target's ranges. */
    async look(document: Document, options: PlanOptions) {
      const [state, stop] = [await kind.read(), await readStop()];
      const planned = kind.plan(document, state, { ...options, halted: stop !== undefined });
      return {
        report: reportOf(state, stop),
        plan: planAnswer(planned, planned.steps, stop),
        held: heldRanges(state),
      };
    },
    /** Does it, until nothing is left to do; `calls` are those that were made. Throws as `converge` does, and Stopped. */
    async bring(document: Document, { isPublished, ...options }: BringOptions, clock: RunClock): Promise<SitePlan> {
      const stop = await readStop();
      const planFor = (state: S) => kind.plan(document, state, { ...options, halted: stop !== undefined });
      const guarded = { read: kind.read, perform: (step: T) => perform(step, isPublished) };
      const { plan, done } = await converge(guarded, planFor, clock);
      return planAnswer(plan, done, stop);
    },
    /** Says what goes of a target that is not configured any more; `carryOut` makes the calls. */
    async removal() {
      const { state, steps, blocked } = await kind.removal();
      const carryOut = async () => {
        for (const step of steps) await perform(step, true);
      };
      const report = reportOf(state, await readStop());
      return { report, calls: steps.map(callOf), error: problemOf({ blocked }), carryOut };
    },
  };
}

/** `isPublished`: AWS publishes the document now. */
export type BringOptions = PlanOptions & { readonly isPublished: boolean };

const stopText = ({ at, by, reason, all }: StopEntry): string =>
  `Suture is stopped since ${at} by ${by}: ${reason}; ${all ? 'nothing is changed' : 'ranges that AWS publishes are let in, and nothing else is changed'}`;

const takesAway = (step: GroupStep | ListStep): boolean =>
  'remove' in step ? step.remove.length > 0 : /^(revoke|detach|delete)/.test(step.kind);

const withStop = (stop: StopEntry | undefined, notes: readonly string[]): string[] =>
  stop ? [stopText(stop), ...notes] : [...notes];

function planAnswer(
  planned: TargetPlan<unknown>,
  steps: readonly (GroupStep | ListStep)[],
  stop: StopEntry | undefined,
): SitePlan {
  const { figures, notes } = planned;
  const halted = stop ? true : undefined;
  return { calls: steps.map(callOf), figures, halted, notes: withStop(stop, notes), error: problemOf(planned) };
}

export function problemOf({ refused, blocked }: Pick<TargetPlan<unknown>, 'refused' | 'blocked'>) {
  if (refused !== undefined) return new IpRangesError('DocumentRefused', [refused, ...blocked].join(' '));
  return blocked.length > 0 ? new IpRangesError('TargetBlocked', `${blocked.join('; ')}.`) : undefined;
}

function groups(target: IpRangesTarget, clients: SiteClients): Kind<GroupState, GroupStep> {
  const world = groupsWorld(target, clients);
  return {
    ...world,
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

function lists(target: IpRangesTarget, clients: SiteClients, sleep: RunClock['sleep']): Kind<ListState, ListStep> {
  const { read } = limitSource(target, clients.quotas);
  const world = listsWorld(target, { ...clients, sleep, rulesPerGroup: async () => (await read()).rules });
  return {
    ...world,
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
}
