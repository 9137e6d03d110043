import type * as sdk from '@aws-sdk/client-cloudtrail';
import { type At, AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

/** Basic or advanced ones. */
export type EventSelectors =
  | { readonly EventSelectors: sdk.EventSelector[] }
  | { readonly AdvancedEventSelectors: sdk.AdvancedEventSelector[] };

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
  readonly logFileValidation: boolean;
  readonly kmsKeyId?: string;
  readonly logGroupArn?: string;
  readonly logRoleArn?: string;
  readonly selectors: EventSelectors;
  readonly logging: boolean;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
  readonly tags: Readonly<Record<string, string>>;
};

export type CloudTrailState = { readonly trails: Map<string, Trail> };
export type CloudTrailAt = At<CloudTrailState>;
export type CloudTrailOperations = ServiceOperations<typeof sdk, CloudTrailState>;

/** An organization's trail is visible in every account, so all accounts share one state. */
export const CLOUDTRAIL: StateKey<CloudTrailState> = {
  name: 'cloudtrail',
  scope: 'partition',
  state: () => ({ trails: new Map() }),
};

/** Returns the ARN of a trail. A name means a trail of this account and Region. */
export const trailArnOf = (nameOrArn: string | undefined, at: CloudTrailAt): string =>
  nameOrArn?.startsWith('arn:')
    ? nameOrArn
    : `arn:${at.partition}:cloudtrail:${at.region}:${at.account}:trail/${nameOrArn ?? '*'}`;

export const trailNeed = (action: string, nameOrArn: string | undefined, at: CloudTrailAt): Need => {
  const arn = trailArnOf(nameOrArn, at);
  return {
    action: `cloudtrail:${action}`,
    resource: arn,
    owner: at.account,
    resourceTags: at.state.trails.get(arn)?.tags ?? {},
  };
};

/** Returns trails of the account and its organization: in their home Region, multi-Region trails in every Region. */
export const visibleTrails = ({ state, account, region }: CloudTrailAt): Trail[] =>
  [...state.trails.values()].filter(
    (trail) => (trail.account === account || trail.organization) && (trail.homeRegion === region || trail.multiRegion),
  );

const TRAIL_ARN = /^arn:[\w-]+:cloudtrail:[a-z0-9-]+:\d{12}:trail\/[A-Za-z0-9][A-Za-z0-9._-]{1,126}[A-Za-z0-9]$/;

const malformedTrail = (nameOrArn: string) =>
  nameOrArn.startsWith('arn:')
    ? new AwsError('CloudTrailARNInvalidException', `Invalid trail ARN: ${nameOrArn}`)
    : new AwsError(
        'InvalidTrailNameException',
        `Trail name ${nameOrArn} must start and end with a letter or number, have 3 to 128 characters, and contain only letters, numbers, periods, underscores and dashes.`,
      );

export function existingTrail(nameOrArn: string | undefined, at: CloudTrailAt): Trail {
  if (!nameOrArn) throw new AwsError('InvalidTrailNameException', 'Trail name or ARN must be specified.');
  const arn = trailArnOf(nameOrArn, at);
  if (!TRAIL_ARN.test(arn)) throw malformedTrail(nameOrArn);
  const trail = visibleTrails(at).find((candidate) => candidate.arn === arn);
  if (!trail) throw new AwsError('TrailNotFoundException', `Unknown trail: ${arn} for the user: ${at.account}`, 404);
  return trail;
}

/**
 * Returns a trail that this account can change from this Region.
 * @throws AwsError CloudTrailARNInvalidException for an organization trail of another account,
 * InvalidHomeRegionException for a shadow trail
 */
export function changeableTrail(nameOrArn: string | undefined, at: CloudTrailAt): Trail {
  const trail = ownTrail(nameOrArn, at);
  if (trail.homeRegion === at.region) return trail;
  throw new AwsError(
    'InvalidHomeRegionException',
    `Trail ${trail.arn} can only be changed from its home Region ${trail.homeRegion}.`,
  );
}

/** @throws AwsError CloudTrailARNInvalidException for a trail of another account */
export function ownTrail(nameOrArn: string | undefined, at: CloudTrailAt): Trail {
  const trail = existingTrail(nameOrArn, at);
  if (trail.account === at.account) return trail;
  throw new AwsError(
    'CloudTrailARNInvalidException',
    `AccountID in ARN is wrong, you can only access resources with AccountID ${at.account}.`,
  );
}
