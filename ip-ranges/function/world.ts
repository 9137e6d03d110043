/** A target's account, as it is read, planned for and changed. */
import type { RAMClient } from '@aws-sdk/client-ram';
import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import type { TargetAnswer } from '../contract/command.ts';
import type { Document } from '../planning/document.ts';
import type { PlanOptions, RemovalPlan, TargetPlan } from '../planning/plan.ts';
import type { GroupClients } from './read-groups.ts';

/** After a refused call, `read` also returns what the refusal has shown. */
export type World<S, T> = { read(): Promise<S>; perform(step: T): Promise<void> };

/** Groups, or prefix lists. */
export type TargetWorld<S, T> = World<S, T> & {
  plan(document: Document, state: S, options: PlanOptions): TargetPlan<T>;
  reportOf(state: S): WorldReport;
  /** Reads what a target that is not configured any more left, and plans its removal. */
  removal(): Promise<RemovalPlan<T> & { readonly state: S }>;
};

export type WorldReport = Required<Pick<TargetAnswer, 'holders' | 'attachedTo' | 'notes'>>;
export type WorldClients = GroupClients & { readonly quotas: ServiceQuotasClient; readonly ram: RAMClient };
