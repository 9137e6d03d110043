/** A bucket includes its objects. */
import { generated, type RecordPath } from '../../kernel/comparison.ts';
import type { AwsPlace } from '../../kernel/kernel.ts';
import { parseArn } from '../arn.ts';
import type { BucketRecord, S3State } from './state.ts';

const comparable = ({ buckets, ...state }: S3State): unknown => ({
  ...state,
  buckets: new Map([...buckets].map(([name, bucket]) => [name, comparableBucket(bucket)])),
});

/** Writing an object again gives it a new date. */
const comparableBucket = ({ objects, versions, ...bucket }: BucketRecord) => ({
  ...bucket,
  versions: generated(versions),
  objects: new Map([...objects].map(([key, object]) => [key, { ...object, modifiedAt: generated(object.modifiedAt) }])),
});

function locate(arn: string, _state: S3State, { account }: AwsPlace): readonly RecordPath[] {
  if (arn === '*') return [['accountBlocks', account]];
  const { region, resource } = parseArn(arn);
  // Access points and jobs have a Region; buckets and objects have none.
  if (region !== '' || resource === '') return [];
  const slash = resource.indexOf('/');
  if (slash < 0) return [['buckets', resource]];
  return [['buckets', resource.slice(0, slash), 'objects', resource.slice(slash + 1)]];
}

export const s3Comparison = { comparable, locate };
