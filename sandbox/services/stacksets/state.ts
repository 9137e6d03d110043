import type { At, StateKey } from '../../kernel/kernel.ts';

export type StackSetRecord = {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  template: string;
  units: readonly string[];
  /** Limits the accounts of the units. */
  accounts: readonly string[] | undefined;
  regions: readonly string[];
  automatic: boolean;
  retain: boolean;
  /** Stack names by account and Region (`111122223333 us-east-1`). */
  instances: Map<string, string>;
};
export type StackSetsState = { readonly sets: Map<string, StackSetRecord> };
export type StackSetsAt = At<StackSetsState>;

/** The organization decides which accounts a StackSet reaches, so all StackSets share one state. */
export const STACK_SETS: StateKey<StackSetsState> = {
  name: 'stacksets',
  scope: 'partition',
  state: () => ({ sets: new Map() }),
};
