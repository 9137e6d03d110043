/** Applications, environments, configuration profiles and deployment strategies. */
import type * as sdk from '@aws-sdk/client-appconfig';
import type { At } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import { keyArn, needsOn } from './needs.ts';
import {
  type AppConfigState,
  type Application,
  applicationOf,
  environmentOf,
  newId,
  type Profile,
  predefinedStrategies,
  profileOf,
  strategyOf,
} from './state.ts';

type Here = At<AppConfigState>;

export const catalogueOperations = {
  CreateApplication: {
    run(input: sdk.CreateApplicationCommandInput, at: Here) {
      const application = { id: newId(at), name: input.Name!, description: input.Description };
      at.state.applications.set(application.id, application);
      return described(application);
    },
  },
  GetApplication: {
    needs: needsOn('GetApplication'),
    run: (input: sdk.GetApplicationCommandInput, at: Here) => described(applicationOf(at, input.ApplicationId)),
  },
  ListApplications: {
    run: (_input: sdk.ListApplicationsCommandInput, at: Here) => ({
      Items: [...at.state.applications.values()].map(described),
    }),
  },

  CreateEnvironment: {
    needs: needsOn('CreateEnvironment'),
    run(input: sdk.CreateEnvironmentCommandInput, at: Here) {
      if (input.Monitors?.length) throw notModelled('monitors of an AppConfig environment');
      const applicationId = applicationOf(at, input.ApplicationId).id;
      const environment = { id: newId(at), name: input.Name!, description: input.Description, applicationId };
      at.state.environments.set(environment.id, environment);
      return described(environment);
    },
  },
  GetEnvironment: {
    needs: needsOn('GetEnvironment'),
    run: (input: sdk.GetEnvironmentCommandInput, at: Here) =>
      described(environmentOf(at, input.ApplicationId, input.EnvironmentId)),
  },
  ListEnvironments: {
    needs: needsOn('ListEnvironments'),
    run: (input: sdk.ListEnvironmentsCommandInput, at: Here) => ({
      Items: ofApplication(at, at.state.environments, input.ApplicationId).map(described),
    }),
  },

  CreateConfigurationProfile: {
    needs: needsOn('CreateConfigurationProfile'),
    run(input: sdk.CreateConfigurationProfileCommandInput, at: Here) {
      onlyMembers('CreateConfigurationProfile', input, profileMembers);
      if (input.LocationUri !== 'hosted') throw notModelled(`a configuration at ${input.LocationUri}`);
      if (input.Type === 'AWS.AppConfig.FeatureFlags') throw notModelled('feature flags');
      const schema = input.Validators?.find(({ Type }) => Type === 'JSON_SCHEMA');
      if (schema) throw notModelled('validators by JSON schema');
      const applicationId = applicationOf(at, input.ApplicationId).id;
      const profile: Profile = {
        id: newId(at),
        name: input.Name!,
        description: input.Description,
        applicationId,
        type: input.Type ?? 'AWS.Freeform',
        validators: input.Validators ?? [],
        kmsKey: input.KmsKeyIdentifier,
      };
      at.state.profiles.set(profile.id, profile);
      return describedProfile(profile, at);
    },
  },
  GetConfigurationProfile: {
    needs: needsOn('GetConfigurationProfile'),
    run: (input: sdk.GetConfigurationProfileCommandInput, at: Here) =>
      describedProfile(profileOf(at, input.ApplicationId, input.ConfigurationProfileId), at),
  },
  ListConfigurationProfiles: {
    needs: needsOn('ListConfigurationProfiles'),
    run: (input: sdk.ListConfigurationProfilesCommandInput, at: Here) => ({
      Items: ofApplication(at, at.state.profiles, input.ApplicationId).map((profile) => ({
        ...described(profile),
        LocationUri: 'hosted',
        Type: profile.type,
        ValidatorTypes: profile.validators.map(({ Type }) => Type!),
      })),
    }),
  },

  CreateDeploymentStrategy: {
    run(input: sdk.CreateDeploymentStrategyCommandInput, at: Here) {
      const { Tags, GrowthType = 'LINEAR', FinalBakeTimeInMinutes = 0, ReplicateTo = 'NONE', ...given } = input;
      if (ReplicateTo !== 'NONE') throw notModelled('deployment strategies that are replicated');
      const strategy = { ...given, Id: newId(at), GrowthType, FinalBakeTimeInMinutes, ReplicateTo };
      at.state.strategies.set(strategy.Id, strategy);
      return strategy;
    },
  },
  GetDeploymentStrategy: {
    needs: needsOn('GetDeploymentStrategy'),
    run: (input: sdk.GetDeploymentStrategyCommandInput, at: Here) => strategyOf(at, input.DeploymentStrategyId),
  },
  ListDeploymentStrategies: {
    run: (_input: sdk.ListDeploymentStrategiesCommandInput, at: Here) => ({
      Items: [...predefinedStrategies.values(), ...at.state.strategies.values()],
    }),
  },
};

const profileMembers = [
  'ApplicationId',
  'Name',
  'Description',
  'LocationUri',
  'Type',
  'Validators',
  'KmsKeyIdentifier',
  'Tags',
] as const;

function described(of: Application & { readonly applicationId?: string }) {
  return {
    Id: of.id,
    Name: of.name,
    ...(of.description !== undefined && { Description: of.description }),
    ...(of.applicationId !== undefined && { ApplicationId: of.applicationId }),
  };
}

function describedProfile(profile: Profile, at: Here) {
  return {
    ...described(profile),
    LocationUri: 'hosted',
    Type: profile.type,
    Validators: [...profile.validators],
    ...(profile.kmsKey && { KmsKeyIdentifier: profile.kmsKey, KmsKeyArn: keyArn(at, profile.kmsKey) }),
  };
}

function ofApplication<T extends { readonly applicationId: string }>(
  at: Here,
  things: ReadonlyMap<string, T>,
  id: string | undefined,
): T[] {
  const application = applicationOf(at, id);
  return [...things.values()].filter(({ applicationId }) => applicationId === application.id);
}
