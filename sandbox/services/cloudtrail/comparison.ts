import { generated } from '../../kernel/comparison.ts';
import { locateByArn } from '../locate.ts';
import type { CloudTrailState } from './state.ts';

/** Switching logging gives new start and stop times. */
const comparable = ({ trails, ...state }: CloudTrailState): unknown => ({
  ...state,
  trails: new Map(
    [...trails].map(([arn, { startedAt, stoppedAt, ...trail }]) => [
      arn,
      { ...trail, startedAt: generated(startedAt), stoppedAt: generated(stoppedAt) },
    ]),
  ),
});

export const cloudtrailComparison = { comparable, locate: locateByArn({ 'trail/': 'trails' }) };
