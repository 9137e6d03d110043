/**
 * AWS CloudTrail: trails of an account and of the organization, seen in their home Region and, as shadows, elsewhere.
 */
import * as sdk from '@aws-sdk/client-cloudtrail';
import { defineService } from '../../kernel/kernel.ts';
import { loggingOperations } from './logging.ts';
import { type CloudTrailState, initialState } from './state.ts';
import { trailOperations } from './trails.ts';

export const cloudtrail = defineService<typeof sdk, CloudTrailState>({
  name: 'cloudtrail',
  sdk,
  client: sdk.CloudTrailClient,
  prefix: 'cloudtrail',
  scope: 'partition',
  state: initialState,
  operations: { ...trailOperations, ...loggingOperations },
});
