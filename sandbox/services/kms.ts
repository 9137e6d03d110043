/** AWS Key Management Service: keys of an account and Region. */
import * as sdk from '@aws-sdk/client-kms';
import { defineService, type Service } from '../kernel.ts';
import { aliasOperations } from './kms/aliases.ts';
import { cryptoOperations } from './kms/crypto.ts';
import { keyOperations } from './kms/keys.ts';
import { replicaOperations } from './kms/replicate.ts';
import { kmsResources } from './kms/resources.ts';
import { rotationOperations } from './kms/rotation.ts';
import type { KmsState } from './kms/state.ts';

export { keyNeeds } from './kms/needs.ts';
export type { KmsState } from './kms/state.ts';

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
