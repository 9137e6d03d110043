/** AWS Key Management Service: keys of an account and Region. */
import * as sdk from '@aws-sdk/client-kms';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { aliasOperations } from './aliases.ts';
import { cryptoOperations } from './crypto.ts';
import { keyOperations } from './keys.ts';
import { replicaOperations } from './replicate.ts';
import { kmsResources } from './resources.ts';
import { rotationOperations } from './rotation.ts';
import type { KmsState } from './state.ts';

export { keyNeeds } from './needs.ts';
export type { KmsState } from './state.ts';

export const kms: Service<typeof sdk, KmsState> = defineService<typeof sdk, KmsState>({
  name: 'kms',
  sdk,
  client: sdk.KMSClient,
  prefix: 'kms',
  scope: 'region',
  state: () => ({ keys: new Map(), aliases: new Map() }),
  operations: {
    ...keyOperations,
    ...aliasOperations,
    ...rotationOperations,
    ...replicaOperations,
    ...cryptoOperations,
  },
  resources: kmsResources,
});
