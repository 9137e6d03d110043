/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsappconfig.html */
import type { At, Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/index.ts';
import { type AppConfigState, appConfigArn } from './state.ts';

type Here = At<AppConfigState>;
type Ids = {
  readonly ApplicationId?: string;
  readonly ApplicationIdentifier?: string;
  readonly EnvironmentId?: string;
  readonly ConfigurationProfileId?: string;
  readonly DeploymentStrategyId?: string;
  readonly DeploymentNumber?: number;
  readonly VersionNumber?: number;
};

/** The action on each of the resources that the ids of a request name: AWS asks for all of them. */
export const needsOn =
  (action: string) =>
  (ids: Ids, at: Here): Need[] => {
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

/** The use of the key with which the versions of a profile are encrypted. */
export function profileKeyNeeds(
  at: Here,
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

export const keyArn = (at: At<unknown>, key: string): string => appConfigKeyNeeds(at, key, 'kms:Decrypt')[0]!.resource;
