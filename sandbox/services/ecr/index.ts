/** Amazon ECR: the settings and policies of private repositories, without images. */
import * as sdk from '@aws-sdk/client-ecr';
import { defineService } from '../../kernel/kernel.ts';
import { recordComparison } from '../../records/comparison.ts';
import { sdkErrors } from '../../records/errors.ts';
import { recordOperations } from '../../records/operation.ts';
import { deletesPart, getsPart, putsPart } from '../../records/parts.ts';
import type { RecordAt, RecordKind, RecordPart, RecordState, StoredRecord } from '../../records/record.ts';
import { anyValue, enumOf, listOf, membersOf, modelledValues } from '../../records/rules.ts';
import { type AccountSetting, getsSetting, putsSetting } from '../../records/settings.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { addsTags, listsTags, removesTags, type TaggedKinds } from '../../records/tags.ts';
import { changes, creates, deletes, lists } from '../../records/verbs.ts';
import { type BoundText, unbindPolicyText } from '../iam/bound-policy.ts';
import { repositoryPolicy } from './repository-policy.ts';
import { ECR } from './state.ts';

const ecrError = sdkErrors<typeof sdk>();
const invalid = (message: string) => ecrError('InvalidParameterException', message);

const REPOSITORY: RecordKind<sdk.Repository> = {
  name: 'repositories',
  arn: 'arn:{partition}:ecr:{region}:{account}:repository/{id}',
  id: 'repositoryName',
  missing: (id) => ecrError('RepositoryNotFoundException', `The repository with name '${id}' does not exist`),
  exists: (id) => ecrError('RepositoryAlreadyExistsException', `The repository with name '${id}' already exists`),
  invalid,
  initially: ({ id, arn, at }) => ({
    repositoryArn: arn,
    registryId: at.account,
    repositoryUri: `${at.account}.dkr.ecr.${at.region}.amazonaws.com/${id}`,
    createdAt: new Date(at.kernel.clock.now()),
    imageTagMutability: 'MUTABLE',
    imageScanningConfiguration: { scanOnPush: false },
    encryptionConfiguration: { encryptionType: 'AES256' },
  }),
  generated: ['createdAt'],
  tags: TAG_LIST,
};

const SCANNING = membersOf<sdk.ImageScanningConfiguration>({ scanOnPush: anyValue });
const MUTABILITY = modelledValues<sdk.ImageTagMutability | undefined>('IMMUTABLE', 'MUTABLE');

const POLICY: RecordPart<BoundText> = {
  name: 'policy',
  missing: (id) =>
    ecrError(
      'RepositoryPolicyNotFoundException',
      `Repository policy does not exist for the repository with name '${id}'`,
    ),
};
const shownPolicy = ({ text, names }: BoundText, { fields }: StoredRecord, _input: object, { kernel }: RecordAt) => ({
  policyText: unbindPolicyText(kernel, text, names),
  registryId: fields.registryId as string,
  repositoryName: fields.repositoryName as string,
});

const REGISTRY_SCANNING: AccountSetting = {
  name: 'registryScanning',
  arn: '*',
  invalid,
  initially: () => ({ scanType: 'BASIC', rules: [] }),
};

const TAGGED: TaggedKinds = {
  kinds: [REPOSITORY],
  form: TAG_LIST,
  unknownArn: (arn) => invalid(`Invalid parameter at 'resourceArn': ${arn}`),
  tooMany: () => ecrError('TooManyTagsException', 'A repository has at most 50 tags.'),
};

export const ecr = defineService<typeof sdk, RecordState>({
  ...ECR,
  ...recordComparison([REPOSITORY]),
  sdk,
  client: sdk.ECRClient,
  prefix: 'ecr',
  operations: recordOperations<typeof sdk>('ecr', {
    CreateRepository: creates(REPOSITORY, {
      takes: { imageScanningConfiguration: SCANNING, imageTagMutability: MUTABILITY },
      tags: 'tags',
      under: 'repository',
    }),
    DescribeRepositories: lists(REPOSITORY, {
      by: 'repositoryNames',
      under: 'repositories',
      pages: {
        token: 'nextToken',
        next: 'nextToken',
        size: 'maxResults',
        sizes: [1, 1000],
        defaultSize: 100,
        invalidToken: () => invalid("Invalid parameter at 'nextToken'"),
      },
    }),
    DeleteRepository: deletes(REPOSITORY, { takes: { force: anyValue }, under: 'repository' }),
    PutImageScanningConfiguration: changes(REPOSITORY, { takes: { imageScanningConfiguration: SCANNING } }),
    PutImageTagMutability: changes(REPOSITORY, { takes: { imageTagMutability: MUTABILITY } }),
    GetRepositoryPolicy: getsPart(REPOSITORY, POLICY, { shows: shownPolicy }),
    SetRepositoryPolicy: putsPart(REPOSITORY, POLICY, {
      takes: { policyText: anyValue },
      value: ({ policyText = '' }, _before, _repository, { kernel }) => repositoryPolicy(policyText, kernel),
      shows: shownPolicy,
    }),
    DeleteRepositoryPolicy: deletesPart(REPOSITORY, POLICY, { shows: shownPolicy }),
    GetRegistryScanningConfiguration: getsSetting(REGISTRY_SCANNING, {
      shows: (scanningConfiguration, { account }) => ({ registryId: account, scanningConfiguration }),
    }),
    PutRegistryScanningConfiguration: putsSetting(REGISTRY_SCANNING, {
      takes: {
        scanType: enumOf(sdk.ScanType),
        rules: listOf<sdk.RegistryScanningRule>({
          scanFrequency: enumOf(sdk.ScanFrequency),
          repositoryFilters: listOf<sdk.ScanningRepositoryFilter>({
            filter: anyValue,
            filterType: enumOf(sdk.ScanningRepositoryFilterType),
          }),
        }),
      },
      shows: (registryScanningConfiguration) => ({ registryScanningConfiguration }),
    }),
    ListTagsForResource: listsTags(TAGGED, 'resourceArn', 'tags'),
    TagResource: addsTags(TAGGED, 'resourceArn', 'tags'),
    UntagResource: removesTags(TAGGED, 'resourceArn', 'tagKeys'),
  }),
});
