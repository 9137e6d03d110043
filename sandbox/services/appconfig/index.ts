/** AWS AppConfig: hosted freeform configurations, Lambda validators and deployments over the clock. */
import * as sdk from '@aws-sdk/client-appconfig';
import { defineService, type Service } from '../../kernel/kernel.ts';
import { catalogueOperations } from './catalogue.ts';
import { deploymentOperations } from './deployments.ts';
import { appconfigResources } from './resources.ts';
import type { AppConfigState } from './state.ts';
import { versionOperations } from './versions.ts';

export const appconfig: Service<typeof sdk, AppConfigState> = defineService<typeof sdk, AppConfigState>({
  name: 'appconfig',
  sdk,
  client: sdk.AppConfigClient,
  prefix: 'appconfig',
  scope: 'region',
  state: () => ({
    applications: new Map(),
    environments: new Map(),
    profiles: new Map(),
    strategies: new Map(),
    versions: [],
    deployments: [],
  }),
  operations: { ...catalogueOperations, ...versionOperations, ...deploymentOperations },
  resources: appconfigResources,
});
