import type * as sdk from '@aws-sdk/client-appconfig';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import { appConfigKeyArn, appConfigNeeds } from './needs.ts';
import {
  type AppConfigApplication,
  type AppConfigAt,
  type ConfigurationProfile,
  existingApplication,
  existingEnvironment,
  existingProfile,
  existingStrategy,
  newAppConfigId,
  PREDEFINED_STRATEGIES,
} from './state.ts';

export const applicationOperations = {
  CreateApplication: {
    run(input: sdk.CreateApplicationCommandInput, at: AppConfigAt) {
      const application = { id: newAppConfigId(at), name: input.Name!, description: input.Description };
      at.state.applications.set(application.id, application);
      return describeNamed(application);
    },
  },
  GetApplication: {
    needs: appConfigNeeds('GetApplication'),
    run: (input: sdk.GetApplicationCommandInput, at: AppConfigAt) =>
      describeNamed(existingApplication(at, input.ApplicationId)),
  },
  ListApplications: {
    run: (_input: sdk.ListApplicationsCommandInput, at: AppConfigAt) => ({
      Items: [...at.state.applications.values()].map(describeNamed),
    }),
  },

  DeleteApplication: {
    needs: appConfigNeeds('DeleteApplication'),
    run(input: sdk.DeleteApplicationCommandInput, at: AppConfigAt) {
      const { id } = existingApplication(at, input.ApplicationId);
      const { environments, profiles } = at.state;
      requireUnused('application', id, [...environments.values(), ...profiles.values()], 'applicationId');
      at.state.applications.delete(id);
      return {};
    },
  },

  CreateEnvironment: {
    needs: appConfigNeeds('CreateEnvironment'),
    run(input: sdk.CreateEnvironmentCommandInput, at: AppConfigAt) {
      if (input.Monitors?.length) throw notModelled('monitors of an AppConfig environment');
      const applicationId = existingApplication(at, input.ApplicationId).id;
      const environment = { id: newAppConfigId(at), name: input.Name!, description: input.Description, applicationId };
      at.state.environments.set(environment.id, environment);
      return describeNamed(environment);
    },
  },
  GetEnvironment: {
    needs: appConfigNeeds('GetEnvironment'),
    run: (input: sdk.GetEnvironmentCommandInput, at: AppConfigAt) =>
      describeNamed(existingEnvironment(at, input.ApplicationId, input.EnvironmentId)),
  },
  ListEnvironments: {
    needs: appConfigNeeds('ListEnvironments'),
    run: (input: sdk.ListEnvironmentsCommandInput, at: AppConfigAt) => ({
      Items: ofApplication(at, at.state.environments, input.ApplicationId).map(describeNamed),
    }),
  },

  DeleteEnvironment: {
    needs: appConfigNeeds('DeleteEnvironment'),
    run(input: sdk.DeleteEnvironmentCommandInput, at: AppConfigAt) {
      const { id } = existingEnvironment(at, input.ApplicationId, input.EnvironmentId);
      at.state.environments.delete(id);
      at.state.deployments = at.state.deployments.filter(({ environmentId }) => environmentId !== id);
      return {};
    },
  },

  CreateConfigurationProfile: {
    needs: appConfigNeeds('CreateConfigurationProfile'),
    run(input: sdk.CreateConfigurationProfileCommandInput, at: AppConfigAt) {
      onlyMembers('CreateConfigurationProfile', input, PROFILE_MEMBERS);
      if (input.LocationUri !== 'hosted') throw notModelled(`a configuration at ${input.LocationUri}`);
      if (input.Type === 'AWS.AppConfig.FeatureFlags') throw notModelled('feature flags');
      const schema = input.Validators?.find(({ Type }) => Type === 'JSON_SCHEMA');
      if (schema) throw notModelled('validators by JSON schema');
      const applicationId = existingApplication(at, input.ApplicationId).id;
      const profile: ConfigurationProfile = {
        id: newAppConfigId(at),
        name: input.Name!,
        description: input.Description,
        applicationId,
        type: input.Type ?? 'AWS.Freeform',
        validators: input.Validators ?? [],
        kmsKey: input.KmsKeyIdentifier,
      };
      at.state.profiles.set(profile.id, profile);
      return describeProfile(profile, at);
    },
  },
  GetConfigurationProfile: {
    needs: appConfigNeeds('GetConfigurationProfile'),
    run: (input: sdk.GetConfigurationProfileCommandInput, at: AppConfigAt) =>
      describeProfile(existingProfile(at, input.ApplicationId, input.ConfigurationProfileId), at),
  },
  ListConfigurationProfiles: {
    needs: appConfigNeeds('ListConfigurationProfiles'),
    run: (input: sdk.ListConfigurationProfilesCommandInput, at: AppConfigAt) => ({
      Items: ofApplication(at, at.state.profiles, input.ApplicationId).map((profile) => ({
        ...describeNamed(profile),
        LocationUri: 'hosted',
        Type: profile.type,
        ValidatorTypes: profile.validators.map(({ Type }) => Type!),
      })),
    }),
  },

  DeleteConfigurationProfile: {
    needs: appConfigNeeds('DeleteConfigurationProfile'),
    run(input: sdk.DeleteConfigurationProfileCommandInput, at: AppConfigAt) {
      const { id } = existingProfile(at, input.ApplicationId, input.ConfigurationProfileId);
      requireUnused('configuration profile', id, at.state.versions, 'profileId');
      at.state.profiles.delete(id);
      return {};
    },
  },

  CreateDeploymentStrategy: {
    run(input: sdk.CreateDeploymentStrategyCommandInput, at: AppConfigAt) {
      const { Tags, GrowthType = 'LINEAR', FinalBakeTimeInMinutes = 0, ReplicateTo = 'NONE', ...settings } = input;
      if (ReplicateTo !== 'NONE') throw notModelled('deployment strategies that are replicated');
      const strategy = { ...settings, Id: newAppConfigId(at), GrowthType, FinalBakeTimeInMinutes, ReplicateTo };
      at.state.strategies.set(strategy.Id, strategy);
      return strategy;
    },
  },
  GetDeploymentStrategy: {
    needs: appConfigNeeds('GetDeploymentStrategy'),
    run: (input: sdk.GetDeploymentStrategyCommandInput, at: AppConfigAt) =>
      existingStrategy(at, input.DeploymentStrategyId),
  },
  DeleteDeploymentStrategy: {
    needs: appConfigNeeds('DeleteDeploymentStrategy'),
    run(input: sdk.DeleteDeploymentStrategyCommandInput, at: AppConfigAt) {
      at.state.strategies.delete(existingStrategy(at, input.DeploymentStrategyId).Id!);
      return {};
    },
  },
  ListDeploymentStrategies: {
    run: (_input: sdk.ListDeploymentStrategiesCommandInput, at: AppConfigAt) => ({
      Items: [...PREDEFINED_STRATEGIES.values(), ...at.state.strategies.values()],
    }),
  },
};

/** @throws AwsError ConflictException while the resource has dependents */
function requireUnused<K extends string>(
  what: string,
  id: string,
  users: readonly { readonly [key in K]: string }[],
  key: K,
): void {
  if (users.some((user) => user[key] === id))
    throw new AwsError('ConflictException', `Cannot delete ${what} ${id}: it has dependent resources`, 409);
}

const PROFILE_MEMBERS = [
  'ApplicationId',
  'Name',
  'Description',
  'LocationUri',
  'Type',
  'Validators',
  'KmsKeyIdentifier',
  'Tags',
] as const;

function describeNamed(item: AppConfigApplication & { readonly applicationId?: string }) {
  return {
    Id: item.id,
    Name: item.name,
    ...(item.description !== undefined && { Description: item.description }),
    ...(item.applicationId !== undefined && { ApplicationId: item.applicationId }),
  };
}

function describeProfile(profile: ConfigurationProfile, at: AppConfigAt) {
  return {
    ...describeNamed(profile),
    LocationUri: 'hosted',
    Type: profile.type,
    Validators: [...profile.validators],
    ...(profile.kmsKey && { KmsKeyIdentifier: profile.kmsKey, KmsKeyArn: appConfigKeyArn(at, profile.kmsKey) }),
  };
}

function ofApplication<T extends { readonly applicationId: string }>(
  at: AppConfigAt,
  items: ReadonlyMap<string, T>,
  id: string | undefined,
): T[] {
  const application = existingApplication(at, id);
  return [...items.values()].filter(({ applicationId }) => applicationId === application.id);
}
