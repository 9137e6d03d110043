import {
  CreateRepositoryCommand,
  DeleteRepositoryPolicyCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetRegistryScanningConfigurationCommand,
  GetRepositoryPolicyCommand,
  PutImageScanningConfigurationCommand,
  PutRegistryScanningConfigurationCommand,
  SetRepositoryPolicyCommand,
} from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Sandbox } from '../../../sandbox/create-sandbox.ts';
import { ecr } from '../../../sandbox/services/ecr/index.ts';
import { administratorClient, sandboxFor } from '../support/sdk-client.ts';

let sandbox: Sandbox;
let client: ECRClient;
const NAME = 'shop/orders';

beforeEach(async () => {
  sandbox = await sandboxFor(ecr);
  client = administratorClient(sandbox, ECRClient);
  await client.send(new CreateRepositoryCommand({ repositoryName: NAME }));
});
afterEach(() => sandbox.close());

it('a repository scans on push once this is enabled', async () => {
  const scans = async () => {
    const { repositories } = await client.send(new DescribeRepositoriesCommand({ repositoryNames: [NAME] }));
    return repositories![0]!.imageScanningConfiguration;
  };
  expect(await scans()).toEqual({ scanOnPush: false });
  const imageScanningConfiguration = { scanOnPush: true };
  const answer = await client.send(
    new PutImageScanningConfigurationCommand({ repositoryName: NAME, imageScanningConfiguration }),
  );
  expect(answer).toMatchObject({ registryId: '111122223333', repositoryName: NAME, imageScanningConfiguration });
  expect(await scans()).toEqual({ scanOnPush: true });
});

it('a repository has a policy, or none', async () => {
  const get = () => client.send(new GetRepositoryPolicyCommand({ repositoryName: NAME }));
  await expect(get()).rejects.toMatchObject({ name: 'RepositoryPolicyNotFoundException' });
  const policyText = '{"Statement":[]}';
  await client.send(new SetRepositoryPolicyCommand({ repositoryName: NAME, policyText }));
  expect((await get()).policyText).toBe(policyText);
  await client.send(new DeleteRepositoryPolicyCommand({ repositoryName: NAME }));
  await expect(get()).rejects.toMatchObject({ name: 'RepositoryPolicyNotFoundException' });
  await expect(
    client.send(new SetRepositoryPolicyCommand({ repositoryName: NAME, policyText: 'no JSON' })),
  ).rejects.toMatchObject({ name: 'InvalidParameterException' });
});

it('a registry scans by rules', async () => {
  const shown = async () => {
    const answer = await client.send(new GetRegistryScanningConfigurationCommand({}));
    return answer.scanningConfiguration;
  };
  expect(await shown()).toEqual({ scanType: 'BASIC', rules: [] });
  const repositoryFilters = [{ filter: '*', filterType: 'WILDCARD' as const }];
  const rules = [{ scanFrequency: 'CONTINUOUS_SCAN' as const, repositoryFilters }];
  await client.send(new PutRegistryScanningConfigurationCommand({ scanType: 'ENHANCED', rules }));
  expect(await shown()).toEqual({ scanType: 'ENHANCED', rules });
});
