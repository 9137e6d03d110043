import type { DeploymentStrategy, Validator } from '@aws-sdk/client-appconfig';
import { type At, AwsError, type AwsPlace } from '../../kernel/kernel.ts';

export type Application = { readonly id: string; readonly name: string; readonly description?: string };
export type Environment = Application & { readonly applicationId: string };

export type Profile = Application & {
  readonly applicationId: string;
  readonly type: string;
  readonly validators: readonly Validator[];
  readonly kmsKey?: string;
};

/** A hosted configuration version. */
export type Version = {
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
  readonly applications: Map<string, Application>;
  readonly environments: Map<string, Environment>;
  readonly profiles: Map<string, Profile>;
  readonly strategies: Map<string, DeploymentStrategy>;
  readonly versions: Version[];
  readonly deployments: Deployment[];
};

type Here = At<AppConfigState>;

export const appConfigArn = (place: AwsPlace, path: string) =>
  `arn:${place.partition}:appconfig:${place.region}:${place.account}:${path}`;

/** An id as AppConfig makes them: seven letters or digits. */
export const newId = (at: Here) => at.kernel.id('', 7);

export const applicationOf = (at: Here, id: string | undefined): Application =>
  found(at.state.applications.get(id ?? ''), 'Application');

export const environmentOf = (at: Here, applicationId: string | undefined, id: string | undefined): Environment =>
  found(within(at.state.environments.get(id ?? ''), applicationId), 'Environment');

export const profileOf = (at: Here, applicationId: string | undefined, id: string | undefined): Profile =>
  found(within(at.state.profiles.get(id ?? ''), applicationId), 'ConfigurationProfile');

export const strategyOf = (at: Here, id: string | undefined): DeploymentStrategy =>
  found(at.state.strategies.get(id ?? '') ?? predefinedStrategies.get(id ?? ''), 'DeploymentStrategy');

/** A version by number or label; without either, the latest. */
export function versionOf(at: Here, profile: Profile, wanted: string | number | undefined): Version {
  const versions = at.state.versions.filter(({ profileId }) => profileId === profile.id);
  if (wanted === undefined) return found(versions.at(-1), 'HostedConfigurationVersion');
  const version = versions.find(({ number, label }) => String(number) === String(wanted) || label === wanted);
  return found(version, 'HostedConfigurationVersion');
}

/** https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-deployment-strategy-predefined.html */
export const predefinedStrategies: ReadonlyMap<string, DeploymentStrategy> = new Map(
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

export function found<T>(value: T | undefined, what: string): T {
  if (value !== undefined) return value;
  const fields = { ResourceName: what };
  throw new AwsError('ResourceNotFoundException', `Could not find ${what}`, 404, fields);
}

const within = <T extends { readonly applicationId: string }>(
  value: T | undefined,
  applicationId: string | undefined,
) => (value?.applicationId === applicationId ? value : undefined);
