import { generated } from '../../kernel/comparison.ts';
import { locateByName } from '../locate.ts';
import type { CloudWatchState } from './state.ts';

/** CloudWatch evaluates alarms by itself. */
const comparable = ({ alarms, ...state }: CloudWatchState): unknown => ({
  ...state,
  alarms: new Map(
    [...alarms].map(([name, { state: value, reason, updatedAt, ...alarm }]) => [
      name,
      { ...alarm, evaluation: generated({ value, reason, updatedAt }) },
    ]),
  ),
});

export const cloudwatchComparison = {
  comparable,
  locate: locateByName({ 'alarm:': 'alarms', 'dashboard/': 'dashboards' }),
};
