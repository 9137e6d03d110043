/** Repositories for scenarios, created as an administrator of the account. */
import { CreateRepositoryCommand, TagResourceCommand } from '@aws-sdk/client-ecr';
import { findingResource, resourceFixture } from '../kit/resource-fixture.ts';
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
