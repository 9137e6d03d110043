/**
 * Schedules come from templates; the API is not modelled.
 * Source: EventBridge Scheduler user guide ("Managing targets", "Dead-letter queue").
 */

import { wholeState } from '../../kernel/comparison.ts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { locateByName } from '../locate.ts';
import { schedulerResources } from './resources.ts';
import { SCHEDULER, type SchedulerState } from './state.ts';

export const scheduler: Service<{}, SchedulerState> = defineService<{}, SchedulerState>({
  ...SCHEDULER,
  sdk: {},
  client: class {},
  prefix: 'scheduler',
  comparable: wholeState,
  locate: locateByName({ 'schedule/default/': 'schedules' }),
  denial: { code: 'AccessDeniedException', status: 403 },
  operations: {},
  resources: schedulerResources,
});
