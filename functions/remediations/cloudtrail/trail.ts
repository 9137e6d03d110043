/** A trail by its ARN. The ARN has the trail's home Region and account, which may differ from those of the finding. */
import {
  type CloudTrailClient,
  DescribeTrailsCommand,
  ListTagsCommand,
  type Trail,
  UpdateTrailCommand,
  type UpdateTrailCommandInput,
} from '@aws-sdk/client-cloudtrail';
import * as z from 'zod';
import { arn, type Place, type Refusal, type ResourceTags, refused } from '../../contract/remediation.ts';
import { controlTowerObstacle } from '../kit/control-tower.ts';
import { declaredChange } from '../kit/owner-language.ts';
import { deliveryRefusal } from './delivery-refusal.ts';

/** The target of a trail of any account and Region. */
export const trailTarget = arn('AwsCloudTrailTrail', 'arn:{partition}:cloudtrail:{home}:{owner}:trail/{trail}', {
  home: /[a-z]{2}(?:-[a-z]+){1,2}-\d{1,2}/,
  owner: /\d{12}/,
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
  trail: /(?=.{3,128}$)(?!(?:\d{1,3}\.){3}\d{1,3}$)[A-Za-z0-9](?:[._-]?[A-Za-z0-9])*/,
});
/** The shape of a trail that can be changed: one of the finding's Region and account. */
export const OWN_TRAIL_ARN = 'arn:{partition}:cloudtrail:{region}:{account}:trail/{trail}';

export const TRAIL_READS = [
  {
    actions: ['cloudtrail:DescribeTrails'],
    resources: ['*'],
    because: 'takes no resource; returns trails of other Regions and of the organization too',
  },
  {
    actions: ['cloudtrail:ListTags'],
    resources: [OWN_TRAIL_ARN],
    because: 'whether a stack or Terraform manages the trail',
  },
] as const;

/** Returns the permission to change a trail. */
export const updatesTrail = (because: string) =>
  ({ actions: ['cloudtrail:UpdateTrail'], resources: [OWN_TRAIL_ARN], because }) as const;

const TEXT = { type: z.string().nullable(), default: null };
const LIST = { type: z.array(z.unknown()), default: [] };
const SWITCH = { type: z.boolean(), default: false };

/** A trail in the language of its owner. */
export const TRAIL_WORDS = {
  cloudFormation: 'AWS::CloudTrail::Trail',
  terraform: 'aws_cloudtrail',
  attributes: {
    LogFileValidationEnabled: {
      ...SWITCH,
      cloudFormation: 'EnableLogFileValidation',
      terraform: 'enable_log_file_validation',
    },
    KmsKeyId: { ...TEXT, cloudFormation: 'KMSKeyId', terraform: 'kms_key_id' },
    CloudWatchLogsLogGroupArn: { ...TEXT, terraform: 'cloud_watch_logs_group_arn' },
    CloudWatchLogsRoleArn: { ...TEXT, terraform: 'cloud_watch_logs_role_arn' },
    IsMultiRegionTrail: { ...SWITCH, terraform: 'is_multi_region_trail' },
    IncludeGlobalServiceEvents: { ...SWITCH, terraform: 'include_global_service_events' },
    IsLogging: { ...SWITCH, terraform: 'enable_logging' },
    EventSelectors: { ...LIST, terraform: 'event_selector', terraformKeys: { DataResources: 'data_resource' } },
    AdvancedEventSelectors: {
      ...LIST,
      terraform: 'advanced_event_selector',
      terraformKeys: { FieldSelectors: 'field_selector' },
    },
  },
} as const;

type TrailAttributes = { readonly [K in keyof typeof TRAIL_WORDS.attributes]?: unknown };

/** Returns what the owner of a trail writes for these values. */
export const declaredTrail = (values: TrailAttributes) => declaredChange(TRAIL_WORDS, values);

type TrailTarget = Pick<Place, 'partition'> & {
  readonly target: { readonly home: string; readonly owner: string; readonly trail: string };
};

export const trailArn = ({ partition, target: { home, owner, trail } }: TrailTarget): string =>
  `arn:${partition}:cloudtrail:${home}:${owner}:trail/${trail}`;

/**
 * Finds the trail, also as a shadow trail of another Region or of the organization. Returns undefined if it is gone.
 */
export async function findTrail(cloudtrail: CloudTrailClient, arn: string): Promise<Trail | undefined> {
  const { trailList = [] } = await cloudtrail.send(
    new DescribeTrailsCommand({ trailNameList: [arn], includeShadowTrails: true }),
  );
  return trailList.find(({ TrailARN }) => TrailARN === arn);
}

/** Returns why the trail cannot be changed from this account and Region, or undefined if it can. */
export function trailObstacle(
  { TrailARN, Name = '', IsOrganizationTrail, HomeRegion }: Trail,
  { region }: Pick<Place, 'region'>,
): string | undefined {
  if (IsOrganizationTrail) {
    const management = `the management account ${TrailARN?.split(':')[4]}`;
    return `it is a trail of the organization: change it in ${management} or from the delegated administrator`;
  }
  if (HomeRegion !== region)
    return `it is at home in ${HomeRegion} and can be changed only there: its finding of that Region is the one to fix`;
  return controlTowerObstacle(Name);
}

type TrailContext = TrailTarget & Place & { readonly cloudtrail: CloudTrailClient };

/** Returns a refusal if the trail cannot be changed from this account and Region. */
export async function trailObjection({ cloudtrail, ...context }: TrailContext): Promise<Refusal | undefined> {
  const trail = await findTrail(cloudtrail, trailArn(context));
  const obstacle = trail && trailObstacle(trail, context);
  return obstacle === undefined ? undefined : refused(obstacle);
}

/**
 * Changes these settings and keeps those that the request omits. Returns a refusal if CloudTrail may not deliver with
 * them: it checks bucket, key and log group with every change.
 */
export async function updateTrail(
  { cloudtrail, ...context }: TrailContext,
  settings: Omit<UpdateTrailCommandInput, 'Name'>,
): Promise<Refusal | undefined> {
  return deliveryRefusal(cloudtrail.send(new UpdateTrailCommand({ Name: trailArn(context), ...settings })));
}

export async function trailTags(cloudtrail: CloudTrailClient, arn: string): Promise<ResourceTags> {
  const { ResourceTagList = [] } = await cloudtrail.send(new ListTagsCommand({ ResourceIdList: [arn] }));
  const tags = ResourceTagList.flatMap(({ TagsList = [] }) => TagsList);
  return Object.fromEntries(tags.map(({ Key, Value = '' }) => [Key!, Value]));
}
