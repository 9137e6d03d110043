/** AWS AppConfig: hosted freeform configurations, Lambda validators and deployments over the clock. */
import * as sdk from '@aws-sdk/client-appconfig';
import { wholeState } from '../../kernel/comparison.ts';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { locateByName } from '../locate.ts';
import { applicationOperations } from './applications.ts';
import { deploymentOperations } from './deployments.ts';
import { appconfigResources } from './resources.ts';
import { APPCONFIG, type AppConfigState } from './state.ts';
import { versionOperations } from './versions.ts';

export const appconfig: Service<typeof sdk, AppConfigState> = defineService<typeof sdk, AppConfigState>({
  ...APPCONFIG,
  sdk,
  client: sdk.AppConfigClient,
  prefix: 'appconfig',
  refuses: {
    ListApplications: ['NextToken'],
    ListConfigurationProfiles: ['NextToken'],
    ListDeployments: ['NextToken'],
    ListDeploymentStrategies: ['NextToken'],
    ListEnvironments: ['NextToken'],
  },
  comparable: wholeState,
  locate: locateByName({ 'application/': 'applications' }),
  denial: { code: 'AccessDeniedException', status: 403 },
  reads: ['ValidateConfiguration'],
  operations: { ...applicationOperations, ...versionOperations, ...deploymentOperations },
  resources: appconfigResources,
});
