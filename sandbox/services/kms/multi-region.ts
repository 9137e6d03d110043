/**
 * Multi-Region keys. The keys in all Regions share id and material, and the rotation of the primary key.
 * https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
 */
import type * as sdk from '@aws-sdk/client-kms';
import type { Kernel } from '../../kernel/kernel.ts';
import { existingKey, type KeyRecord } from './state.ts';

/** Returns the ARN of the same key in another Region. */
export const arnInRegion = (arn: string, region: string): string => arn.replace(/(?<=:kms:)[\w-]+/, region);

export const isReplica = ({ primaryRegion }: KeyRecord): boolean => primaryRegion !== undefined;

/** Returns the primary key of a replica, and any other key itself. */
export function primaryKeyOf(kernel: Kernel, key: KeyRecord): KeyRecord {
  if (key.primaryRegion === undefined) return key;
  const place = { partition: kernel.partition, account: key.account, region: key.primaryRegion };
  return existingKey(kernel, place, key.id);
}

/** Returns MultiRegionConfiguration of DescribeKey; undefined for a key of one Region. */
export function multiRegionConfiguration(kernel: Kernel, key: KeyRecord): sdk.MultiRegionConfiguration | undefined {
  if (!key.multiRegion) return undefined;
  const { arn, replicaRegions = [] } = primaryKeyOf(kernel, key);
  return {
    MultiRegionKeyType: isReplica(key) ? 'REPLICA' : 'PRIMARY',
    PrimaryKey: { Arn: arn, Region: arn.split(':')[3] },
    ReplicaKeys: replicaRegions.map((Region) => ({ Arn: arnInRegion(arn, Region), Region })),
  };
}
