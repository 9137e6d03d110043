/** A target where it is, whatever holds its ranges: read, planned for, brought to a document. */

import type { RAMClient } from '@aws-sdk/client-ram';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { isNamed } from '../../functions/contract/errors.ts';
import type { Holder, PlannedCall } from '../contract/command.ts';
import { IpRangesError } from '../contract/errors.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import { NOTHING_LEARNED } from '../planning/assign.ts';
import type { Cidr } from '../planning/cidr.ts';
import type { Document } from '../planning/document.ts';
import { notesOn } from '../planning/leftovers.ts';
import { heldRanges, type PlanFigures, type PlanOptions, planGroups, type TargetPlan } from '../planning/plan.ts';
import { type ListState, type ListsLearned, listedRanges, planLists } from '../planning/plan-lists.ts';
import type { GroupState } from '../planning/state.ts';
import { callOf, groupHolder, listCallOf, listHolder } from './calls.ts';
import { converge, RESIZE_FAILED, type RunClock, type World } from './converge.ts';
import { groupsWorld } from './groups.ts';
import { LIMIT_ERRORS, learn } from './learn.ts';
import { limitSource } from './limits.ts';
import { listsWorld } from './lists.ts';
import type { GroupClients } from './read-groups.ts';
import { ramShares } from './shares.ts';

export type SiteClients = GroupClients & { readonly quotas: ServiceQuotasClient; readonly ram: RAMClient };

export type SiteReport = { readonly holders: Holder[]; readonly attachedTo: number; readonly notes: string[] };
/** `problem`: what is refused or in the way; everything else is done, or would be. */
export type SitePlan = {
  readonly calls: PlannedCall[];
  readonly figures: PlanFigures;
  readonly notes: string[];
  readonly problem?: IpRangesError;
};
export type TargetSite = {
  see(): Promise<SiteReport>;
  /** Says what would be done; writes nothing. `held`: the target's ranges. */
  look(document: Document, options: PlanOptions): Promise<SiteReport & SitePlan & { readonly held: readonly Cidr[] }>;
  /** Does it, until nothing is left to do; `calls` are those that were made. Throws as `converge` does. */
  bring(document: Document, options: PlanOptions, clock: RunClock): Promise<SitePlan>;
};

type Kind<S, T, L> = {
  readonly world: World<S, T>;
  readonly plan: (document: Document, state: S, options: PlanOptions & { readonly learned: L }) => TargetPlan<T>;
  readonly learned: L;
  readonly learn: (learned: L, step: T, error: unknown, state: S) => L | Promise<L>;
  readonly callOf: (step: T) => PlannedCall;
  readonly reportOf: (state: S) => SiteReport;
  readonly heldIn: (state: S) => readonly Cidr[];
};

/** `sleep` is waited by while a list changes. */
export const siteOf = (target: IpRangesTarget, clients: SiteClients, sleep: RunClock['sleep']): TargetSite =>
  target.mode === 'prefix-list' ? listSite(target, clients, sleep) : groupSite(target, clients);

function siteWith<S, T, L>({ world, plan, learned, learn, callOf, reportOf, heldIn }: Kind<S, T, L>): TargetSite {
  const planned = ({ figures, notes, ...of }: TargetPlan<T>, steps: readonly T[]): SitePlan => {
    const problem = problemOf(of);
    return { calls: steps.map(callOf), figures, notes: [...notes], ...(problem && { problem }) };
  };
  return {
    see: async () => reportOf(await world.read()),
    async look(document, options) {
      const state = await world.read();
      const targetPlan = plan(document, state, { ...options, learned });
      return { ...reportOf(state), ...planned(targetPlan, targetPlan.steps), held: heldIn(state) };
    },
    async bring(document, options, clock) {
      const planWith = (state: S, learned: L) => plan(document, state, { ...options, learned });
      const { plan: last, done } = await converge({ world, clock, plan: planWith, learned, learn });
      return planned(last, done);
    },
  };
}

export function problemOf({ refused, blocked }: Pick<TargetPlan<unknown>, 'refused' | 'blocked'>) {
  if (refused !== undefined) return new IpRangesError('DocumentRefused', [refused, ...blocked].join(' '));
  return blocked.length > 0 ? new IpRangesError('TargetBlocked', `${blocked.join('; ')}.`) : undefined;
}

export const groupReport = (state: GroupState): SiteReport => ({
  holders: state.groups.map((group) => groupHolder(group, state.limits)),
  attachedTo: state.points.length,
  notes: notesOn(state),
});
export const listReport = ({ lists }: ListState): SiteReport => ({
  holders: lists.map(listHolder),
  attachedTo: 0,
  notes: [],
});

function groupSite(target: IpRangesTarget, clients: SiteClients): TargetSite {
  const limits = limitSource(target, clients.quotas);
  return siteWith({
    world: groupsWorld(target, clients, limits.read),
    plan: (document, state, options) => planGroups(document, state, target, options),
    learned: NOTHING_LEARNED,
    learn: async (learned, step, error, state) =>
      isNamed(error, ...LIMIT_ERRORS) && (await limits.corrected()) ? learned : learn(learned, step, error, state),
    callOf,
    reportOf: groupReport,
    heldIn: heldRanges,
  });
}

function listSite(target: IpRangesTarget, clients: SiteClients, sleep: RunClock['sleep']): TargetSite {
  return siteWith({
    world: listWorldOf(target, clients, sleep),
    plan: (document, state, options) => planLists(document, state, target, options),
    learned: new Set() as ListsLearned,
    learn: (learned, step, error) => (isNamed(error, RESIZE_FAILED) ? new Set([...learned, step.family]) : learned),
    callOf: listCallOf,
    reportOf: listReport,
    heldIn: listedRanges,
  });
}

export const listWorldOf = (target: IpRangesTarget, clients: SiteClients, sleep: RunClock['sleep']) =>
  listsWorld(target, {
    ec2: clients.ec2,
    shares: ramShares(target, clients.ram),
    sleep,
    rulesPerGroup: async () => (await limitSource(target, clients.quotas).read()).rules,
  });
