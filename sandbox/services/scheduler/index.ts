/**
 * Amazon EventBridge Scheduler: schedules from templates, without an API of its own.
 * Source: EventBridge Scheduler user guide ("Managing targets", "Dead-letter queue").
 */
import { defineService, type Service } from '../../kernel/kernel.ts';
import { schedulerResources } from './resources.ts';
import { SCHEDULER, type SchedulerState } from './state.ts';

export const scheduler: Service<{}, SchedulerState> = defineService<{}, SchedulerState>({
  ...SCHEDULER,
  sdk: {},
  client: class {},
  prefix: 'scheduler',
  denial: { code: 'AccessDeniedException', status: 403 },
  operations: {},
  resources: schedulerResources,
});
