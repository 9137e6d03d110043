import {
  type AppConfigClient,
  CreateHostedConfigurationVersionCommand,
  ListApplicationsCommand,
  ListConfigurationProfilesCommand,
  ListDeploymentStrategiesCommand,
  ListEnvironmentsCommand,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { POLICY as NAMES } from '../../stacks/names.ts';

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

export async function deployPolicy(appConfig: AppConfigClient, policy: object): Promise<void> {
  const { Items: applications } = await appConfig.send(new ListApplicationsCommand({}));
  const ApplicationId = idOf(applications, NAMES.application);
  const { Items: profiles } = await appConfig.send(new ListConfigurationProfilesCommand({ ApplicationId }));
  const { Items: environments } = await appConfig.send(new ListEnvironmentsCommand({ ApplicationId }));
  const { Items: strategies } = await appConfig.send(new ListDeploymentStrategiesCommand({}));
  const ConfigurationProfileId = idOf(profiles, NAMES.profile);
  const { VersionNumber } = await appConfig.send(
    new CreateHostedConfigurationVersionCommand({
      ApplicationId,
      ConfigurationProfileId,
      Content: new TextEncoder().encode(JSON.stringify(policy)),
      ContentType: 'application/json',
    }),
  );
  await appConfig.send(
    new StartDeploymentCommand({
      ApplicationId,
      ConfigurationProfileId,
      EnvironmentId: idOf(environments, NAMES.environment),
      DeploymentStrategyId: idOf(strategies, 'suture-all-at-once'),
      ConfigurationVersion: String(VersionNumber),
    }),
  );
}

function idOf(resources: { Id?: string; Name?: string }[] | undefined, name: string): string {
  const id = resources?.find(({ Name }) => Name === name)?.Id;
  if (!id) throw new Error(`AppConfig has no ${name} among ${resources?.map(({ Name }) => Name).join(', ')}`);
  return id;
}
