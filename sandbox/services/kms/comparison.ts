import { generated, type RecordPath } from '../../kernel/comparison.ts';
import { parseArn } from '../arn.ts';
import type { KeyRecord, KmsState } from './state.ts';

const comparable = ({ keys, ...state }: KmsState): unknown => ({
  ...state,
  keys: new Map([...keys].map(([id, key]) => [id, comparableKey(key)])),
});

/** The dates from which rotation counts, and of a deletion, begin again when they are set again. */
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
