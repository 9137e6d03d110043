/** A private repository, as far as its tags go: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html */
import {
  DescribeRepositoriesCommand,
  ECRClient,
  ListTagsForResourceCommand,
  PutImageTagMutabilityCommand,
} from '@aws-sdk/client-ecr';
import * as z from 'zod';
import { arn } from '../../../functions/contract/remediation.ts';
import { orUndefined, resourceType, tagsOfList } from '../../../functions/remediations/kit/index.ts';

const REPOSITORY = 'arn:{partition}:ecr:{region}:{account}:repository/{repository}';

export const repository = resourceType({
  target: arn('AwsEcrRepository', REPOSITORY, { repository: /[a-z0-9._/-]+/ }),
  clients: { ecr: ECRClient },
  cloudFormation: 'AWS::ECR::Repository',
  terraform: 'aws_ecr_repository',
  reads: [
    {
      actions: ['ecr:DescribeRepositories', 'ecr:ListTagsForResource'],
      resources: [REPOSITORY],
      because: 'its attributes and tags',
    },
  ],
  writes: {
    actions: ['ecr:PutImageTagMutability'],
    resources: [REPOSITORY],
    because: 'sets the attribute; rollback sets it back',
  },
  attributes: {
    imageTagMutability: {
      type: z.enum(['MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION']),
      default: 'MUTABLE',
      cloudFormation: 'ImageTagMutability',
      terraform: 'image_tag_mutability',
    },
  },
}).by({
  async find({ ecr, target }) {
    const answer = ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [target.repository] }));
    return (await orUndefined(answer, 'RepositoryNotFoundException'))?.repositories?.[0];
  },
  change: ({ ecr, target: { repository: repositoryName } }, { imageTagMutability }) =>
    ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability })),
  async tags({ repositoryArn: resourceArn }, { ecr }) {
    return tagsOfList((await ecr.send(new ListTagsForResourceCommand({ resourceArn }))).tags);
  },
  obstacle: ({ imageTagMutability }) =>
    imageTagMutability?.endsWith('_WITH_EXCLUSION')
      ? `its tags are ${imageTagMutability}, and the exclusions would be lost`
      : undefined,
});
