/** Trails for scenarios of settings, created as an administrator of the account. */
import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { S3Client } from '@aws-sdk/client-s3';
import type { Clients, ResourceTags } from '../../contract/remediation.ts';
import { anotherRegion, clientIn } from '../kit/other-region.ts';
import { type FixtureContext, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { trail } from '../kit/trail-fixture.ts';
import { tagTrail } from './fixtures.ts';
import { cloudTrailTrail } from './own-trail.ts';
import { trailTarget } from './trail.ts';

const CLIENTS = { cloudtrail: CloudTrailClient, s3: S3Client };

type TrailTarget = { readonly home: string; readonly owner: string; readonly trail: string };
type TrailValues = { readonly LogFileValidationEnabled: boolean };

/** Creates a trail at home in the Region of the CloudTrail client. */
async function createTrail(
  { cloudtrail, s3 }: Clients<typeof CLIENTS>,
  context: FixtureContext<TrailTarget>,
  { LogFileValidationEnabled: EnableLogFileValidation }: Partial<TrailValues>,
  tags: ResourceTags,
  IsMultiRegionTrail = false,
) {
  const settings = { EnableLogFileValidation, IsMultiRegionTrail, TagsList: listOfTags(tags) };
  return trailTarget.parse(await trail(cloudtrail, s3, context, settings));
}

const createElsewhere: typeof createTrail = ({ cloudtrail, s3 }, context, values, tags) =>
  createTrail({ cloudtrail: clientIn(anotherRegion(context), cloudtrail), s3 }, context, values, tags, true);

export const trails = resourceFixture(cloudTrailTrail, {
  clients: CLIENTS,
  absent: ({ region, account }) => ({ home: region, owner: account, trail: 'gone' }),
  create: createTrail,
  tag: tagTrail,
  situations: {
    'it logs all Regions': { expected: 'FIXED', create: (...of) => createTrail(...of, true) },
    'it is at home in another Region': { expected: 'REFUSED', create: createElsewhere },
    'it is at home in another Region, and right': { expected: 'COMPLIANT', values: 'right', create: createElsewhere },
  },
});
