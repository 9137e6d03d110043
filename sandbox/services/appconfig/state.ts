import type { DeploymentStrategy, Validator } from '@aws-sdk/client-appconfig';
import { type At, AwsError, type AwsPlace } from '../../kernel/kernel.ts';
import type { StateKey } from '../../kernel/state-key.ts';

export type AppConfigApplication = { readonly id: string; readonly name: string; readonly description?: string };
export type AppConfigEnvironment = AppConfigApplication & { readonly applicationId: string };

export type ConfigurationProfile = AppConfigApplication & {
  readonly applicationId: string;
  readonly type: string;
  readonly validators: readonly Validator[];
  readonly kmsKey?: string;
};

export type ConfigurationVersion = {
  readonly applicationId: string;
  readonly profileId: string;
  readonly number: number;
  readonly content: Uint8Array;
  readonly contentType: string;
  readonly label?: string;
  readonly description?: string;
};

export type Deployment = {
  readonly applicationId: string;
  readonly environmentId: string;
  readonly profileId: string;
  readonly number: number;
  readonly version: number;
  readonly strategy: DeploymentStrategy;
  readonly startedAt: number;
  readonly description?: string;
  readonly kmsKey?: string;
};

export type AppConfigState = {
  readonly applications: Map<string, AppConfigApplication>;
  readonly environments: Map<string, AppConfigEnvironment>;
  readonly profiles: Map<string, ConfigurationProfile>;
  readonly strategies: Map<string, DeploymentStrategy>;
  readonly versions: ConfigurationVersion[];
  deployments: Deployment[];
};
export type AppConfigAt = At<AppConfigState>;

export const APPCONFIG: StateKey<AppConfigState> = {
  name: 'appconfig',
  scope: 'region',
  state: () => ({
    applications: new Map(),
    environments: new Map(),
    profiles: new Map(),
    strategies: new Map(),
    versions: [],
    deployments: [],
  }),
};

export const appConfigArn = (place: AwsPlace, path: string) =>
  `arn:${place.partition}:appconfig:${place.region}:${place.account}:${path}`;

export const newAppConfigId = (at: AppConfigAt) => at.kernel.id('', 7);

export const existingApplication = (at: AppConfigAt, id: string | undefined): AppConfigApplication =>
  existingAppConfigResource(at.state.applications.get(id ?? ''), 'Application');

export const existingEnvironment = (
  at: AppConfigAt,
  applicationId: string | undefined,
  id: string | undefined,
): AppConfigEnvironment =>
  existingAppConfigResource(within(at.state.environments.get(id ?? ''), applicationId), 'Environment');

export const existingProfile = (
  at: AppConfigAt,
  applicationId: string | undefined,
  id: string | undefined,
): ConfigurationProfile =>
  existingAppConfigResource(within(at.state.profiles.get(id ?? ''), applicationId), 'ConfigurationProfile');

export const existingStrategy = (at: AppConfigAt, id: string | undefined): DeploymentStrategy =>
  existingAppConfigResource(
    at.state.strategies.get(id ?? '') ?? PREDEFINED_STRATEGIES.get(id ?? ''),
    'DeploymentStrategy',
  );

export function existingVersion(
  at: AppConfigAt,
  profile: ConfigurationProfile,
  numberOrLabel: string | number | undefined,
): ConfigurationVersion {
  const versions = at.state.versions.filter(({ profileId }) => profileId === profile.id);
  if (numberOrLabel === undefined) return existingAppConfigResource(versions.at(-1), 'HostedConfigurationVersion');
  const version = versions.find(
    ({ number, label }) => String(number) === String(numberOrLabel) || label === numberOrLabel,
  );
  return existingAppConfigResource(version, 'HostedConfigurationVersion');
}

/** https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-deployment-strategy-predefined.html */
export const PREDEFINED_STRATEGIES: ReadonlyMap<string, DeploymentStrategy> = new Map(
  (
    [
      ['AppConfig.AllAtOnce', 'LINEAR', 100, 0, 10],
      ['AppConfig.Linear50PercentEvery30Seconds', 'LINEAR', 50, 1, 1],
      ['AppConfig.Linear20PercentEvery6Minutes', 'LINEAR', 20, 30, 30],
      ['AppConfig.Canary10Percent20Minutes', 'EXPONENTIAL', 10, 20, 10],
    ] as const
  ).map(([id, GrowthType, GrowthFactor, DeploymentDurationInMinutes, FinalBakeTimeInMinutes]) => {
    const times = { GrowthFactor, DeploymentDurationInMinutes, FinalBakeTimeInMinutes };
    return [id, { Id: id, Name: id, GrowthType, ReplicateTo: 'NONE', ...times }];
  }),
);

/** @throws AwsError ResourceNotFoundException if `value` is undefined */
export function existingAppConfigResource<T>(value: T | undefined, type: string): T {
  if (value !== undefined) return value;
  const fields = { ResourceName: type };
  throw new AwsError('ResourceNotFoundException', `Could not find ${type}`, 404, fields);
}

const within = <T extends { readonly applicationId: string }>(
  value: T | undefined,
  applicationId: string | undefined,
) => (value?.applicationId === applicationId ? value : undefined);
