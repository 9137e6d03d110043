/** A trail by its ARN. The ARN has the trail's home Region and account, which may differ from those of the finding. */
import { type CloudTrailClient, DescribeTrailsCommand, ListTagsCommand, type Trail } from '@aws-sdk/client-cloudtrail';
import type { Place, ResourceTags } from '../../contract/remediation.ts';

/** The shape of a target, with the trail's own Region and account. */
export const ANY_TRAIL_ARN = 'arn:{partition}:cloudtrail:{home}:{owner}:trail/{trail}';
/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html */
export const TRAIL_FIELDS = {
  home: /[a-z]{2}(?:-[a-z]+){1,2}-\d{1,2}/,
  owner: /\d{12}/,
  trail: /[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]/,
};
/** The shape of a trail that can be changed: one of the finding's Region and account. */
export const OWN_TRAIL_ARN = 'arn:{partition}:cloudtrail:{region}:{account}:trail/{trail}';

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
  { TrailARN, IsOrganizationTrail, HomeRegion }: Trail,
  { region }: Pick<Place, 'region'>,
): string | undefined {
  if (IsOrganizationTrail) {
    const management = `the management account ${TrailARN?.split(':')[4]}`;
    return `it is a trail of the organization: change it in ${management} or from the delegated administrator`;
  }
  if (HomeRegion !== region)
    return `it is at home in ${HomeRegion} and can be changed only there: its finding of that Region is the one to fix`;
  return undefined;
}

export async function trailTags(cloudtrail: CloudTrailClient, arn: string): Promise<ResourceTags> {
  const { ResourceTagList = [] } = await cloudtrail.send(new ListTagsCommand({ ResourceIdList: [arn] }));
  const tags = ResourceTagList.flatMap(({ TagsList = [] }) => TagsList);
  return Object.fromEntries(tags.map(({ Key, Value = '' }) => [Key!, Value]));
}
