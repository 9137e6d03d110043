/**
 * Secrets Manager without rotation, replicas and staging labels of one's own.
 * Sources: Secrets Manager API reference and user guide.
 */
import * as sdk from '@aws-sdk/client-secrets-manager';
import { defineService } from '../../kernel/kernel.ts';
import { secretsComparison } from './comparison.ts';
import { secretResources } from './resources.ts';
import { secretOperations } from './secrets.ts';
import { secretSettingOperations } from './settings.ts';
import { SECRETSMANAGER, type SecretsState } from './state.ts';
import { valueOperations } from './values.ts';

export const secretsmanager = defineService<typeof sdk, SecretsState>({
  ...SECRETSMANAGER,
  ...secretsComparison,
  sdk,
  client: sdk.SecretsManagerClient,
  prefix: 'secretsmanager',
  operations: { ...secretOperations, ...valueOperations, ...secretSettingOperations },
  resources: secretResources,
});
