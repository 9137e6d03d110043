import type { At, StateKey } from '../../kernel/kernel.ts';

export type StackSetRecord = {
  readonly id: string;
  readonly name: string;
  /** The account that created it. */
  readonly account: string;
  template: string;
  /** Roots and units whose accounts get a stack. */
  units: readonly string[];
  regions: readonly string[];
  automatic: boolean;
  retain: boolean;
  /** Names of stacks, by account and Region (`111122223333 us-east-1`). */
  instances: Map<string, string>;
};
export type StackSetsState = { readonly sets: Map<string, StackSetRecord> };
export type StackSetsAt = At<StackSetsState>;

/** Every StackSet of the organization: the organization decides which accounts they reach. */
export const STACK_SETS: StateKey<StackSetsState> = {
  name: 'stacksets',
  scope: 'partition',
  state: () => ({ sets: new Map() }),
};
