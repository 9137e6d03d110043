import {
  AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListEnvironmentsCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Names } from '../../functions/domain/names.ts';
import { digestOf } from '../../functions/domain/proposal.ts';
import { dynamoPolicyGrants } from '../../functions/ledger/policy-grants.ts';
import type { ClientSettings } from '../../sandbox/index.ts';
import { LAB_NAMES } from './lab-names.ts';

/** Deploys a policy. It writes the API's permission into the ledger first, so that it needs no second person. */
export async function deployPolicy(
  settings: ClientSettings,
  policy: object,
  now: () => number,
  names = LAB_NAMES,
): Promise<void> {
  const appConfig = new AppConfigClient(settings);
  const Content = new TextEncoder().encode(JSON.stringify(policy));
  const { ApplicationId, ConfigurationProfileId, ...environment } = await policyResourceIds(appConfig, names.policy);
  const { VersionNumber } = await appConfig.send(
    new CreateHostedConfigurationVersionCommand({
      ApplicationId,
      ConfigurationProfileId,
      Content,
      ContentType: 'application/json',
    }),
  );
  const grants = dynamoPolicyGrants(names.ledgerTable, new DynamoDBClient(settings), now);
  const end = await grants.take({ version: VersionNumber!, digest: digestOf(Content), by: 'platform-team' });
  try {
    await appConfig.send(
      new StartDeploymentCommand({
        ApplicationId,
        ConfigurationProfileId,
        ...environment,
        ConfigurationVersion: String(VersionNumber),
      }),
    );
  } finally {
    await end!();
  }
}

export async function policyResourceIds(appConfig: AppConfigClient, names: Names['policy'] = LAB_NAMES.policy) {
  const { Items: applications } = await appConfig.send(new ListApplicationsCommand({}));
  const ApplicationId = idOf(applications, names.application);
  const { Items: profiles } = await appConfig.send(new ListConfigurationProfilesCommand({ ApplicationId }));
  const { Items: environments } = await appConfig.send(new ListEnvironmentsCommand({ ApplicationId }));
  const { Items: strategies } = await appConfig.send(new ListDeploymentStrategiesCommand({}));
  return {
    ApplicationId,
    ConfigurationProfileId: idOf(profiles, names.profile),
    EnvironmentId: idOf(environments, names.environment),
    DeploymentStrategyId: idOf(strategies, names.strategy),
  };
}

function idOf(resources: { Id?: string; Name?: string }[] | undefined, name: string): string {
  const id = resources?.find(({ Name }) => Name === name)?.Id;
  if (!id) throw new Error(`AppConfig has no ${name} among ${resources?.map(({ Name }) => Name).join(', ')}`);
  return id;
}
