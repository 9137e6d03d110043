/** AWS Systems Manager: who may use documents, and service settings. Documents run nowhere. */
import * as sdk from '@aws-sdk/client-ssm';
import { defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import type { RecordState } from '../../records/record.ts';
import { DOCUMENT, documentOperations } from './documents.ts';
import { SERVICE_SETTING, serviceSettingOperations } from './service-settings.ts';
import { SSM } from './state.ts';

export const ssm = defineService<typeof sdk, RecordState>({
  ...SSM,
  ...recordComparison([DOCUMENT], [SERVICE_SETTING]),
  sdk,
  client: sdk.SSMClient,
  prefix: 'ssm',
  operations: { ...documentOperations, ...serviceSettingOperations },
});
