import { setTimeout as sleep } from 'node:timers/promises';
import {
  AppConfigClient,
  type AppConfigClientConfig,
  type DeploymentSummary,
  GetDeploymentCommand,
  GetHostedConfigurationVersionCommand,
  paginateListDeployments,
  paginateListHostedConfigurationVersions,
} from '@aws-sdk/client-appconfig';
import { isNamed } from '../../functions/contract/errors.ts';
import { AddPolicyReply, DeployPolicyReply } from '../../functions/domain/api-policy.ts';
import type { SuturePolicy } from '../../functions/domain/policy.ts';
import { Failure } from '../errors/failure.ts';
import { apiWith } from './api.ts';
import { installedNames } from './installed-names.ts';
import { appConfigItems, findPolicyResources, type PolicyResources } from './policy-resources.ts';

export type DeployedPolicy = { readonly version: number; readonly deployment: number; readonly content: unknown };

export type PolicyStore = {
  /** Returns the policy that functions read now; undefined if none was ever deployed. */
  deployed(): Promise<DeployedPolicy | undefined>;
  /** @throws Failure if there is no such version */
  contentOf(version: number): Promise<unknown>;
  latestVersion(): Promise<number | undefined>;
  /**
   * Returns the number of the new version.
   * @param after the latest version that was read
   * @throws Failure if another version was added since
   */
  add(policy: SuturePolicy, after: number | undefined): Promise<number>;
  /**
   * Returns the number of the completed deployment, or the proposal that somebody else must approve before.
   * @throws Failure if the validator refuses the policy
   */
  deploy(version: number, progress: (state: string) => void, reason?: string): Promise<DeployPolicyReply>;
  /** @throws Unreachable if IAM does not let the caller add and deploy versions */
  requirePermission(): Promise<void>;
};

const MAX_DEPLOYMENT_MS = 5 * 60_000;
const POLL_MS = 1000;
/** AppConfig numbers versions from 1, so the API finds nothing to deploy. */
const NO_VERSION = '0';

/** Returns the store of the account and Region in these settings. */
export const policyStoreAt = (aws: AppConfigClientConfig): Promise<PolicyStore> =>
  policyStore(new AppConfigClient(aws));

/** @throws Unreachable if the security stack is not deployed in the client's account and Region */
export async function policyStore(client = new AppConfigClient({})): Promise<PolicyStore> {
  const resources = await findPolicyResources(client);
  return {
    deployed: () => readDeployed(resources),
    contentOf: (version) => readContent(resources, version),
    latestVersion: () => findLatestVersion(resources),
    async add(policy, after) {
      const body = { policy, after: after ?? null };
      return AddPolicyReply.parse(await (await apiWith(client)).call('addPolicy', { body })).version;
    },
    async deploy(version, progress, reason) {
      const parameters = { version: String(version) };
      const body = reason === undefined ? {} : { reason };
      const reply = await (await apiWith(client)).call('deployPolicy', { parameters, body });
      return deployed(resources, version, DeployPolicyReply.parse(reply), progress);
    },
    async requirePermission() {
      const api = await apiWith(client);
      await api.requirePermission('addPolicy');
      await api.requirePermission('deployPolicy', { parameters: { version: NO_VERSION } });
    },
  };
}

async function readDeployed(resources: PolicyResources): Promise<DeployedPolicy | undefined> {
  const [newest] = await servedDeployments(resources);
  if (!newest) return undefined;
  const version = Number(newest.ConfigurationVersion);
  return { version, deployment: newest.DeploymentNumber!, content: await readContent(resources, version) };
}

/** Returns the deployments of the policy that were not rolled back, the newest first. */
async function servedDeployments({ client, environment }: PolicyResources): Promise<DeploymentSummary[]> {
  const deployments = await appConfigItems(paginateListDeployments({ client }, environment));
  return deployments
    .filter((each) => each.ConfigurationName === installedNames().policy.profile && isServed(each))
    .toSorted((a, b) => b.DeploymentNumber! - a.DeploymentNumber!);
}

/** Returns false for deployments that were rolled back, which AppConfig also lists. */
const isServed = ({ State }: DeploymentSummary) => State === 'COMPLETE' || State === 'BAKING' || State === 'DEPLOYING';

async function readContent(resources: PolicyResources, version: number): Promise<unknown> {
  const { client, profile } = resources;
  const input = { ...profile, VersionNumber: version };
  const found = await client.send(new GetHostedConfigurationVersionCommand(input)).catch((error) => {
    if (!isNamed(error, 'ResourceNotFoundException')) throw error;
    return undefined;
  });
  if (!found) throw new Failure(`There is no version ${version} of the policy. ${await versionsText(resources)}`);
  return JSON.parse(new TextDecoder().decode(found.Content));
}

/** An error names at most this many versions. */
const MAX_VERSIONS = 10;

async function versionsText(resources: PolicyResources): Promise<string> {
  const deployments = await servedDeployments(resources);
  const [live] = deployments;
  // Viewers may list deployments, and not the versions that nobody deployed.
  const stored = await versionNumbers(resources).catch((error) => {
    if (!isNamed(error, 'AccessDeniedException')) throw error;
    return undefined;
  });
  const numbers = stored ?? deployments.map(({ ConfigurationVersion }) => Number(ConfigurationVersion));
  const newest = [...new Set(numbers)].sort((a, b) => b - a).slice(0, MAX_VERSIONS);
  if (newest.length === 0) return 'There is none.';
  const texts = newest.map((each) => `${each}${String(each) === live?.ConfigurationVersion ? ' (deployed)' : ''}`);
  const heading = stored ? 'The newest are' : 'The newest that were deployed are';
  return `${heading}: ${texts.join(', ')}.`;
}

async function versionNumbers({ client, profile }: PolicyResources): Promise<number[]> {
  const versions = await appConfigItems(paginateListHostedConfigurationVersions({ client }, profile));
  return versions.map(({ VersionNumber }) => VersionNumber!);
}

async function findLatestVersion(resources: PolicyResources): Promise<number | undefined> {
  const versions = await versionNumbers(resources);
  return versions.length === 0 ? undefined : Math.max(...versions);
}

/** Waits for the deployment to be complete. */
async function deployed(
  { client, environment }: PolicyResources,
  version: number,
  reply: DeployPolicyReply,
  progress: (state: string) => void,
): Promise<DeployPolicyReply> {
  if ('proposal' in reply) return reply;
  const { deployment: DeploymentNumber } = reply;
  for (const end = Date.now() + MAX_DEPLOYMENT_MS; Date.now() < end; await sleep(POLL_MS)) {
    const { State } = await client.send(new GetDeploymentCommand({ ...environment, DeploymentNumber }));
    progress(`deployment ${DeploymentNumber}: ${State}`);
    if (State === 'COMPLETE') return reply;
    if (State === 'ROLLED_BACK' || State === 'REVERTED')
      throw new Failure(`Deployment ${DeploymentNumber} of version ${version} was rolled back: ${State}.`);
  }
  throw new Failure(
    `Deployment ${DeploymentNumber} of version ${version} is not complete yet. Look again: suture policy diff`,
  );
}
