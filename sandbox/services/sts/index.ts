/** AWS Security Token Service: temporary credentials. One store of credentials serves every account. */
import * as sdk from '@aws-sdk/client-sts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { stsOperations } from './operations.ts';
import type { StsState } from './state.ts';

export { administratorOf, assumeForService } from './assume.ts';
export { credentialsFor, noteKeyUse, principalOf } from './credentials.ts';
export type { StsState } from './state.ts';

export const sts: Service<typeof sdk, StsState> = defineService<typeof sdk, StsState>({
  name: 'sts',
  sdk,
  client: sdk.STSClient,
  prefix: 'sts',
  scope: 'partition',
  state: () => ({ credentials: new Map() }),
  operations: stsOperations,
});
