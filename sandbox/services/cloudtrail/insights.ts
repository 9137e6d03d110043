import { AwsError } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { type CloudTrailOperations, existingTrail, trailNeed } from './state.ts';

/** Insights, which no trail can have here. */
export const insightOperations: CloudTrailOperations = {
  GetInsightSelectors: {
    needs: (input, at) => [trailNeed('GetInsightSelectors', input.TrailName, at)],
    run: (input, at) => {
      onlyMembers('GetInsightSelectors', input, ['TrailName']);
      const { name } = existingTrail(input.TrailName, at);
      throw new AwsError('InsightNotEnabledException', `Trail ${name} does not have Insights enabled.`);
    },
  },
};
