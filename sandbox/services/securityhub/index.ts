/**
 * Security Hub (CSPM) of an organization: the findings of all accounts, aggregated in the administrator's home Region.
 * Every import and update emits an event on the default bus there.
 */
import * as sdk from '@aws-sdk/client-securityhub';
import { wholeState } from '../../kernel/comparison.ts';
import { defineService } from '../../kernel/kernel.ts';
import { locateByArn } from '../locate.ts';
import { hubOperations } from './hub.ts';
import { batchImportFindings } from './import.ts';
import { getFindings } from './query.ts';
import { SECURITYHUB, type SecurityHubState } from './state.ts';
import { batchUpdateFindings } from './update.ts';

export const securityhub = defineService<typeof sdk, SecurityHubState>({
  ...SECURITYHUB,
  sdk,
  client: sdk.SecurityHubClient,
  prefix: 'securityhub',
  comparable: wholeState,
  locate: locateByArn({ 'action/': 'actionTargets' }),
  throttling: { code: 'TooManyRequestsException', status: 429 },
  denial: { code: 'AccessDeniedException', status: 403 },
  operations: {
    ...hubOperations,
    BatchUpdateFindings: batchUpdateFindings,
    BatchImportFindings: batchImportFindings,
    GetFindings: getFindings,
  },
});
