/** Deployments: what they are at a moment follows from their strategy and the clock. */
import type * as sdk from '@aws-sdk/client-appconfig';
import { type At, AwsError, type Need } from '../../kernel/kernel.ts';
import { onlyMembers } from '../requests.ts';
import { appConfigKeyNeeds, keyArn, needsOn, profileKeyNeeds } from './needs.ts';
import {
  type AppConfigState,
  type Deployment,
  environmentOf,
  found,
  profileOf,
  strategyOf,
  type Version,
  versionOf,
} from './state.ts';
import { validate } from './versions.ts';

type Here = At<AppConfigState>;

const minute = 60_000;

export const deploymentOperations = {
  StartDeployment: {
    needs: (input: sdk.StartDeploymentCommandInput, at: Here): Need[] => [
      ...needsOn('StartDeployment')(input, at),
      ...profileKeyNeeds(at, input.ConfigurationProfileId, 'kms:Decrypt'),
      ...appConfigKeyNeeds(at, input.KmsKeyIdentifier, 'kms:GenerateDataKey'),
    ],
    async run(input: sdk.StartDeploymentCommandInput, at: Here) {
      onlyMembers('StartDeployment', input, startMembers);
      const deployment = await startDeployment(input, at, at.kernel.clock.now());
      return described(deployment, at);
    },
  },
  GetDeployment: {
    needs: needsOn('GetDeployment'),
    run(input: sdk.GetDeploymentCommandInput, at: Here) {
      const { id } = environmentOf(at, input.ApplicationId, input.EnvironmentId);
      const deployment = at.state.deployments.find(
        (each) => each.environmentId === id && each.number === input.DeploymentNumber,
      );
      return described(found(deployment, 'Deployment'), at);
    },
  },
  ListDeployments: {
    needs: needsOn('ListDeployments'),
    run(input: sdk.ListDeploymentsCommandInput, at: Here) {
      const { id } = environmentOf(at, input.ApplicationId, input.EnvironmentId);
      const deployments = at.state.deployments.filter(({ environmentId }) => environmentId === id).reverse();
      return { Items: deployments.map((deployment) => summary(deployment, at)) };
    },
  },
};

/**
 * Deploys a version that passes its validators, as if begun at `startedAt`.
 * @throws ConflictException while another deployment to the environment is under way
 */
export async function startDeployment(
  input: sdk.StartDeploymentCommandInput,
  at: Here,
  startedAt: number,
): Promise<Deployment> {
  const environment = environmentOf(at, input.ApplicationId, input.EnvironmentId);
  const profile = profileOf(at, input.ApplicationId, input.ConfigurationProfileId);
  const strategy = strategyOf(at, input.DeploymentStrategyId);
  const version = versionOf(at, profile, input.ConfigurationVersion);
  const earlier = at.state.deployments.filter(({ environmentId }) => environmentId === environment.id);
  const underWay = earlier.find((deployment) => progress(deployment, at.kernel.clock.now()).State !== 'COMPLETE');
  if (underWay) {
    throw new AwsError('ConflictException', `Deployment number ${underWay.number} already in progress`, 409);
  }
  await validate(at, profile, version);
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

/** Milliseconds from start to COMPLETE. */
export const lengthOf = ({ DeploymentDurationInMinutes = 0, FinalBakeTimeInMinutes = 0 }: sdk.DeploymentStrategy) =>
  (DeploymentDurationInMinutes + FinalBakeTimeInMinutes) * minute;

/**
 * The version that a target gets, of those that were deployed to an environment.
 * @param slot the target's place among all, 0 to 100: a deployment reaches those below its percentage
 */
export function versionFor(
  state: AppConfigState,
  environmentId: string,
  profileId: string,
  slot: number,
  now: number,
): { readonly version: Version; readonly deployment: Deployment } | undefined {
  const deployments = state.deployments.filter(
    (each) => each.environmentId === environmentId && each.profileId === profileId,
  );
  const deployment = deployments.findLast((each) => slot < progress(each, now).PercentageComplete);
  const version = state.versions.find((each) => each.profileId === profileId && each.number === deployment?.version);
  return deployment && version && { version, deployment };
}

/** https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-creating-deployment-strategy.html */
function progress({ strategy, startedAt }: Deployment, now: number) {
  const passed = now - startedAt;
  const duration = (strategy.DeploymentDurationInMinutes ?? 0) * minute;
  if (passed >= lengthOf(strategy)) return { State: 'COMPLETE', PercentageComplete: 100 } as const;
  if (passed >= duration) return { State: 'BAKING', PercentageComplete: 100 } as const;
  const steps = percentagesOf(strategy);
  return { State: 'DEPLOYING', PercentageComplete: steps[Math.floor((passed / duration) * steps.length)]! } as const;
}

/** The share of targets after each step, in percent: by the growth factor each time, or twice as many. */
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

const startMembers = [
  'ApplicationId',
  'EnvironmentId',
  'ConfigurationProfileId',
  'ConfigurationVersion',
  'DeploymentStrategyId',
  'Description',
  'KmsKeyIdentifier',
  'Tags',
] as const;

function described(deployment: Deployment, at: Here) {
  const { applicationId, environmentId, profileId, description, kmsKey } = deployment;
  return {
    ...summary(deployment, at),
    ApplicationId: applicationId,
    EnvironmentId: environmentId,
    ConfigurationProfileId: profileId,
    DeploymentStrategyId: deployment.strategy.Id,
    ConfigurationLocationUri: 'hosted',
    ...(description !== undefined && { Description: description }),
    ...(kmsKey && { KmsKeyIdentifier: kmsKey, KmsKeyArn: keyArn(at, kmsKey) }),
  };
}

function summary(deployment: Deployment, at: Here) {
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
    ...(now.State === 'COMPLETE' && { CompletedAt: new Date(startedAt + lengthOf(strategy)) }),
  };
}
