import {
  AppConfigClient,
  BadRequestException,
  CreateHostedConfigurationVersionCommand,
  DeleteHostedConfigurationVersionCommand,
  paginateListHostedConfigurationVersions,
  ValidateConfigurationCommand,
} from '@aws-sdk/client-appconfig';
import { policyStore } from '../../cli/clients/policy.ts';
import { findPolicyResources } from '../../cli/clients/policy-resources.ts';
import { type Smoke, smokeName } from '../smoke.ts';
import type { SmokeCreation, SmokeStep } from '../step.ts';

const appConfigOf = ({ config, context }: Smoke) => new AppConfigClient(config(context.securityAccount));

const VERSION: SmokeCreation = {
  what: 'a version of the policy in AppConfig with the description suture-smoke, which is wrong and never deployed',
  async remove(smoke) {
    const client = appConfigOf(smoke);
    const { profile } = await findPolicyResources(client);
    for await (const { Items = [] } of paginateListHostedConfigurationVersions({ client }, profile))
      for (const { Description, VersionNumber } of Items)
        if (Description === smokeName(smoke))
          await client.send(new DeleteHostedConfigurationVersionCommand({ ...profile, VersionNumber }));
  },
};

export const APP_CONFIG_STEP: SmokeStep = {
  id: 'app-config',
  proves:
    "AppConfig may call the validator's function with nothing but the function's permission, and refuses what it refuses",
  calls: [
    'appconfig:ValidateConfiguration of the deployed policy: must be accepted',
    'appconfig:CreateHostedConfigurationVersion and appconfig:ValidateConfiguration of a wrong policy: must be refused',
  ],
  creates: [VERSION],
  async run(smoke) {
    const client = appConfigOf(smoke);
    const deployed = await (await policyStore(client)).deployed();
    if (!deployed) throw new Error('No policy is deployed. Deploy one: npm run -s suture -- policy push policy.yaml');
    const first = await refusalOf(client, deployed.version);
    // The validator's own text: a policy that the stack installed has no permission of the API.
    if (first !== undefined && !/did not permit this one/.test(first)) throw new Error(first);
    const second = await refusalOf(client, await addWrongPolicy(smoke, client));
    if (second === undefined) throw new Error('AppConfig accepted a policy that the validator must refuse.');
    return [
      first === undefined ? 'the deployed policy is valid' : 'the validator answered about the policy of the stack',
      'a wrong policy was refused',
    ];
  },
};

/** Returns the text with which AppConfig or the validator refuses the version. */
async function refusalOf(client: AppConfigClient, version: number): Promise<string | undefined> {
  const { profile } = await findPolicyResources(client);
  try {
    await client.send(new ValidateConfigurationCommand({ ...profile, ConfigurationVersion: String(version) }));
    return undefined;
  } catch (error) {
    if (!(error instanceof BadRequestException)) throw error;
    return `${error.message} ${JSON.stringify(error.Details ?? {})}`;
  }
}

async function addWrongPolicy(smoke: Smoke, client: AppConfigClient): Promise<number> {
  const { profile } = await findPolicyResources(client);
  const { VersionNumber } = await client.send(
    new CreateHostedConfigurationVersionCommand({
      ...profile,
      Content: new TextEncoder().encode('{}'),
      ContentType: 'application/json',
      Description: smokeName(smoke),
    }),
  );
  return VersionNumber!;
}
