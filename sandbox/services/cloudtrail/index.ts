/**
 * AWS CloudTrail: trails of accounts and of the organization. A multi-Region trail is a shadow trail outside its home
 * Region.
 */
import * as sdk from '@aws-sdk/client-cloudtrail';
import { defineService } from '../../kernel/kernel.ts';
import { cloudtrailComparison } from './comparison.ts';
import { insightOperations } from './insights.ts';
import { loggingOperations } from './logging.ts';
import { lookUpOperations } from './look-up.ts';
import { selectorOperations } from './selectors.ts';
import { CLOUDTRAIL, type CloudTrailState } from './state.ts';
import { trailOperations } from './trails.ts';

export const cloudtrail = defineService<typeof sdk, CloudTrailState>({
  ...CLOUDTRAIL,
  ...cloudtrailComparison,
  sdk,
  client: sdk.CloudTrailClient,
  prefix: 'cloudtrail',
  operations: {
    ...trailOperations,
    ...loggingOperations,
    ...selectorOperations,
    ...insightOperations,
    ...lookUpOperations,
  },
});
