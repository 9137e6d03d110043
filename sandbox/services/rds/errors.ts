import type * as sdk from '@aws-sdk/client-rds';
import { AwsError } from '../../kernel/kernel.ts';
import { sdkErrors } from '../../records/errors.ts';

export const rdsError = sdkErrors<typeof sdk>();

/** Errors that AWS's model of the service does not have. */
export const invalidRdsValue = (message: string) => new AwsError('InvalidParameterValue', message);
export const invalidRdsCombination = (message: string) => new AwsError('InvalidParameterCombination', message);
