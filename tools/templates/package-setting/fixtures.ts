/** Repositories for scenarios, created as an administrator of the account. */
import { CreateRepositoryCommand, TagResourceCommand } from '@aws-sdk/client-ecr';
import { findingResource, listOfTags, resourceFixture } from '../../../functions/remediations/kit/scenarios.ts';
import { repository } from './repository.ts';

export const repositories = resourceFixture(repository, {
  async create({ ecr }, { target }, { imageTagMutability }, tags) {
    const repositoryName = target.repository;
    await ecr.send(new CreateRepositoryCommand({ repositoryName, imageTagMutability, tags: listOfTags(tags) }));
    return target;
  },
  tag: ({ ecr }, context, tags) =>
    ecr.send(new TagResourceCommand({ resourceArn: findingResource(repository, context).Id, tags: listOfTags(tags) })),
});
