import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { S3Client } from '@aws-sdk/client-s3';
import { defineScenarios } from '../../../contract/scenario.ts';
import {
  accountWithoutTrails,
  accountWithStoppedTrails,
  accountWithTrail,
  accountWithTrailBucket,
  NAMED_TRAIL_BUCKET,
  TRAIL_ALARM_CONTROLS,
  tagTrailsOfAccount,
} from '../account-trail-fixtures.ts';
import startTrail from './index.ts';

const MULTI_REGION = { IsMultiRegionTrail: true };

export default defineScenarios(startTrail, {
  clients: { cloudtrail: CloudTrailClient, s3: S3Client },
  faulty: accountWithStoppedTrails,
  fixedBefore: ['CloudTrail.1', 'S3.22', 'S3.23', ...TRAIL_ALARM_CONTROLS],
  tag: tagTrailsOfAccount,
  scenarios: {
    'its trail is stopped': { expected: 'FIXED' },
    'its trail of all Regions is stopped, and Terraform manages it': {
      arrange: accountWithTrail({
        settings: { ...MULTI_REGION, TagsList: [{ Key: 'ManagedBy', Value: 'terraform' }] },
        stopped: true,
      }),
      expected: 'FIXED',
    },
    'two trails are stopped, one of them of all Regions': {
      async arrange(clients, context) {
        await accountWithTrail({ name: 'a-region', stopped: true })(clients, context);
        return accountWithTrail({ name: 'regions', settings: MULTI_REGION, stopped: true })(clients, {
          ...context,
          name: `${context.name}-2`,
        });
      },
      expected: 'FIXED',
    },
    'it has no trail, and policy names a bucket': {
      params: NAMED_TRAIL_BUCKET,
      arrange: accountWithTrailBucket,
      expected: 'FIXED',
    },
    'it has no trail, and policy names no bucket': { arrange: accountWithoutTrails, expected: 'REFUSED' },
    'its trail logs, of one Region and write events alone': {
      arrange: accountWithTrail({ selectors: { EventSelectors: [{ ReadWriteType: 'WriteOnly' }] } }),
      expected: 'COMPLIANT',
    },
    'its trail logs, from its home in another Region': {
      arrange: accountWithTrail({ settings: MULTI_REGION, elsewhere: true }),
      expected: 'COMPLIANT',
    },
    'its trail of another Region covers that one': {
      params: NAMED_TRAIL_BUCKET,
      arrange: accountWithTrail({ elsewhere: true }),
      expected: 'REFUSED',
    },
    'its trail of all Regions is stopped, and at home in another one': {
      params: NAMED_TRAIL_BUCKET,
      arrange: accountWithTrail({ settings: MULTI_REGION, stopped: true, elsewhere: true }),
      expected: 'REFUSED',
    },
    'its trail belongs to Control Tower': {
      params: NAMED_TRAIL_BUCKET,
      arrange: accountWithTrail({ name: 'aws-controltower-BaselineCloudTrail', settings: MULTI_REGION, stopped: true }),
      expected: 'REFUSED',
    },
  },
});
