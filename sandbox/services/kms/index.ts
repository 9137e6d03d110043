import * as sdk from '@aws-sdk/client-kms';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { aliasOperations } from './aliases.ts';
import { kmsComparison } from './comparison.ts';
import { cryptoOperations } from './crypto.ts';
import { keyOperations } from './keys.ts';
import { keyNeeds } from './needs.ts';
import { replicaOperations } from './replicas.ts';
import { kmsResources } from './resources.ts';
import { rotationOperations } from './rotation.ts';
import { KMS, type KmsState } from './state.ts';

export const kms: Service<typeof sdk, KmsState> = defineService<typeof sdk, KmsState>({
  ...KMS,
  ...kmsComparison,
  sdk,
  client: sdk.KMSClient,
  prefix: 'kms',
  // https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html
  trail: { reads: ['Decrypt', 'Encrypt'], tellsOwners: true },
  refuses: {
    CreateKey: ['CustomKeyStoreId', 'XksKeyId'],
    Decrypt: ['GrantTokens', 'Recipient', 'DryRun', 'DryRunModifiers'],
    DescribeKey: ['GrantTokens'],
    Encrypt: ['GrantTokens', 'DryRun'],
    GenerateDataKey: ['GrantTokens', 'Recipient', 'DryRun'],
    GenerateDataKeyWithoutPlaintext: ['GrantTokens', 'DryRun'],
    GenerateMac: ['GrantTokens', 'DryRun'],
    VerifyMac: ['GrantTokens', 'DryRun'],
  },
  reads: ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext', 'GenerateMac', 'VerifyMac'],
  hooks: { keyNeeds },
  operations: {
    ...keyOperations,
    ...aliasOperations,
    ...rotationOperations,
    ...replicaOperations,
    ...cryptoOperations,
  },
  resources: kmsResources,
});
