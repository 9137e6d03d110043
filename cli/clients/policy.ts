/** The policies that AppConfig keeps: which one is deployed, and how another takes its place. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AppConfigClient,
  type BadRequestException,
  CreateHostedConfigurationVersionCommand,
  type DeploymentSummary,
  GetConfigurationProfileCommand,
  GetDeploymentCommand,
  GetHostedConfigurationVersionCommand,
  paginateListApplications,
  paginateListConfigurationProfiles,
  paginateListDeploymentStrategies,
  paginateListDeployments,
  paginateListEnvironments,
  paginateListHostedConfigurationVersions,
  StartDeploymentCommand,
} from '@aws-sdk/client-appconfig';
import { isNamed } from '../../functions/contract/errors.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { POLICY } from '../../stacks/names.ts';
import { Failure } from '../errors/failure.ts';

export type Deployed = { readonly version: number; readonly deployment: number; readonly content: unknown };

export type PolicyStore = {
  /** What functions read now; undefined when nothing was ever deployed. */
  deployed(): Promise<Deployed | undefined>;
  /** The content of an earlier version. @throws Failure when there is none of this number */
  contentOf(version: number): Promise<unknown>;
  latestVersion(): Promise<number | undefined>;
  /** @param after the latest version that was seen: another one since is refused with a Failure */
  add(policy: SuturePolicy, after: number | undefined): Promise<number>;
  /** Ends when the deployment is complete. @throws Failure with the validator's words when the policy is refused */
  deploy(version: number, progress: (state: string) => void): Promise<number>;
};

/** How long a deployment without bake time is waited for, in milliseconds; it takes seconds. */
const PATIENCE = 5 * 60_000;
const EVERY = 1000;

/** @throws Failure when the security stack is not deployed where the client looks */
export async function policyStore(client: AppConfigClient): Promise<PolicyStore> {
  const application = await named(paginateListApplications({ client }, {}), POLICY.application, 'application');
  const ApplicationId = application.Id!;
  const [environment, profile, strategy] = await Promise.all([
    named(paginateListEnvironments({ client }, { ApplicationId }), POLICY.environment, 'environment'),
    named(paginateListConfigurationProfiles({ client }, { ApplicationId }), POLICY.profile, 'configuration profile'),
    named(paginateListDeploymentStrategies({ client }, {}), POLICY.strategy, 'deployment strategy'),
  ]);
  const ofProfile = { ApplicationId, ConfigurationProfileId: profile.Id! };
  const ofEnvironment = { ApplicationId, EnvironmentId: environment.Id! };

  const contentOf = async (version: number): Promise<unknown> => {
    const input = { ...ofProfile, VersionNumber: version };
    const { Content } = await client.send(new GetHostedConfigurationVersionCommand(input)).catch((error) => {
      if (!isNamed(error, 'ResourceNotFoundException')) throw error;
      throw new Failure(`There is no version ${version} of the policy.`);
    });
    return JSON.parse(new TextDecoder().decode(Content));
  };

  return {
    contentOf,
    async deployed() {
      const all = await itemsOf(paginateListDeployments({ client }, ofEnvironment));
      const [newest] = all
        .filter((each) => each.ConfigurationName === POLICY.profile && isServed(each))
        .toSorted((a, b) => b.DeploymentNumber! - a.DeploymentNumber!);
      if (!newest) return undefined;
      const version = Number(newest.ConfigurationVersion);
      return { version, deployment: newest.DeploymentNumber!, content: await contentOf(version) };
    },
    async latestVersion() {
      const versions = await itemsOf(paginateListHostedConfigurationVersions({ client }, ofProfile));
      return versions.length === 0 ? undefined : Math.max(...versions.map(({ VersionNumber }) => VersionNumber!));
    },
    async add(policy, after) {
      const made = client.send(
        new CreateHostedConfigurationVersionCommand({
          ...ofProfile,
          Content: new TextEncoder().encode(JSON.stringify(policy)),
          ContentType: 'application/json',
          LatestVersionNumber: after,
        }),
      );
      const { VersionNumber } = await made.catch((error) => {
        if (!isNamed(error, 'ConflictException')) throw error;
        throw new Failure('Somebody else made a version of the policy in the meantime. Look at the difference again.');
      });
      return VersionNumber!;
    },
    async deploy(version, progress) {
      const { KmsKeyArn } = await client.send(new GetConfigurationProfileCommand(ofProfile));
      const started = client.send(
        new StartDeploymentCommand({
          ...ofProfile,
          ...ofEnvironment,
          ConfigurationVersion: String(version),
          DeploymentStrategyId: strategy.Id!,
          KmsKeyIdentifier: KmsKeyArn,
        }),
      );
      const { DeploymentNumber } = await started.catch((error) => {
        throw refusal(error, version);
      });
      for (const end = Date.now() + PATIENCE; Date.now() < end; await sleep(EVERY)) {
        const { State } = await client.send(new GetDeploymentCommand({ ...ofEnvironment, DeploymentNumber }));
        progress(`deployment ${DeploymentNumber}: ${State}`);
        if (State === 'COMPLETE') return DeploymentNumber!;
        if (State === 'ROLLED_BACK' || State === 'REVERTED')
          throw new Failure(`Deployment ${DeploymentNumber} of version ${version} was rolled back: ${State}.`);
      }
      throw new Failure(
        `Deployment ${DeploymentNumber} of version ${version} is not complete yet. Look again: policy diff`,
      );
    },
  };
}

/** Deployments that were taken back are listed too. */
const isServed = ({ State }: DeploymentSummary) => State === 'COMPLETE' || State === 'BAKING' || State === 'DEPLOYING';

function refusal(error: unknown, version: number): unknown {
  if (isNamed(error, 'ConflictException'))
    return new Failure(`Another deployment is under way; version ${version} is kept and not deployed. Try again.`);
  const said = isNamed(error, 'BadRequestException') && validatorsWords(error as BadRequestException);
  return said ? new Failure(`AppConfig refused version ${version}; what was deployed still holds. ${said}`) : error;
}

/** The message of the error that the validator threw, which AppConfig passes on as the function's answer. */
function validatorsWords({ Details, message }: BadRequestException): string | undefined {
  const values = Details?.InvalidConfiguration?.map(({ Value, Reason }) => Value ?? Reason ?? '') ?? [];
  const thrown = [...values, message].map((text) => /"errorMessage"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1]);
  const found = thrown.find((each) => each !== undefined);
  return found ? JSON.parse(found) : values[0];
}

async function named<T extends { Id?: string; Name?: string }>(
  pages: AsyncIterable<{ Items?: T[] }>,
  name: string,
  what: string,
): Promise<T> {
  const found = (await itemsOf(pages)).find(({ Name }) => Name === name);
  if (found) return found;
  throw new Failure(
    `AppConfig has no ${what} "${name}" here. Use credentials of the security account and its home Region, and deploy SutureSecurity first.`,
  );
}

async function itemsOf<T>(pages: AsyncIterable<{ Items?: T[] }>): Promise<T[]> {
  const items: T[] = [];
  for await (const { Items = [] } of pages) items.push(...Items);
  return items;
}
