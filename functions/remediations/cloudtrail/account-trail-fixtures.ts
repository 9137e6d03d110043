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
  UpdateTrailCommand,
} from '@aws-sdk/client-cloudtrail';
import type { S3Client } from '@aws-sdk/client-s3';
import type { AddTags, Arrange } from '../../contract/scenario.ts';
import { accountResource } from '../kit/account.ts';
import { anotherRegion, clientIn } from '../kit/other-region.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { trail } from '../kit/trail-fixture.ts';

type TrailClients = { readonly cloudtrail: CloudTrailClient; readonly s3: S3Client };
export type TrailSelectors = Omit<PutEventSelectorsCommandInput, 'TrailName'>;

type WantedTrail = {
  readonly name?: string;
  readonly settings?: Partial<CreateTrailCommandInput>;
  readonly selectors?: TrailSelectors;
  readonly stopped?: true;
  readonly elsewhere?: true;
};

/** A fault of CloudTrail.1, S3.22 and S3.23, so that one trail of the account can have all of them. */
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
 * Returns a step that makes an account whose trails log write events of management alone. A Region takes five trails, so that
 * one is created only if there is none.
 */
export const accountWithWritesAlone =
  (settings: Partial<CreateTrailCommandInput> = {}): Arrange<TrailClients, any> =>
  async (clients, context) => {
    const { cloudtrail } = clients;
    const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
    for (const { TrailARN: Name } of trailList) {
      await cloudtrail.send(new UpdateTrailCommand({ Name, ...settings }));
      await cloudtrail.send(new PutEventSelectorsCommand({ TrailName: Name, ...WRITES_OF_MANAGEMENT }));
      await cloudtrail.send(new StartLoggingCommand({ Name }));
    }
    return trailList.length > 0
      ? accountResource(context)
      : accountWithTrail({ settings, selectors: WRITES_OF_MANAGEMENT })(clients, context);
  };

/** Makes an account without trails in any Region. */
export const accountWithoutTrails: Arrange<TrailClients, any> = async ({ cloudtrail }, context) => {
  const { Trails = [] } = await cloudtrail.send(new ListTrailsCommand({}));
  for (const { TrailARN: Name, HomeRegion } of Trails)
    await clientIn(HomeRegion!, cloudtrail).send(new DeleteTrailCommand({ Name }));
  return accountResource(context);
};

/** Adds tags to the trails of the account that are at home in the Region: a finding about the account names none. */
export const tagTrailsOfAccount: AddTags<TrailClients, {}> = async ({ cloudtrail }, _, tags) => {
  const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ includeShadowTrails: false }));
  const own = trailList.filter(({ IsOrganizationTrail }) => !IsOrganizationTrail);
  for (const { TrailARN: ResourceId } of own)
    await cloudtrail.send(new AddTagsCommand({ ResourceId, TagsList: listOfTags(tags) }));
};
