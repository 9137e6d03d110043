/** A target where it is, whatever holds its ranges: looked at, planned for, brought to a document. */
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { RAMClient } from '@aws-sdk/client-ram';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { Holder, PlannedCall } from '../contract/command.ts';
import type { IpRangesTarget } from '../contract/targets.ts';
import { NOTHING_LEARNED } from '../planning/assign.ts';
import { type Clock, converge } from '../planning/converge.ts';
import type { Document } from '../planning/document.ts';
import { learnt } from '../planning/learn.ts';
import { type Figures, type PlanOptions, plan } from '../planning/plan.ts';
import { planLists } from '../planning/plan-lists.ts';
import { groupsWorld } from './groups.ts';
import { limitsOf } from './limits.ts';
import { listsWorld } from './lists.ts';
import { ramShares } from './shares.ts';
import { callOf, holderOf, listCallOf, listHolderOf } from './view.ts';

export type SiteClients = {
  readonly ec2: EC2Client;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly quotas: ServiceQuotasClient;
  readonly ram: RAMClient;
};

export type Seen = { readonly holders: readonly Holder[]; readonly attachedTo: number };
export type Looked = Seen & {
  readonly calls: readonly PlannedCall[];
  readonly refused?: string;
  readonly blocked: readonly string[];
  readonly notes: readonly string[];
  readonly figures: Figures;
};
export type Brought = {
  /** Calls that were made, all of them. */
  readonly calls: readonly PlannedCall[];
  readonly figures: Figures;
  readonly notes: readonly string[];
};

export type Site = {
  see(): Promise<Seen>;
  /** What would be done; writes nothing. */
  look(document: Document, options: PlanOptions): Promise<Looked>;
  /** Does it, until nothing is left to do. Throws as `converge` does. */
  bring(document: Document, options: PlanOptions, clock: Clock): Promise<Brought>;
};

/** `sleep` is waited by while a list changes. */
export const siteOf = (target: IpRangesTarget, clients: SiteClients, sleep: Clock['sleep']): Site =>
  target.mode === 'prefix-list' ? listSite(target, clients, sleep) : groupSite(target, clients);

function groupSite(target: IpRangesTarget, clients: SiteClients): Site {
  const world = groupsWorld(target, clients, limitsOf(target, clients.quotas));
  return {
    async see() {
      const { groups, points, limits } = await world.read();
      return { holders: groups.map((group) => holderOf(group, limits)), attachedTo: points.length };
    },
    async look(document, options) {
      const state = await world.read();
      const { steps, ...planned } = plan(document, state, target, options);
      const holders = state.groups.map((group) => holderOf(group, state.limits));
      return { ...planned, holders, attachedTo: state.points.length, calls: steps.map(callOf) };
    },
    async bring(document, options, clock) {
      const made = await converge({
        world,
        clock,
        plan: (state, learned) => plan(document, state, target, { ...options, learned }),
        learned: NOTHING_LEARNED,
        learn: learnt,
      });
      return { calls: made.done.map(callOf), figures: made.plan.figures, notes: made.plan.notes };
    },
  };
}

function listSite(target: IpRangesTarget, clients: SiteClients, sleep: Clock['sleep']): Site {
  const world = listsWorld(target, clients.ec2, ramShares(target, clients.ram), sleep);
  return {
    async see() {
      const { lists } = await world.read();
      return { holders: lists.map(listHolderOf), attachedTo: 0 };
    },
    async look(document, options) {
      const state = await world.read();
      const { steps, ...planned } = planLists(document, state, target, options);
      return { ...planned, holders: state.lists.map(listHolderOf), attachedTo: 0, calls: steps.map(listCallOf) };
    },
    async bring(document, options, clock) {
      const made = await converge({
        world,
        clock,
        plan: (state) => planLists(document, state, target, options),
        learned: undefined,
        learn: () => undefined,
      });
      return { calls: made.done.map(listCallOf), figures: made.plan.figures, notes: made.plan.notes };
    },
  };
}
