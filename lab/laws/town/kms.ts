/** Keys with tags, rotation and an alias, in one Region and in several; one that AWS manages. */
import { FINDING_PLACE, OTHER_REGION_PLACE } from '../places.ts';
import type { TownBuilder } from './site.ts';

const TOWN_TAGS = [{ TagKey: 'owner', TagValue: 'town' }];

export const buildKms: TownBuilder = async ({ call, region }) => {
  const { KeyMetadata } = await call('CreateKey', { Description: 'town', Tags: TOWN_TAGS });
  const { KeyId } = KeyMetadata;
  await call('CreateAlias', { AliasName: 'alias/town', TargetKeyId: KeyId });
  await call('EnableKeyRotation', { KeyId, RotationPeriodInDays: 400 });
  await call('DescribeKey', { KeyId: 'alias/aws/ebs' });
  const primary = await call('CreateKey', { MultiRegion: true });
  const ReplicaRegion = region === FINDING_PLACE.region ? OTHER_REGION_PLACE.region : FINDING_PLACE.region;
  await call('ReplicateKey', { KeyId: primary.KeyMetadata.KeyId, ReplicaRegion });
  const ending = await call('CreateKey');
  await call('ScheduleKeyDeletion', { KeyId: ending.KeyMetadata.KeyId, PendingWindowInDays: 7 });
};
