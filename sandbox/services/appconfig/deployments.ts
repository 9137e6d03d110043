/** Deployments, whose progress follows from their strategy and the clock. */
import type * as sdk from '@aws-sdk/client-appconfig';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { appConfigKeyArn, appConfigKeyNeeds, appConfigNeeds, profileKeyNeeds } from './needs.ts';
import {
  type AppConfigAt,
  type AppConfigState,
  type ConfigurationVersion,
  type Deployment,
  existingAppConfigResource,
  existingEnvironment,
  existingProfile,
  existingStrategy,
  existingVersion,
} from './state.ts';
import { validateConfiguration } from './versions.ts';

const MINUTE_MS = 60_000;

export const deploymentOperations = {
  StartDeployment: {
    needs: (input: sdk.StartDeploymentCommandInput, at: AppConfigAt): Need[] => [
      ...appConfigNeeds('StartDeployment')(input, at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:Decrypt'),
      ...appConfigKeyNeeds(at, input.KmsKeyIdentifier, 'kms:GenerateDataKey'),
    ],
    async run(input: sdk.StartDeploymentCommandInput, at: AppConfigAt) {
      onlyMembers('StartDeployment', input, START_MEMBERS);
      const deployment = await startDeployment(input, at, at.kernel.clock.now());
      return describeDeployment(deployment, at);
    },
  },
  GetDeployment: {
    needs: appConfigNeeds('GetDeployment'),
    run(input: sdk.GetDeploymentCommandInput, at: AppConfigAt) {
      const { id } = existingEnvironment(at, input.ApplicationId, input.EnvironmentId);
      const deployment = at.state.deployments.find(
        (each) => each.environmentId === id && each.number === input.DeploymentNumber,
      );
      return describeDeployment(existingAppConfigResource(deployment, 'Deployment'), at);
    },
  },
  ListDeployments: {
    needs: appConfigNeeds('ListDeployments'),
    run(input: sdk.ListDeploymentsCommandInput, at: AppConfigAt) {
      const { id } = existingEnvironment(at, input.ApplicationId, input.EnvironmentId);
      const deployments = at.state.deployments.filter(({ environmentId }) => environmentId === id).reverse();
      return { Items: deployments.map((deployment) => deploymentSummary(deployment, at)) };
    },
  },
};

/**
 * Deploys a version after its validators pass.
 * @throws AwsError ConflictException during another deployment to the environment
 */
export async function startDeployment(
  input: sdk.StartDeploymentCommandInput,
  at: AppConfigAt,
  startedAt: number,
): Promise<Deployment> {
  const environment = existingEnvironment(at, input.ApplicationId, input.EnvironmentId);
  const profile = existingProfile(at, input.ApplicationId, input.ConfigurationProfileId);
  const strategy = existingStrategy(at, input.DeploymentStrategyId);
  const version = existingVersion(at, profile, input.ConfigurationVersion);
  const earlier = at.state.deployments.filter(({ environmentId }) => environmentId === environment.id);
  const inProgress = earlier.find((deployment) => progress(deployment, at.kernel.clock.now()).State !== 'COMPLETE');
  if (inProgress)
    throw new AwsError('ConflictException', `Deployment number ${inProgress.number} already in progress`, 409);
  await validateConfiguration(at, profile, version);
  const deployment: Deployment = {
    applicationId: environment.applicationId,
    environmentId: environment.id,
    profileId: profile.id,
    number: earlier.length + 1,
    version: version.number,
    strategy,
    startedAt,
    description: input.Description,
    kmsKey: input.KmsKeyIdentifier,
  };
  at.state.deployments.push(deployment);
  return deployment;
}

export const deploymentMs = ({ DeploymentDurationInMinutes = 0, FinalBakeTimeInMinutes = 0 }: sdk.DeploymentStrategy) =>
  (DeploymentDurationInMinutes + FinalBakeTimeInMinutes) * MINUTE_MS;

/**
 * Returns the version that a client gets, with its deployment.
 * @param slot the client's position among all clients, 0 to 100: a deployment reaches those below its percentage
 */
export function deployedVersion(
  state: AppConfigState,
  environmentId: string,
  profileId: string,
  slot: number,
  now: number,
): { readonly version: ConfigurationVersion; readonly deployment: Deployment } | undefined {
  const deployments = state.deployments.filter(
    (each) => each.environmentId === environmentId && each.profileId === profileId,
  );
  const deployment = deployments.findLast((each) => slot < progress(each, now).PercentageComplete);
  const version = state.versions.find((each) => each.profileId === profileId && each.number === deployment?.version);
  return deployment && version && { version, deployment };
}

/** https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-deployment-strategy.html */
function progress({ strategy, startedAt }: Deployment, now: number) {
  const elapsedMs = now - startedAt;
  const durationMs = (strategy.DeploymentDurationInMinutes ?? 0) * MINUTE_MS;
  if (elapsedMs >= deploymentMs(strategy)) return { State: 'COMPLETE', PercentageComplete: 100 } as const;
  if (elapsedMs >= durationMs) return { State: 'BAKING', PercentageComplete: 100 } as const;
  const steps = percentagesOf(strategy);
  return {
    State: 'DEPLOYING',
    PercentageComplete: steps[Math.floor((elapsedMs / durationMs) * steps.length)]!,
  } as const;
}

/** Returns the percentage after each step: linear growth adds the growth factor, exponential growth doubles. */
function percentagesOf({ GrowthFactor = 100, GrowthType }: sdk.DeploymentStrategy): number[] {
  const percentages: number[] = [];
  for (
    let next = GrowthFactor;
    percentages.at(-1) !== 100;
    next += GrowthType === 'EXPONENTIAL' ? next : GrowthFactor
  ) {
    percentages.push(Math.min(100, next));
  }
  return percentages;
}

const START_MEMBERS = [
  'ApplicationId',
  'EnvironmentId',
  'ConfigurationProfileId',
  'ConfigurationVersion',
  'DeploymentStrategyId',
  'Description',
  'KmsKeyIdentifier',
  'Tags',
] as const;

function describeDeployment(deployment: Deployment, at: AppConfigAt) {
  const { applicationId, environmentId, profileId, description, kmsKey } = deployment;
  return {
    ...deploymentSummary(deployment, at),
    ApplicationId: applicationId,
    EnvironmentId: environmentId,
    ConfigurationProfileId: profileId,
    DeploymentStrategyId: deployment.strategy.Id,
    ConfigurationLocationUri: 'hosted',
    ...(description !== undefined && { Description: description }),
    ...(kmsKey && { KmsKeyIdentifier: kmsKey, KmsKeyArn: appConfigKeyArn(at, kmsKey) }),
  };
}

function deploymentSummary(deployment: Deployment, at: AppConfigAt) {
  const { strategy, startedAt } = deployment;
  const now = progress(deployment, at.kernel.clock.now());
  return {
    ...now,
    DeploymentNumber: deployment.number,
    ConfigurationName: at.state.profiles.get(deployment.profileId)?.name,
    ConfigurationVersion: String(deployment.version),
    DeploymentDurationInMinutes: strategy.DeploymentDurationInMinutes,
    GrowthType: strategy.GrowthType,
    GrowthFactor: strategy.GrowthFactor,
    FinalBakeTimeInMinutes: strategy.FinalBakeTimeInMinutes,
    StartedAt: new Date(startedAt),
    ...(now.State === 'COMPLETE' && { CompletedAt: new Date(startedAt + deploymentMs(strategy)) }),
  };
}
