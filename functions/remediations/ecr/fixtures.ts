/** Repositories for scenarios, created as an administrator of the account. */
import {
  CreateRepositoryCommand,
  type ECRClient,
  PutRegistryScanningConfigurationCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ecr';
import type { Arrange } from '../../contract/scenario.ts';
import { arrangeResource, findingResource, resourceFixture } from '../kit/resource-fixture.ts';
import { listOfTags } from '../kit/tag-list.ts';
import { ecrRepository } from './repository.ts';

export const ecrRepositories = resourceFixture(ecrRepository, {
  uniqueName: ({ name }) => `team/${name}`,
  async create({ ecr }, { target }, { ScanOnPush: scanOnPush = false, ImageTagMutability }, tags) {
    await ecr.send(
      new CreateRepositoryCommand({
        repositoryName: target.repository,
        imageScanningConfiguration: { scanOnPush },
        imageTagMutability: ImageTagMutability,
        tags: listOfTags(tags),
      }),
    );
    return target;
  },
  tag: ({ ecr }, context, tags) =>
    ecr.send(
      new TagResourceCommand({ resourceArn: findingResource(ecrRepository, context).Id, tags: listOfTags(tags) }),
    ),
});

/** Creates a repository without scans of its own, in a registry that Amazon Inspector scans. */
export const inspectedRepository: Arrange<{ readonly ecr: ECRClient }, { readonly repository: string }> = async (
  clients,
  context,
) => {
  await clients.ecr.send(new PutRegistryScanningConfigurationCommand({ scanType: 'ENHANCED', rules: [] }));
  return arrangeResource(ecrRepositories, { values: { ScanOnPush: false } })(clients, context);
};
