/**
 * What the Regions of a multi-Region key share: id and material, and rotation, which the primary key holds.
 * https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html#mrk-sync-properties
 */
import type * as sdk from '@aws-sdk/client-kms';
import type { Kernel } from '../../kernel/kernel.ts';
import { type KeyRecord, keyAt } from './state.ts';

/** The same key in another Region, by its ARN. */
export const inRegion = (arn: string, region: string): string => arn.replace(/(?<=:kms:)[\w-]+/, region);

export const isReplica = ({ primaryRegion }: KeyRecord): boolean => primaryRegion !== undefined;

/** The key itself, where it is no replica. */
export function primaryOf(kernel: Kernel, key: KeyRecord): KeyRecord {
  if (key.primaryRegion === undefined) return key;
  const place = { partition: kernel.partition, account: key.account, region: key.primaryRegion };
  return keyAt(kernel, place, key.id);
}

/** As DescribeKey shows it; undefined for a key of one Region. */
export function multiRegionConfiguration(kernel: Kernel, key: KeyRecord): sdk.MultiRegionConfiguration | undefined {
  if (!key.multiRegion) return undefined;
  const { arn, replicaRegions = [] } = primaryOf(kernel, key);
  return {
    MultiRegionKeyType: isReplica(key) ? 'REPLICA' : 'PRIMARY',
    PrimaryKey: { Arn: arn, Region: arn.split(':')[3] },
    ReplicaKeys: replicaRegions.map((Region) => ({ Arn: inRegion(arn, Region), Region })),
  };
}
