/** One trail by its ARN: its home Region and its account are part of it, and need not be where a finding comes from. */
import { type CloudTrailClient, DescribeTrailsCommand, ListTagsCommand, type Trail } from '@aws-sdk/client-cloudtrail';
import type { Place, ResourceTags } from '../../contract/remediation.ts';

/** In the shape of a target: the trail's own Region and account. */
export const ANY_TRAIL = 'arn:{partition}:cloudtrail:{home}:{owner}:trail/{trail}';
/** In the shape of what may be changed: a trail of this Region and account. */
export const OWN_TRAIL = 'arn:{partition}:cloudtrail:{region}:{account}:trail/{trail}';

type Named = Pick<Place, 'partition'> & {
  readonly target: { readonly home: string; readonly owner: string; readonly trail: string };
};

export const trailArn = ({ partition, target: { home, owner, trail } }: Named): string =>
  `arn:${partition}:cloudtrail:${home}:${owner}:trail/${trail}`;

/** Shadows of trails in other Regions and of the organization's count too; undefined when the trail is gone. */
export async function trailNamed(cloudtrail: CloudTrailClient, arn: string): Promise<Trail | undefined> {
  const { trailList = [] } = await cloudtrail.send(
    new DescribeTrailsCommand({ trailNameList: [arn], includeShadowTrails: true }),
  );
  return trailList.find(({ TrailARN }) => TrailARN === arn);
}

/** Why a trail cannot be changed from this account and Region; undefined where it can. */
export function hindranceOf(
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
