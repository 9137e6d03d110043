/** AWS Security Token Service: temporary credentials. One state holds those of every account. */
import * as sdk from '@aws-sdk/client-sts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { stsOperations } from './operations.ts';
import { STS, type StsState } from './state.ts';

export const sts: Service<typeof sdk, StsState> = defineService<typeof sdk, StsState>({
  ...STS,
  sdk,
  client: sdk.STSClient,
  prefix: 'sts',
  throttling: { code: 'Throttling', status: 400 },
  denial: { code: 'AccessDenied', status: 403 },
  operations: stsOperations,
});
