/** A private repository: https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html */
import {
  DescribeRepositoriesCommand,
  ECRClient,
  GetRegistryScanningConfigurationCommand,
  ListTagsForResourceCommand,
  PutImageScanningConfigurationCommand,
  PutImageTagMutabilityCommand,
} from '@aws-sdk/client-ecr';
import * as z from 'zod';
import { arn } from '../../contract/remediation.ts';
import { orUndefined } from '../kit/or-undefined.ts';
import { resourceType } from '../kit/resource-type.ts';
import { tagsOfList } from '../kit/tag-list.ts';

const REPOSITORY = 'arn:{partition}:ecr:{region}:{account}:repository/{repository}';
/** https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
const REPOSITORY_NAME = /(?=.{2,256}$)(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/;
const REGISTRY = { actions: ['ecr:GetRegistryScanningConfiguration'], resources: ['*'], because: 'who scans' } as const;

export const ecrRepository = resourceType({
  target: arn('AwsEcrRepository', REPOSITORY, { repository: REPOSITORY_NAME }),
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
  writes: { actions: [], resources: [REPOSITORY], because: 'sets the attribute; rollback sets it back' },
  attributes: {
    ScanOnPush: {
      type: z.boolean(),
      default: false,
      cloudFormation: 'ImageScanningConfiguration.ScanOnPush',
      terraform: 'image_scanning_configuration.scan_on_push',
      reads: [REGISTRY],
      actions: ['ecr:PutImageScanningConfiguration'],
    },
    ImageTagMutability: {
      type: z.enum(['MUTABLE', 'IMMUTABLE', 'IMMUTABLE_WITH_EXCLUSION', 'MUTABLE_WITH_EXCLUSION']),
      default: 'MUTABLE',
      terraform: 'image_tag_mutability',
      actions: ['ecr:PutImageTagMutability'],
    },
  },
}).by({
  async find({ ecr, target: { repository } }, names) {
    const answer = ecr.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }));
    const found = (await orUndefined(answer, 'RepositoryNotFoundException'))?.repositories?.[0];
    if (!found) return undefined;
    const registry = names.includes('ScanOnPush') && (await ecr.send(new GetRegistryScanningConfigurationCommand()));
    return {
      arn: found.repositoryArn,
      ScanOnPush: found.imageScanningConfiguration?.scanOnPush,
      ImageTagMutability: found.imageTagMutability,
      scanType: registry ? registry.scanningConfiguration?.scanType : undefined,
    };
  },
  async change({ ecr, target: { repository: repositoryName } }, { ScanOnPush, ImageTagMutability }) {
    const imageScanningConfiguration = { scanOnPush: ScanOnPush };
    if (ScanOnPush !== undefined)
      await ecr.send(new PutImageScanningConfigurationCommand({ repositoryName, imageScanningConfiguration }));
    if (ImageTagMutability !== undefined)
      await ecr.send(new PutImageTagMutabilityCommand({ repositoryName, imageTagMutability: ImageTagMutability }));
  },
  async tags({ arn: resourceArn }, { ecr }) {
    return tagsOfList((await ecr.send(new ListTagsForResourceCommand({ resourceArn }))).tags);
  },
  obstacle({ scanType, ImageTagMutability }, values) {
    if (values.ScanOnPush !== undefined && scanType === 'ENHANCED')
      return 'Amazon Inspector scans this registry (ENHANCED): name the repository in a rule of the registry instead';
    if (values.ImageTagMutability !== undefined && ImageTagMutability?.endsWith('_WITH_EXCLUSION'))
      return `its tags are ${ImageTagMutability}, and the exclusions would be lost`;
    return undefined;
  },
});
