import type * as sdk from '@aws-sdk/client-elasticache';
import { sdkErrors } from '../../records/errors.ts';

export const elasticacheError = sdkErrors<typeof sdk>();
export const invalidElasticacheValue = (message: string) => elasticacheError('InvalidParameterValueException', message);

export const ELASTICACHE_PAGES = {
  token: 'Marker',
  next: 'Marker',
  size: 'MaxRecords',
  sizes: [20, 100],
  defaultSize: 100,
  invalidToken: () => invalidElasticacheValue('Invalid value for parameter Marker'),
} as const;

/** AWS keeps identifiers in lower case. */
export const elasticacheIdentifier = (given: string): string => given.toLowerCase();

/** IAM requires it beside each new cluster or group. */
export const PARAMETER_GROUP =
  'arn:{partition}:elasticache:{region}:{account}:parametergroup:{CacheParameterGroupName}';
