/**
 * The keys in all Regions share id and material, and the rotation of the primary key.
 * https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
 */
import type * as sdk from '@aws-sdk/client-kms';
import type { Kernel } from '../../kernel/kernel.ts';
import { existingKey, type KeyRecord } from './state.ts';

export const arnInRegion = (arn: string, region: string): string => arn.replace(/(?<=:kms:)[\w-]+/, region);

export const isReplica = ({ primaryRegion }: KeyRecord): boolean => primaryRegion !== undefined;

export function primaryKeyOf(kernel: Kernel, key: KeyRecord): KeyRecord {
  if (key.primaryRegion === undefined) return key;
  const place = { partition: kernel.partition, account: key.account, region: key.primaryRegion };
  return existingKey(kernel, place, key.id);
}

export function multiRegionConfiguration(kernel: Kernel, key: KeyRecord): sdk.MultiRegionConfiguration | undefined {
  if (!key.multiRegion) return undefined;
  const { arn, replicaRegions = [] } = primaryKeyOf(kernel, key);
  return {
    MultiRegionKeyType: isReplica(key) ? 'REPLICA' : 'PRIMARY',
    PrimaryKey: { Arn: arn, Region: arn.split(':')[3] },
    ReplicaKeys: replicaRegions.map((Region) => ({ Arn: arnInRegion(arn, Region), Region })),
  };
}
