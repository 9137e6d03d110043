import type * as sdk from '@aws-sdk/client-cloudtrail';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { passRoleNeed } from '../iam/needs.ts';
import { organizationState } from '../organizations/look-up.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import { checkDelivery } from './delivery.ts';
import { hasCustomSelectors, MANAGEMENT_EVENTS } from './selectors.ts';
import {
  type CloudTrailAt,
  type CloudTrailOperations,
  changeableTrail,
  existingTrail,
  ownTrail,
  type Trail,
  trailArnOf,
  trailNeed,
  visibleTrails,
} from './state.ts';

const MAX_TRAILS_PER_REGION = 5;
const TRAILS_PER_PAGE = 20;
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
    needs: (input, at) => [trailNeed('CreateTrail', input.Name, at), ...roleNeeds(input)],
    run: (input, at) => {
      onlyMembers('CreateTrail', input, [...SETTINGS, 'TagsList']);
      return trailSettings(createTrail(input, at));
    },
  },
  UpdateTrail: {
    needs: (input, at) => [trailNeed('UpdateTrail', input.Name, at), ...roleNeeds(input)],
    run: (input, at) => {
      onlyMembers('UpdateTrail', input, SETTINGS);
      const trail = withSettings(changeableTrail(input.Name, at), input);
      checkTrail(trail, at);
      at.state.trails.set(trail.arn, trail);
      return trailSettings(trail);
    },
  },
  DeleteTrail: {
    needs: (input, at) => [trailNeed('DeleteTrail', input.Name, at)],
    run: (input, at) => {
      onlyMembers('DeleteTrail', input, ['Name']);
      at.state.trails.delete(changeableTrail(input.Name, at).arn);
      return {};
    },
  },
  GetTrail: {
    needs: (input, at) => [trailNeed('GetTrail', input.Name, at)],
    run: (input, at) => {
      onlyMembers('GetTrail', input, ['Name']);
      return { Trail: describeTrail(existingTrail(input.Name, at)) };
    },
  },
  DescribeTrails: {
    run: (input, at) => {
      onlyMembers('DescribeTrails', input, ['trailNameList', 'includeShadowTrails']);
      const names = input.trailNameList;
      // The response omits unknown trails; they are not an error.
      const requested = visibleTrails(at).filter(
        (trail) => !names?.length || names.some((name) => trailArnOf(name, at) === trail.arn),
      );
      const withShadows = input.includeShadowTrails ?? true;
      return {
        trailList: requested.filter((trail) => withShadows || trail.homeRegion === at.region).map(describeTrail),
      };
    },
  },
  ListTrails: {
    run: (input, at) => {
      onlyMembers('ListTrails', input, ['NextToken']);
      const trails = [...at.state.trails.values()].filter(
        (trail) => trail.account === at.account || trail.organization,
      );
      const page = pageOf(
        trails,
        input.NextToken,
        TRAILS_PER_PAGE,
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
    needs: (input, at) => [trailNeed('AddTags', input.ResourceId, at)],
    run: (input, at) => {
      onlyMembers('AddTags', input, ['ResourceId', 'TagsList']);
      const trail = taggedTrail(input.ResourceId, at);
      at.state.trails.set(trail.arn, { ...trail, tags: { ...trail.tags, ...tagsFrom(input.TagsList) } });
      return {};
    },
  },
  RemoveTags: {
    needs: (input, at) => [trailNeed('RemoveTags', input.ResourceId, at)],
    run: (input, at) => {
      onlyMembers('RemoveTags', input, ['ResourceId', 'TagsList']);
      const trail = taggedTrail(input.ResourceId, at);
      const removedKeys = new Set((input.TagsList ?? []).map((tag) => tag.Key));
      const tags = Object.fromEntries(Object.entries(trail.tags).filter(([key]) => !removedKeys.has(key)));
      at.state.trails.set(trail.arn, { ...trail, tags });
      return {};
    },
  },
  ListTags: {
    needs: (input, at) => (input.ResourceIdList ?? []).map((arn) => trailNeed('ListTags', arn, at)),
    run: (input, at) => {
      onlyMembers('ListTags', input, ['ResourceIdList', 'NextToken']);
      const ResourceTagList = (input.ResourceIdList ?? []).map((arn) => ({
        ResourceId: arn,
        TagsList: Object.entries(taggedTrail(arn, at).tags).map(([Key, Value]) => ({ Key, Value })),
      }));
      return { ResourceTagList };
    },
  },
};

const roleNeeds = ({ CloudWatchLogsRoleArn: role }: sdk.UpdateTrailRequest): Need[] =>
  role ? [passRoleNeed(role, 'cloudtrail.amazonaws.com')] : [];

function createTrail(input: sdk.CreateTrailRequest, at: CloudTrailAt): Trail {
  checkTrailName(input.Name ?? '');
  const ownTrails = [...at.state.trails.values()].filter((trail) => trail.account === at.account);
  const arn = trailArnOf(input.Name, at);
  if (at.state.trails.has(arn))
    throw new AwsError('TrailAlreadyExistsException', `Trail ${input.Name} already exists for customer: ${at.account}`);
  if (ownTrails.filter((trail) => trail.homeRegion === at.region).length >= MAX_TRAILS_PER_REGION)
    throw new AwsError(
      'MaximumNumberOfTrailsExceededException',
      `User: ${at.account} already has ${MAX_TRAILS_PER_REGION} trails in ${at.region}.`,
    );
  const defaults = {
    arn,
    name: input.Name!,
    account: at.account,
    homeRegion: at.region,
    bucket: '',
    globalEvents: true,
    multiRegion: false,
    organization: false,
    logFileValidation: false,
    selectors: MANAGEMENT_EVENTS,
    logging: false,
  };
  const trail = withSettings({ ...defaults, tags: tagsFrom(input.TagsList) }, input);
  checkTrail(trail, at);
  at.state.trails.set(arn, trail);
  return trail;
}

/** Absent settings stay; an empty string removes a setting. */
function withSettings(trail: Trail, input: sdk.UpdateTrailRequest): Trail {
  const optionalText = (requested: string | undefined, current: string | undefined) =>
    requested === undefined ? current : requested || undefined;
  return {
    ...trail,
    bucket: input.S3BucketName ?? trail.bucket,
    prefix: optionalText(input.S3KeyPrefix, trail.prefix),
    globalEvents: input.IncludeGlobalServiceEvents ?? trail.globalEvents,
    multiRegion: input.IsMultiRegionTrail ?? trail.multiRegion,
    organization: input.IsOrganizationTrail ?? trail.organization,
    logFileValidation: input.EnableLogFileValidation ?? trail.logFileValidation,
    kmsKeyId: optionalText(input.KmsKeyId, trail.kmsKeyId),
    logGroupArn: optionalText(input.CloudWatchLogsLogGroupArn, trail.logGroupArn),
    logRoleArn: optionalText(input.CloudWatchLogsRoleArn, trail.logRoleArn),
  };
}

function checkTrail(trail: Trail, at: CloudTrailAt): void {
  if (trail.multiRegion && !trail.globalEvents)
    throw new AwsError(
      'InvalidParameterCombinationException',
      'Multi-Region trail must include global service events.',
    );
  if (trail.organization) checkManagesOrganization(at);
  checkDelivery(trail, at.kernel, at);
}

function checkTrailName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/.test(name) || /[._-]{2}/.test(name))
    throw new AwsError(
      'InvalidTrailNameException',
      `Trail name must be 3 to 128 letters, digits, dots, dashes and underscores: ${name}`,
    );
}

function checkManagesOrganization(at: CloudTrailAt): void {
  const { organization, delegated } = organizationState(at.kernel);
  if (organization?.managementAccount === at.account || delegated.get('cloudtrail.amazonaws.com')?.has(at.account))
    return;
  throw new AwsError(
    'NotOrganizationMasterAccountException',
    'You cannot configure or manage trails for an organization because this action requires being signed in with the management account.',
  );
}

function taggedTrail(arn: string | undefined, at: CloudTrailAt): Trail {
  if (!arn?.startsWith('arn:')) throw new AwsError('CloudTrailARNInvalidException', `The ARN ${arn} is not valid.`);
  return ownTrail(arn, at);
}

const tagsFrom = (tags: readonly sdk.Tag[] | undefined) =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

const trailSettings = (trail: Trail) => ({
  Name: trail.name,
  TrailARN: trail.arn,
  S3BucketName: trail.bucket,
  S3KeyPrefix: trail.prefix,
  IncludeGlobalServiceEvents: trail.globalEvents,
  IsMultiRegionTrail: trail.multiRegion,
  IsOrganizationTrail: trail.organization,
  LogFileValidationEnabled: trail.logFileValidation,
  KmsKeyId: trail.kmsKeyId,
  CloudWatchLogsLogGroupArn: trail.logGroupArn,
  CloudWatchLogsRoleArn: trail.logRoleArn,
});

const describeTrail = (trail: Trail): sdk.Trail => ({
  ...trailSettings(trail),
  HomeRegion: trail.homeRegion,
  HasCustomEventSelectors: hasCustomSelectors(trail.selectors),
  HasInsightSelectors: false,
});
