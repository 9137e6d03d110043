import type { At, StateKey } from '../../kernel/kernel.ts';
import type { OperationPreferences } from './preferences.ts';

export type StackInstanceRecord = {
  readonly stackName: string;
  status: 'CURRENT' | 'OUTDATED';
  detailed: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED' | 'SKIPPED_SUSPENDED_ACCOUNT';
  reason?: string;
};

export type OperationResult = {
  status: 'PENDING' | 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  reason?: string;
};

/** Accounts of the organizational units; without `filter`, all of them. */
export type DeploymentTargets = {
  readonly units: readonly string[];
  readonly accounts?: readonly string[];
  readonly filter?: 'INTERSECTION' | 'DIFFERENCE';
};

export type StackSetOperationRecord = {
  readonly id: string;
  readonly action: 'CREATE' | 'UPDATE';
  readonly preferences: OperationPreferences;
  readonly createdAt: number;
  readonly targets: DeploymentTargets;
  status: 'QUEUED' | 'RUNNING' | 'SUCCEEDED' | 'FAILED';
  endedAt?: number;
  /** By account and Region. */
  results: Map<string, OperationResult>;
};

export type StackSetRecord = {
  readonly id: string;
  readonly name: string;
  readonly account: string;
  template: string;
  description: string;
  capabilities: readonly string[];
  units: readonly string[];
  /** Limits the accounts of the units. */
  accounts: readonly string[] | undefined;
  regions: readonly string[];
  automatic: boolean;
  retain: boolean;
  /** Queues operations instead of refusing them while another runs. */
  managed: boolean;
  /** By account and Region (`111122223333 us-east-1`). */
  instances: Map<string, StackInstanceRecord>;
  /** In the order of their requests. */
  operations: StackSetOperationRecord[];
};
export type StackSetsState = { readonly sets: Map<string, StackSetRecord> };
export type StackSetsAt = At<StackSetsState>;

/** The organization decides which accounts a StackSet reaches, so all StackSets share one state. */
export const STACK_SETS: StateKey<StackSetsState> = {
  name: 'stacksets',
  scope: 'partition',
  state: () => ({ sets: new Map() }),
};
