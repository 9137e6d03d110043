/** Accounts with trails for scenarios, made as an administrator of the account. */
import {
  AddTagsCommand,
  type CloudTrailClient,
  type CreateTrailCommandInput,
  DeleteTrailCommand,
  DescribeTrailsCommand,
  ListTrailsCommand,
  PutEventSelectorsCommand,
  type PutEventSelectorsCommandInput,
  StartLoggingCommand,
  StopLoggingCommand,
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AddTags, Arrange } from '../../contract/scenario.ts';
import { accountResource } from '../kit/account.ts';
import { anotherRegion, clientIn } from '../kit/other-region.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { createTrailBucket, trail } from '../kit/trail-fixture.ts';

type TrailClients = { readonly cloudtrail: CloudTrailClient; readonly s3: S3Client };
export type TrailSelectors = Omit<PutEventSelectorsCommandInput, 'TrailName'>;

type WantedTrail = {
  readonly name?: string;
  readonly settings?: Partial<CreateTrailCommandInput>;
  readonly selectors?: TrailSelectors;
  readonly stopped?: true;
  readonly elsewhere?: true;
};

/** A fault of CloudTrail.1, S3.22 and S3.23. */
const WRITES_OF_MANAGEMENT: TrailSelectors = {
  EventSelectors: [{ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true }],
};

/** Returns a step that makes an account with a trail. */
export const accountWithTrail =
  ({ name, settings, selectors, stopped, elsewhere }: WantedTrail): Arrange<TrailClients, any> =>
  async (clients, context) => {
    const cloudtrail = elsewhere ? clientIn(anotherRegion(context), clients.cloudtrail) : clients.cloudtrail;
    const named = name === undefined ? context : { ...context, target: { trail: name } };
    const { Id: Name } = await trail(cloudtrail, clients.s3, { ...named, name: context.name }, settings);
    if (selectors) await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: Name, ...selectors }));
    if (!stopped) await cloudtrail.send(new StartLoggingCommand({ Name }));
    return accountResource(context);
  };

/**
 * Returns a step that changes each trail at home in the Region, and creates one only if there is none: a Region takes
 * five trails at most.
 */
const withEachTrail =
  (
    change: (Name: string, cloudtrail: CloudTrailClient) => Promise<unknown>,
    created: WantedTrail,
  ): Arrange<TrailClients, any> =>
  async (clients, context) => {
    const { cloudtrail } = clients;
    const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
    for (const { TrailARN } of trailList) await change(TrailARN!, cloudtrail);
    return trailList.length > 0 ? accountResource(context) : accountWithTrail(created)(clients, context);
  };

/** Makes an account whose trails log write events of management alone: a fault of CloudTrail.1. */
export const accountWithWritesAlone = withEachTrail(
  async (Name, cloudtrail) => {
    await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: Name, ...WRITES_OF_MANAGEMENT }));
    await cloudtrail.send(new StartLoggingCommand({ Name }));
  },
  { selectors: WRITES_OF_MANAGEMENT },
);

/** Makes an account whose trails of all Regions log no data events: a fault of S3.22 and S3.23. */
export const accountWithoutDataEvents = withEachTrail(
  async (Name, cloudtrail) => {
    await cloudtrail.send(new UpdateTrailCommand({ Name, IsMultiRegionTrail: true }));
    await cloudtrail.send(new StartLoggingCommand({ Name }));
  },
  { settings: { IsMultiRegionTrail: true }, selectors: WRITES_OF_MANAGEMENT },
);

/** Makes an account whose trails at home in the Region are stopped: a fault of CloudTrail.3. */
export const accountWithStoppedTrails = withEachTrail(
  (Name, cloudtrail) => cloudtrail.send(new StopLoggingCommand({ Name })),
  { stopped: true },
);

/** Controls of alarms on the events of a trail, of all Regions and with all management events. */
export const TRAIL_ALARM_CONTROLS = Array.from({ length: 14 }, (_, n) => `CloudWatch.${n + 1}`);

/** Makes an account without trails in any Region. */
export const accountWithoutTrails: Arrange<TrailClients, any> = async ({ cloudtrail }, context) => {
  const { Trails = [] } = await cloudtrail.send(new ListTrailsCommand({}));
  for (const { TrailARN: Name, HomeRegion } of Trails)
    await clientIn(HomeRegion!, cloudtrail).send(new DeleteTrailCommand({ Name }));
  return accountResource(context);
};

/** The bucket of `accountWithTrailBucket`, as policy names it. */
export const NAMED_TRAIL_BUCKET = { bucketName: 'trails-{account}-{region}' };

/** Makes an account without trails in any Region, with a bucket for one. */
export const accountWithTrailBucket: Arrange<TrailClients, any> = async (clients, context) => {
  await createTrailBucket(clients.s3, `trails-${context.account}-${context.region}`, context);
  return accountWithoutTrails(clients, context);
};

/** Adds tags to the trails of the account that are at home in the Region: a finding about the account names none. */
export const tagTrailsOfAccount: AddTags<TrailClients, {}> = async ({ cloudtrail }, _, tags) => {
  const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
  const own = trailList.filter(({ IsOrganizationTrail }) => !IsOrganizationTrail);
  for (const { TrailARN: ResourceId } of own)
    await cloudtrail.send(new AddTagsCommand({ ResourceId, TagsList: listOfTags(tags) }));
};
