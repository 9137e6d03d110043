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
import { DEFAULT_NAMES } from './names.ts';

export const TEST_POLICY = {
  version: 1,
  controls: { 'EC2.7': 'auto', 'EC2.13': 'auto', 'EC2.14': 'observe' } as Readonly<Record<string, string>>,
  suppressions: [
    {
      id: 'bastion',
      reason: 'The bastion host is reachable on purpose',
      owner: 'platform-team',
      expires: '2099-12-31',
      criteria: { control: 'EC2.13', account: '555555555555' },
    },
  ],
  caps: { perAccountAndHour: 100 },
};

/** Deploys a policy. It writes the API's permission into the ledger first, so that tests need no second person. */
export async function deployPolicy(
  settings: ClientSettings,
  policy: object,
  now: () => number,
  names = DEFAULT_NAMES,
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
  const end = await grants.take({ version: VersionNumber!, digest: digestOf(Content), by: 'a test' });
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

export async function policyResourceIds(appConfig: AppConfigClient, names: Names['policy'] = DEFAULT_NAMES.policy) {
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
