import type * as sdk from '@aws-sdk/client-cloudwatch-logs';
import { sdkErrors } from '../../records/errors.ts';

export const logsError = sdkErrors<typeof sdk>();
export const invalidLogsValue = (message: string) => logsError('InvalidParameterException', message);
