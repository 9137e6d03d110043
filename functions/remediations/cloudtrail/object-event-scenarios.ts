/** The scenarios of every kind of data events of objects. */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { S3Client } from '@aws-sdk/client-s3';
import type { Remediation } from '../../contract/remediation.ts';
import { defineScenarios, type Scenarios } from '../../contract/scenario.ts';
import {
  accountWithoutDataEvents,
  accountWithoutTrails,
  accountWithTrail,
  type TrailSelectors,
  tagTrailsOfAccount,
} from './account-trail-fixtures.ts';
import type { ObjectDirection } from './object-events.ts';

const CLIENTS = { cloudtrail: CloudTrailClient, s3: S3Client };
const MULTI_REGION = { IsMultiRegionTrail: true };
const OBJECTS = 'AWS::S3::Object';

const withSelectors = (selectors: TrailSelectors, more: object = {}) =>
  accountWithTrail({ settings: { ...MULTI_REGION, ...more }, selectors });

const basic = (ReadWriteType: 'All' | 'ReadOnly' | 'WriteOnly', ...Values: string[]): TrailSelectors => ({
  EventSelectors: [{ ReadWriteType, DataResources: [{ Type: OBJECTS, Values }] }],
});

const advanced = (...fields: { Field: string; Equals?: string[]; StartsWith?: string[] }[]): TrailSelectors => ({
  AdvancedEventSelectors: [
    { Name: 'Management', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] },
    {
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: [OBJECTS] },
        ...fields,
      ],
    },
  ],
});

export const objectEventScenarios = (
  remediation: Remediation,
  { type, readOnly }: ObjectDirection,
  more: Scenarios<any, any, typeof CLIENTS>['scenarios'] = {},
) =>
  defineScenarios(remediation, {
    clients: CLIENTS,
    faulty: accountWithoutDataEvents,
    tag: tagTrailsOfAccount,
    scenarios: {
      'its trail logs write events of management alone': { expected: 'FIXED' },
      'its advanced selectors are about management alone, and Terraform manages the trail': {
        arrange: withSelectors(
          { AdvancedEventSelectors: advanced().AdvancedEventSelectors!.slice(0, 1) },
          { TagsList: [{ Key: 'terraform', Value: 'true' }] },
        ),
        expected: 'FIXED',
      },
      'it logs those of one bucket alone': {
        arrange: withSelectors(basic(type, 'arn:aws:s3:::reports/')),
        expected: 'FIXED',
      },
      'it logs those of the other direction': {
        arrange: withSelectors(basic(type === 'ReadOnly' ? 'WriteOnly' : 'ReadOnly', 'arn:aws:s3')),
        expected: 'FIXED',
      },
      'it logs them in all buckets already': {
        arrange: withSelectors(basic(type, 'arn:aws:s3')),
        expected: 'COMPLIANT',
      },
      'its advanced selectors log them already': {
        arrange: withSelectors(advanced({ Field: 'readOnly', Equals: [readOnly] })),
        expected: 'COMPLIANT',
      },
      'it logs both directions already': {
        arrange: withSelectors(basic('All', 'arn:aws:s3:::')),
        expected: 'COMPLIANT',
      },
      ...more,
    },
  });

/** Scenarios that are the same for both directions: one remediation has them. */
export const OBJECT_TRAIL_SCENARIOS: Scenarios<any, any, typeof CLIENTS>['scenarios'] = {
  'its advanced selectors log both directions already': { arrange: withSelectors(advanced()), expected: 'COMPLIANT' },
  'its advanced selectors leave out a bucket': {
    arrange: withSelectors(advanced({ Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::reports/'] })),
    expected: 'FIXED',
  },
  'its trail has five selectors': {
    arrange: withSelectors({
      EventSelectors: [1, 2, 3, 4, 5].map((n) => ({
        ReadWriteType: 'All',
        DataResources: [{ Type: OBJECTS, Values: [`arn:aws:s3:::reports-${n}/`] }],
      })),
    }),
    expected: 'REFUSED',
  },
  'it has no trail': { arrange: accountWithoutTrails, expected: 'REFUSED' },
  'its trail covers one Region': { arrange: accountWithTrail({}), expected: 'REFUSED' },
  'its trail is stopped': { arrange: accountWithTrail({ settings: MULTI_REGION, stopped: true }), expected: 'REFUSED' },
  'its trail is at home in another Region': {
    arrange: accountWithTrail({ settings: MULTI_REGION, elsewhere: true }),
    expected: 'REFUSED',
  },
  'its trail belongs to Control Tower': {
    arrange: accountWithTrail({ name: 'aws-controltower-BaselineCloudTrail', settings: MULTI_REGION }),
    expected: 'REFUSED',
  },
};
