import type { At } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

export type SchedulerState = { readonly schedules: Map<string, unknown> };
export type SchedulerAt = At<SchedulerState>;

export const SCHEDULER: StateKey<SchedulerState> = {
  name: 'scheduler',
  scope: 'region',
  state: () => ({ schedules: new Map() }),
};
