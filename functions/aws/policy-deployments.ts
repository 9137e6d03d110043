import {
  type AppConfigClient,
  type BadRequestException,
  CreateHostedConfigurationVersionCommand,
  type DeploymentSummary,
  GetHostedConfigurationVersionCommand,
  paginateListDeployments,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { isNamed } from '../contract/errors.ts';
import { digestOf } from '../domain/proposal.ts';
import type { PolicyDeployments } from '../ports/policy-deployments.ts';

export type PolicyIds = {
  readonly application: string;
  readonly environment: string;
  readonly profile: string;
  readonly strategy: string;
};

export function policyDeployments(client: AppConfigClient, ids: PolicyIds): PolicyDeployments {
  const profile = { ApplicationId: ids.application, ConfigurationProfileId: ids.profile };
  const environment = { ApplicationId: ids.application, EnvironmentId: ids.environment };

  async function version(VersionNumber: number) {
    const command = new GetHostedConfigurationVersionCommand({ ...profile, VersionNumber });
    try {
      const { Content } = await client.send(command);
      return { digest: digestOf(Content!), content: JSON.parse(new TextDecoder().decode(Content)) };
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) return undefined;
      throw error;
    }
  }

  return {
    async live() {
      const newest = await newestServed(client, environment);
      if (!newest) return undefined;
      const number = Number(newest.ConfigurationVersion);
      return { version: number, deployment: newest.DeploymentNumber!, content: (await version(number))?.content };
    },
    version,
    async add(policy, after) {
      const command = new CreateHostedConfigurationVersionCommand({
        ...profile,
        Content: new TextEncoder().encode(JSON.stringify(policy)),
        ContentType: 'application/json',
        ...(after !== null && { LatestVersionNumber: after }),
      });
      try {
        return { kind: 'added', version: (await client.send(command)).VersionNumber! };
      } catch (error) {
        if (isNamed(error, 'ConflictException')) return { kind: 'outdated' };
        throw error;
      }
    },
    async deploy(version, by) {
      const command = new StartDeploymentCommand({
        ...profile,
        ...environment,
        ConfigurationVersion: String(version),
        DeploymentStrategyId: ids.strategy,
        Description: by.slice(0, 1024),
      });
      try {
        return { kind: 'started', deployment: (await client.send(command)).DeploymentNumber! };
      } catch (error) {
        if (isNamed(error, 'ConflictException')) return { kind: 'busy' };
        const because = isNamed(error, 'BadRequestException') && validatorMessage(error as BadRequestException);
        if (because) return { kind: 'invalid', because };
        throw error;
      }
    },
  };
}

/** AppConfig lists the newest first, also deployments that were rolled back or are being validated. */
export async function newestServed(
  client: AppConfigClient,
  environment: { readonly ApplicationId: string; readonly EnvironmentId: string },
): Promise<DeploymentSummary | undefined> {
  for await (const { Items = [] } of paginateListDeployments({ client }, environment)) {
    const newest = Items.find(({ State }) => State === 'COMPLETE' || State === 'BAKING' || State === 'DEPLOYING');
    if (newest) return newest;
  }
  return undefined;
}

/** AppConfig passes the validator's error on within the function's response. */
function validatorMessage({ Details, message }: BadRequestException): string | undefined {
  const values = Details?.InvalidConfiguration?.map(({ Value, Reason }) => Value ?? Reason ?? '') ?? [];
  const messages = [...values, message].map((text) => /"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1]);
  const first = messages.find((each) => each !== undefined);
  return first ? JSON.parse(first) : values[0];
}
