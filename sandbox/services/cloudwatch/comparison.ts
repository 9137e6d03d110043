import { generated } from '../../kernel/comparison.ts';
import { locateByName } from '../locate.ts';
import type { CloudWatchState } from './state.ts';

/** CloudWatch evaluates alarms by itself, and keeps their history. */
const comparable = ({ alarms, dashboards, history: _, ...state }: CloudWatchState): unknown => ({
  ...state,
  alarms: new Map(
    [...alarms].map(([name, { state: value, reason, reasonData, updatedAt, ...alarm }]) => [
      name,
      { ...alarm, evaluation: generated({ value, reason, reasonData, updatedAt }) },
    ]),
  ),
  dashboards: new Map(
    [...dashboards].map(([name, { body, modifiedAt }]) => [name, { body, modifiedAt: generated(modifiedAt) }]),
  ),
});

export const cloudwatchComparison = {
  comparable,
  locate: locateByName({ 'alarm:': 'alarms', 'dashboard/': 'dashboards' }),
};
