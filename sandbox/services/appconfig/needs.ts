/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsappconfig.html */
import type { At, Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { type AppConfigAt, appConfigArn } from './state.ts';

type Ids = {
  readonly ApplicationId?: string;
  readonly ApplicationIdentifier?: string;
  readonly EnvironmentId?: string;
  readonly ConfigurationProfileId?: string;
  readonly DeploymentStrategyId?: string;
  readonly DeploymentNumber?: number;
  readonly VersionNumber?: number;
};

export const appConfigNeeds =
  (action: string) =>
  (ids: Ids, at: AppConfigAt): Need[] => {
    const application = `application/${ids.ApplicationId}`;
    const paths = [
      ids.ApplicationId && application,
      ids.EnvironmentId && `${application}/environment/${ids.EnvironmentId}`,
      ids.ConfigurationProfileId && `${application}/configurationprofile/${ids.ConfigurationProfileId}`,
      ids.DeploymentStrategyId && `deploymentstrategy/${ids.DeploymentStrategyId}`,
      ids.DeploymentNumber && `${application}/environment/${ids.EnvironmentId}/deployment/${ids.DeploymentNumber}`,
      ids.VersionNumber &&
        `${application}/configurationprofile/${ids.ConfigurationProfileId}/hostedconfigurationversion/${ids.VersionNumber}`,
    ].filter((path) => typeof path === 'string');
    const resources = paths.length > 0 ? paths.map((path) => appConfigArn(at, path)) : ['*'];
    return resources.map((resource) => ({ action: `appconfig:${action}`, resource }));
  };

export function profileKeyNeeds(
  at: AppConfigAt,
  profileId: string | undefined,
  action: 'kms:GenerateDataKey' | 'kms:Decrypt',
): readonly Need[] {
  return appConfigKeyNeeds(at, at.state.profiles.get(profileId ?? '')?.kmsKey, action);
}

export function appConfigKeyNeeds(
  at: At<unknown>,
  key: string | undefined,
  action: 'kms:GenerateDataKey' | 'kms:Decrypt',
): readonly Need[] {
  return keyNeeds(at.kernel, at, key, [action], `appconfig.${at.region}.amazonaws.com`);
}

export const appConfigKeyArn = (at: At<unknown>, key: string): string =>
  appConfigKeyNeeds(at, key, 'kms:Decrypt')[0]!.resource;
