/**
 * Trails of the whole organization, and who sees which.
 */
import type * as sdk from '@aws-sdk/client-cloudtrail';
import { type At, AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';

export type Trail = {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly homeRegion: string;
  readonly bucket: string;
  readonly prefix?: string;
  readonly globalEvents: boolean;
  readonly multiRegion: boolean;
  readonly organization: boolean;
  readonly validated: boolean;
  readonly kmsKeyId?: string;
  readonly logGroupArn?: string;
  readonly logRoleArn?: string;
  readonly logging: boolean;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly tags: Readonly<Record<string, string>>;
};

/** By ARN. */
export type CloudTrailState = { readonly trails: Map<string, Trail> };
export type CloudTrail = At<CloudTrailState>;
export type CloudTrailOperations = ServiceOperations<typeof sdk, CloudTrailState>;

export const initialState = (): CloudTrailState => ({ trails: new Map() });

/** A trail's ARN. A name stands for a trail of this account and Region; any other is named by its ARN. */
export const arnFor = (nameOrArn: string | undefined, at: CloudTrail): string =>
  nameOrArn?.startsWith('arn:')
    ? nameOrArn
    : `arn:${at.partition}:cloudtrail:${at.region}:${at.account}:trail/${nameOrArn ?? '*'}`;

export const needOnTrail = (action: string, nameOrArn: string | undefined, at: CloudTrail): Need => {
  const arn = arnFor(nameOrArn, at);
  return {
    action: `cloudtrail:${action}`,
    resource: arn,
    owner: at.account,
    resourceTags: at.state.trails.get(arn)?.tags ?? {},
  };
};

/** An account's own trails and the organization's, where they are at home or reach by being multi-Region. */
export const visible = ({ state, account, region }: CloudTrail): Trail[] =>
  [...state.trails.values()].filter(
    (trail) => (trail.account === account || trail.organization) && (trail.homeRegion === region || trail.multiRegion),
  );

/** @throws AwsError InvalidTrailNameException, TrailNotFoundException */
export function trailIn(nameOrArn: string | undefined, at: CloudTrail): Trail {
  if (!nameOrArn) throw new AwsError('InvalidTrailNameException', 'Trail name or ARN must be specified.');
  const arn = arnFor(nameOrArn, at);
  const trail = visible(at).find((one) => one.arn === arn);
  if (!trail) throw new AwsError('TrailNotFoundException', `Unknown trail: ${arn} for the user: ${at.account}`, 404);
  return trail;
}

/**
 * A trail that this account may change from this Region.
 * @throws AwsError CloudTrailARNInvalidException for an organization trail of another account, InvalidHomeRegionException for a shadow trail
 */
export function changeable(nameOrArn: string | undefined, at: CloudTrail): Trail {
  const trail = ownTrail(nameOrArn, at);
  if (trail.homeRegion === at.region) return trail;
  throw new AwsError(
    'InvalidHomeRegionException',
    `Trail ${trail.arn} can only be changed from its home Region ${trail.homeRegion}.`,
  );
}

/** @throws AwsError CloudTrailARNInvalidException for a trail of another account */
export function ownTrail(nameOrArn: string | undefined, at: CloudTrail): Trail {
  const trail = trailIn(nameOrArn, at);
  if (trail.account === at.account) return trail;
  throw new AwsError(
    'CloudTrailARNInvalidException',
    `AccountID in ARN is wrong, you can only access resources with AccountID ${at.account}.`,
  );
}
