import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import type { KeyRecord, KmsState } from './state.ts';

const comparable = ({ keys, ...state }: KmsState): unknown => ({
  ...state,
  keys: new Map([...keys].map(([id, key]) => [id, comparableKey(key)])),
});

/** Enabling rotation again, or scheduling a deletion again, gives a key new dates. */
function comparableKey({
  policy,
  rotationPeriodDays,
  rotationEnabledAt,
  deletionAt,
  replicaRegions,
  ...key
}: KeyRecord) {
  return {
    ...key,
    policy: policy.document,
    rotationPeriodDays,
    rotationEnabledAt: generated(rotationEnabledAt),
    deletionAt: generated(deletionAt),
    replicaRegions: replicaRegions && new Set(replicaRegions),
  };
}

function locate(arn: string): readonly RecordPath[] {
  const { resource } = parseArn(arn);
  if (resource.startsWith('key/')) return [['keys', resource.slice('key/'.length)]];
  return resource.startsWith('alias/') ? [['aliases', resource]] : [];
}

export const kmsComparison = { comparable, locate };
