import { CloudTrailClient, UpdateTrailCommand } from '@aws-sdk/client-cloudtrail';
import { S3Client } from '@aws-sdk/client-s3';
import { defineScenarios } from '../../../contract/scenario.ts';
import { anotherRegion, clientIn } from '../../kit/other-region.ts';
import { trail, trailResource } from '../../kit/trail-fixture.ts';
import { tagTrail } from '../fixtures.ts';
import { trailArn } from '../trail.ts';
import validateLogFiles from './index.ts';

export default defineScenarios(validateLogFiles, {
  clients: { cloudtrail: CloudTrailClient, s3: S3Client },
  faulty: ({ cloudtrail, s3 }, context) => trail(cloudtrail, s3, context),
  fault: ({ cloudtrail }, context) =>
    cloudtrail.send(new UpdateTrailCommand({ Name: trailArn(context), EnableLogFileValidation: false })),
  tag: tagTrail,
  scenarios: {
    'validation is off': { expected: 'FIXED' },
    'validation is off for all Regions, and Terraform manages the trail': {
      arrange: ({ cloudtrail, s3 }, context) =>
        trail(cloudtrail, s3, context, {
          IsMultiRegionTrail: true,
          TagsList: [{ Key: 'provisioner', Value: 'terraform' }],
        }),
      expected: 'FIXED',
    },
    'validation is on already': {
      arrange: ({ cloudtrail, s3 }, context) => trail(cloudtrail, s3, context, { EnableLogFileValidation: true }),
      expected: 'COMPLIANT',
    },
    'the trail is gone': {
      arrange: async (_, context) => trailResource(context),
      expected: 'COMPLIANT',
    },
    'the trail is at home in another Region': {
      arrange: ({ cloudtrail, s3 }, context) =>
        trail(clientIn(anotherRegion(context), cloudtrail), s3, context, { IsMultiRegionTrail: true }),
      expected: 'REFUSED',
    },
    'the trail is at home in another Region, and validated': {
      arrange: ({ cloudtrail, s3 }, context) =>
        trail(clientIn(anotherRegion(context), cloudtrail), s3, context, {
          IsMultiRegionTrail: true,
          EnableLogFileValidation: true,
        }),
      expected: 'COMPLIANT',
    },
  },
});
