import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { S3Client } from '@aws-sdk/client-s3';
import { defineScenarios } from '../../../contract/scenario.ts';
import {
  accountWithoutTrails,
  accountWithTrail,
  accountWithTrailBucket,
  accountWithWritesAlone,
  NAMED_TRAIL_BUCKET,
  TRAIL_ALARM_CONTROLS,
  tagTrailsOfAccount,
} from '../account-trail-fixtures.ts';
import logManagementEvents from './index.ts';

const CLIENTS = { cloudtrail: CloudTrailClient, s3: S3Client };
const MULTI_REGION = { IsMultiRegionTrail: true };
const BUCKET = { Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::reports/'] };
const OBJECTS_OF_REPORTS = [
  { Field: 'eventCategory', Equals: ['Data'] },
  { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
  { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::reports/'] },
];
const FIVE_SELECTORS = [1, 2, 3, 4, 5].map((n) => ({
  ReadWriteType: 'WriteOnly' as const,
  IncludeManagementEvents: false,
  DataResources: [{ ...BUCKET, Values: [`arn:aws:s3:::reports-${n}/`] }],
}));

export default defineScenarios(logManagementEvents, {
  clients: CLIENTS,
  faulty: accountWithWritesAlone,
  fixedBefore: TRAIL_ALARM_CONTROLS,
  tag: tagTrailsOfAccount,
  scenarios: {
    'its trail covers one Region, and logs write events alone': { expected: 'FIXED' },
    'its trail covers one Region': { arrange: accountWithTrail({}), expected: 'FIXED' },
    'its trail covers one Region without global events, and Terraform manages it': {
      arrange: accountWithTrail({
        settings: { IncludeGlobalServiceEvents: false, TagsList: [{ Key: 'ManagedBy', Value: 'terraform' }] },
      }),
      expected: 'FIXED',
    },
    'its trail of all Regions is stopped': {
      arrange: accountWithTrail({ settings: MULTI_REGION, stopped: true }),
      expected: 'FIXED',
    },
    'its trail logs write events alone': {
      arrange: accountWithTrail({
        settings: MULTI_REGION,
        selectors: { EventSelectors: [{ ReadWriteType: 'WriteOnly', DataResources: [BUCKET] }] },
      }),
      expected: 'FIXED',
    },
    'its trail leaves out the events of KMS, and logs data events': {
      arrange: accountWithTrail({
        settings: MULTI_REGION,
        selectors: {
          EventSelectors: [{ ExcludeManagementEventSources: ['kms.amazonaws.com'], DataResources: [BUCKET] }],
        },
      }),
      expected: 'FIXED',
    },
    'its advanced selectors leave out the events of RDS Data, and log data events': {
      arrange: accountWithTrail({
        settings: MULTI_REGION,
        selectors: {
          AdvancedEventSelectors: [
            {
              FieldSelectors: [
                { Field: 'eventCategory', Equals: ['Management'] },
                { Field: 'eventSource', NotEquals: ['rdsdata.amazonaws.com'] },
              ],
            },
            { Name: 'reports', FieldSelectors: OBJECTS_OF_REPORTS },
          ],
        },
      }),
      expected: 'FIXED',
    },
    'its trail has five selectors, of data events': {
      arrange: accountWithTrail({ settings: MULTI_REGION, selectors: { EventSelectors: FIVE_SELECTORS } }),
      expected: 'REFUSED',
    },
    'it has no trail, and policy names a bucket': {
      params: NAMED_TRAIL_BUCKET,
      arrange: accountWithTrailBucket,
      expected: 'FIXED',
    },
    'it has no trail, and policy names no bucket': {
      arrange: accountWithoutTrails,
      expected: 'REFUSED',
    },
    'its trail logs everything already': {
      arrange: accountWithTrail({ settings: MULTI_REGION }),
      expected: 'COMPLIANT',
    },
    'its trail logs everything already, from its home in another Region': {
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
