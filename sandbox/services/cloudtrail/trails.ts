/**
 * Trails: made, looked at, changed, tagged, deleted.
 */
import type * as sdk from '@aws-sdk/client-cloudtrail';
import { AwsError } from '../../kernel/kernel.ts';
import { organizationOf } from '../organizations/index.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import { checkDelivery } from './delivery.ts';
import {
  arnFor,
  type CloudTrail,
  type CloudTrailOperations,
  changeable,
  needOnTrail,
  ownTrail,
  type Trail,
  trailIn,
  visible,
} from './state.ts';

const TRAILS_A_REGION = 5;
const TRAILS_A_PAGE = 20;
const SETTINGS = [
  'Name',
  'S3BucketName',
  'S3KeyPrefix',
  'IncludeGlobalServiceEvents',
  'IsMultiRegionTrail',
  'EnableLogFileValidation',
  'CloudWatchLogsLogGroupArn',
  'CloudWatchLogsRoleArn',
  'KmsKeyId',
  'IsOrganizationTrail',
] as const;

export const trailOperations: CloudTrailOperations = {
  CreateTrail: {
    needs: (input, at) => [needOnTrail('CreateTrail', input.Name, at)],
    run: (input, at) => {
      onlyMembers('CreateTrail', input, [...SETTINGS, 'TagsList']);
      checkName(input.Name ?? '');
      const own = [...at.state.trails.values()].filter((trail) => trail.account === at.account);
      const arn = arnFor(input.Name, at);
      if (at.state.trails.has(arn))
        throw new AwsError(
          'TrailAlreadyExistsException',
          `Trail ${input.Name} already exists for customer: ${at.account}`,
        );
      if (own.filter((trail) => trail.homeRegion === at.region).length >= TRAILS_A_REGION) {
        throw new AwsError(
          'MaximumNumberOfTrailsExceededException',
          `User: ${at.account} already has ${TRAILS_A_REGION} trails in ${at.region}.`,
        );
      }
      const blank = {
        arn,
        name: input.Name!,
        account: at.account,
        homeRegion: at.region,
        bucket: '',
        globalEvents: true,
        multiRegion: false,
        organization: false,
        validated: false,
        logging: false,
      };
      const trail = changed({ ...blank, tags: tagsFrom(input.TagsList) }, input);
      check(trail, at);
      at.state.trails.set(arn, trail);
      return answer(trail);
    },
  },
  UpdateTrail: {
    needs: (input, at) => [needOnTrail('UpdateTrail', input.Name, at)],
    run: (input, at) => {
      onlyMembers('UpdateTrail', input, SETTINGS);
      const trail = changed(changeable(input.Name, at), input);
      check(trail, at);
      at.state.trails.set(trail.arn, trail);
      return answer(trail);
    },
  },
  DeleteTrail: {
    needs: (input, at) => [needOnTrail('DeleteTrail', input.Name, at)],
    run: (input, at) => {
      onlyMembers('DeleteTrail', input, ['Name']);
      at.state.trails.delete(changeable(input.Name, at).arn);
      return {};
    },
  },
  GetTrail: {
    needs: (input, at) => [needOnTrail('GetTrail', input.Name, at)],
    run: (input, at) => {
      onlyMembers('GetTrail', input, ['Name']);
      return { Trail: shown(trailIn(input.Name, at)) };
    },
  },
  DescribeTrails: {
    run: (input, at) => {
      onlyMembers('DescribeTrails', input, ['trailNameList', 'includeShadowTrails']);
      const names = input.trailNameList;
      // Trails that are asked for and not there are left out, not an error.
      const asked = visible(at).filter(
        (trail) => !names?.length || names.some((name) => arnFor(name, at) === trail.arn),
      );
      const withShadows = input.includeShadowTrails ?? true;
      return { trailList: asked.filter((trail) => withShadows || trail.homeRegion === at.region).map(shown) };
    },
  },
  ListTrails: {
    run: (input, at) => {
      onlyMembers('ListTrails', input, ['NextToken']);
      const mine = [...at.state.trails.values()].filter((trail) => trail.account === at.account || trail.organization);
      const page = pageOf(
        mine,
        input.NextToken,
        TRAILS_A_PAGE,
        () => new AwsError('InvalidNextTokenException', 'Invalid token'),
      );
      const Trails = page.items.map((trail) => ({
        TrailARN: trail.arn,
        Name: trail.name,
        HomeRegion: trail.homeRegion,
      }));
      return { Trails, NextToken: page.nextToken };
    },
  },
  AddTags: {
    needs: (input, at) => [needOnTrail('AddTags', input.ResourceId, at)],
    run: (input, at) => {
      onlyMembers('AddTags', input, ['ResourceId', 'TagsList']);
      const trail = tagged(input.ResourceId, at);
      at.state.trails.set(trail.arn, { ...trail, tags: { ...trail.tags, ...tagsFrom(input.TagsList) } });
      return {};
    },
  },
  RemoveTags: {
    needs: (input, at) => [needOnTrail('RemoveTags', input.ResourceId, at)],
    run: (input, at) => {
      onlyMembers('RemoveTags', input, ['ResourceId', 'TagsList']);
      const trail = tagged(input.ResourceId, at);
      const gone = new Set((input.TagsList ?? []).map((tag) => tag.Key));
      const tags = Object.fromEntries(Object.entries(trail.tags).filter(([key]) => !gone.has(key)));
      at.state.trails.set(trail.arn, { ...trail, tags });
      return {};
    },
  },
  ListTags: {
    needs: (input, at) => (input.ResourceIdList ?? []).map((arn) => needOnTrail('ListTags', arn, at)),
    run: (input, at) => {
      onlyMembers('ListTags', input, ['ResourceIdList', 'NextToken']);
      const ResourceTagList = (input.ResourceIdList ?? []).map((arn) => ({
        ResourceId: arn,
        TagsList: Object.entries(tagged(arn, at).tags).map(([Key, Value]) => ({ Key, Value })),
      }));
      return { ResourceTagList };
    },
  },
};

/** Which of a trail's settings a request changes; what it leaves out stays, an empty text takes away. */
function changed(trail: Trail, input: sdk.UpdateTrailRequest): Trail {
  const text = (given: string | undefined, old: string | undefined) => (given === undefined ? old : given || undefined);
  return {
    ...trail,
    bucket: input.S3BucketName ?? trail.bucket,
    prefix: text(input.S3KeyPrefix, trail.prefix),
    globalEvents: input.IncludeGlobalServiceEvents ?? trail.globalEvents,
    multiRegion: input.IsMultiRegionTrail ?? trail.multiRegion,
    organization: input.IsOrganizationTrail ?? trail.organization,
    validated: input.EnableLogFileValidation ?? trail.validated,
    kmsKeyId: text(input.KmsKeyId, trail.kmsKeyId),
    logGroupArn: text(input.CloudWatchLogsLogGroupArn, trail.logGroupArn),
    logRoleArn: text(input.CloudWatchLogsRoleArn, trail.logRoleArn),
  };
}

function check(trail: Trail, at: CloudTrail): void {
  if (trail.multiRegion && !trail.globalEvents) {
    throw new AwsError(
      'InvalidParameterCombinationException',
      'Multi-Region trail must include global service events.',
    );
  }
  if (trail.organization) mustManageOrganization(at);
  checkDelivery(trail, at.kernel, at);
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/.test(name) || /[._-]{2}/.test(name)) {
    throw new AwsError(
      'InvalidTrailNameException',
      `Trail name must be 3 to 128 letters, digits, dots, dashes and underscores: ${name}`,
    );
  }
}

function mustManageOrganization(at: CloudTrail): void {
  const { organization, delegated } = organizationOf(at.kernel);
  if (organization?.managementAccount === at.account || delegated.get('cloudtrail.amazonaws.com')?.has(at.account))
    return;
  throw new AwsError(
    'NotOrganizationMasterAccountException',
    'You cannot configure or manage trails for an organization because this action requires being signed in with the management account.',
  );
}

/** Tags are named by ARN alone. */
function tagged(arn: string | undefined, at: CloudTrail): Trail {
  if (!arn?.startsWith('arn:')) throw new AwsError('CloudTrailARNInvalidException', `The ARN ${arn} is not valid.`);
  return ownTrail(arn, at);
}

const tagsFrom = (tags: readonly sdk.Tag[] | undefined) =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

const answer = (trail: Trail) => ({
  Name: trail.name,
  TrailARN: trail.arn,
  S3BucketName: trail.bucket,
  S3KeyPrefix: trail.prefix,
  IncludeGlobalServiceEvents: trail.globalEvents,
  IsMultiRegionTrail: trail.multiRegion,
  IsOrganizationTrail: trail.organization,
  LogFileValidationEnabled: trail.validated,
  KmsKeyId: trail.kmsKeyId,
  CloudWatchLogsLogGroupArn: trail.logGroupArn,
  CloudWatchLogsRoleArn: trail.logRoleArn,
});

const shown = (trail: Trail): sdk.Trail => ({
  ...answer(trail),
  HomeRegion: trail.homeRegion,
  HasCustomEventSelectors: false,
  HasInsightSelectors: false,
});
