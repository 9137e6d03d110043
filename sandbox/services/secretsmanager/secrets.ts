/** Creates, describes, lists and changes secrets, and deletes them after a recovery window. */
import type * as sdk from '@aws-sdk/client-secrets-manager';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { TAG_LIST } from '../../records/tag-forms.ts';
import { recordTagContext } from '../../records/tags.ts';
import { existingKey } from '../kms/state.ts';
import { notModelled, onlyMembers, pageOf } from '../requests.ts';
import {
  changeableSecret,
  ENCRYPT_ACTIONS,
  existingSecret,
  findSecret,
  newSecretArn,
  secretKeyNeeds,
  secretNeed,
} from './access.ts';
import { type SecretsAt, type SecretsOperations, type StoredSecret, secretArn } from './state.ts';
import { givenValue, storeValue } from './values.ts';

const NAME = /^[\w/+=.@!-]{1,512}$/;
const DAY_MS = 86_400_000;
const DEFAULT_RECOVERY_DAYS = 30;

const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message);
const invalidRequest = (message: string) => new AwsError('InvalidRequestException', message);

export const secretOperations: SecretsOperations = {
  CreateSecret: {
    needs: (input, at) => {
      const tags = TAG_LIST.read(input.Tags);
      const arn = newSecretArn(at, input.Name ?? '');
      const context = {
        'secretsmanager:Name': input.Name ?? '',
        ...(input.Description !== undefined && { 'secretsmanager:Description': input.Description }),
        ...(input.KmsKeyId !== undefined && { 'secretsmanager:KmsKeyId': input.KmsKeyId }),
        ...recordTagContext(tags),
      };
      return [
        { action: 'secretsmanager:CreateSecret', resource: arn, context },
        ...(Object.keys(tags).length > 0 ? [{ action: 'secretsmanager:TagResource', resource: arn, context }] : []),
        ...(givenValue(input) ? secretKeyNeeds(at, { kmsKeyId: input.KmsKeyId, arn }, ENCRYPT_ACTIONS) : []),
      ];
    },
    run: (input, at) => createSecret(input, at),
  },
  DescribeSecret: {
    needs: (input, at) => [secretNeed(at, input, 'DescribeSecret')],
    run: (input, at) => {
      const secret = existingSecret(at, input.SecretId);
      const stages = secret.versions.map(({ id, stages }): [string, string[]] => [id, [...stages]]);
      return { ...listedSecret(secret), VersionIdsToStages: Object.fromEntries(stages) };
    },
  },
  ListSecrets: {
    run: (input, at) => {
      onlyMembers('ListSecrets', input, ['IncludePlannedDeletion', 'MaxResults', 'NextToken', 'Filters']);
      const present = [...at.state.secrets.keys()].flatMap((name) => findSecret(at, name) ?? []);
      const found = present
        .filter(({ goneAt }) => goneAt === undefined || input.IncludePlannedDeletion === true)
        .filter((secret) => (input.Filters ?? []).every((filter) => passes(filter, secret)));
      const page = pageOf(found, input.NextToken, input.MaxResults ?? 100, () => invalidNextToken());
      return { SecretList: page.items.map((secret) => listEntry(secret)), NextToken: page.nextToken };
    },
  },
  UpdateSecret: {
    needs: (input, at) => {
      const secret = findSecret(at, input.SecretId);
      const own = secretNeed(at, input, 'UpdateSecret', {
        ...(input.Description !== undefined && { 'secretsmanager:Description': input.Description }),
        ...(input.KmsKeyId !== undefined && { 'secretsmanager:KmsKeyId': input.KmsKeyId }),
      });
      const encrypts = secret && (givenValue(input) || input.KmsKeyId !== undefined);
      const kmsKeyId = input.KmsKeyId ?? secret?.kmsKeyId;
      return [own, ...(encrypts ? secretKeyNeeds(at, { arn: secret.arn, kmsKeyId }, ENCRYPT_ACTIONS) : [])];
    },
    run: (input, at) => {
      onlyMembers('UpdateSecret', input, [
        'SecretId',
        'ClientRequestToken',
        'Description',
        'KmsKeyId',
        'SecretString',
        'SecretBinary',
      ]);
      const secret = changeableSecret(at, input.SecretId);
      const { Description: description = secret.description, KmsKeyId: kmsKeyId = secret.kmsKeyId } = input;
      const changed = { ...secret, description, kmsKeyId: checkedKey(at, kmsKeyId), changedAt: at.kernel.clock.now() };
      at.state.secrets.set(secret.name, changed);
      const value = givenValue(input);
      const version = value && storeValue(at, changed, value, input.ClientRequestToken).version;
      return { ARN: secret.arn, Name: secret.name, ...(version !== undefined && { VersionId: version }) };
    },
  },
  DeleteSecret: {
    needs: (input, at) => [deletionNeed(input, at)],
    run: (input, at) => deleteSecret(input, at),
  },
  RestoreSecret: {
    needs: (input, at) => [secretNeed(at, input, 'RestoreSecret')],
    run: (input, at) => {
      const { goneAt: _, deletedAt: __, ...secret } = existingSecret(at, input.SecretId);
      at.state.secrets.set(secret.name, secret);
      return { ARN: secret.arn, Name: secret.name };
    },
  },
};

function createSecret(input: sdk.CreateSecretRequest, at: SecretsAt): sdk.CreateSecretResponse {
  onlyMembers('CreateSecret', input, [
    'Name',
    'ClientRequestToken',
    'Description',
    'KmsKeyId',
    'SecretString',
    'SecretBinary',
    'Tags',
  ]);
  const { Name: name = '' } = input;
  if (!NAME.test(name))
    throw invalidParameter(
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
  const existing = findSecret(at, name);
  if (existing?.goneAt !== undefined)
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  if (existing)
    throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
  const now = at.kernel.clock.now();
  const secret: StoredSecret = {
    name,
    arn: secretArn(at, `${name}-${at.kernel.id('', 6, 'secret')}`),
    description: input.Description,
    kmsKeyId: checkedKey(at, input.KmsKeyId),
    createdAt: now,
    changedAt: now,
    versions: [],
    tags: TAG_LIST.read(input.Tags),
  };
  at.state.secrets.set(name, secret);
  const value = givenValue(input);
  const version = value && storeValue(at, secret, value, input.ClientRequestToken).version;
  return { ARN: secret.arn, Name: name, ...(version !== undefined && { VersionId: version }) };
}

/** @throws AwsError NotFoundException of KMS */
function checkedKey(at: SecretsAt, keyId: string | undefined): string | undefined {
  if (keyId !== undefined) existingKey(at.kernel, at, keyId);
  return keyId;
}

const deletionNeed = (input: sdk.DeleteSecretRequest, at: SecretsAt): Need =>
  secretNeed(at, input, 'DeleteSecret', {
    'secretsmanager:ForceDeleteWithoutRecovery': String(input.ForceDeleteWithoutRecovery ?? false),
    ...(input.RecoveryWindowInDays !== undefined && {
      'secretsmanager:RecoveryWindowInDays': String(input.RecoveryWindowInDays),
    }),
  });

function deleteSecret(input: sdk.DeleteSecretRequest, at: SecretsAt): sdk.DeleteSecretResponse {
  const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: isForced = false } = input;
  if (isForced && days !== undefined)
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days !== undefined && (days < 7 || days > 30))
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  const now = at.kernel.clock.now();
  const secret = changeableSecret(at, input.SecretId);
  const goneAt = now + (days ?? DEFAULT_RECOVERY_DAYS) * DAY_MS;
  if (isForced) at.state.secrets.delete(secret.name);
  else at.state.secrets.set(secret.name, { ...secret, deletedAt: now, goneAt });
  return { ARN: secret.arn, Name: secret.name, DeletionDate: new Date(isForced ? now : goneAt) };
}

const dateOf = (at: number | undefined) => (at === undefined ? undefined : new Date(at));

const listedSecret = (secret: StoredSecret) => ({
  ARN: secret.arn,
  Name: secret.name,
  Description: secret.description,
  KmsKeyId: secret.kmsKeyId,
  CreatedDate: new Date(secret.createdAt),
  LastChangedDate: new Date(secret.changedAt),
  DeletedDate: dateOf(secret.deletedAt),
  OwningService: secret.owningService,
  Tags: TAG_LIST.write(secret.tags) as sdk.Tag[],
});

const listEntry = (secret: StoredSecret): sdk.SecretListEntry => ({
  ...listedSecret(secret),
  SecretVersionsToStages: Object.fromEntries(
    secret.versions.map(({ id, stages }): [string, string[]] => [id, [...stages]]),
  ),
});

/** Values of a filter are prefixes; a `!` before a prefix excludes the secrets that begin with it. */
function passes({ Key, Values = [] }: sdk.Filter, secret: StoredSecret): boolean {
  if (Key !== 'name' && Key !== 'owning-service') throw notModelled(`the filter ${Key} of ListSecrets`);
  const text = Key === 'name' ? secret.name : (secret.owningService ?? '');
  return Values.some((value) =>
    value.startsWith('!') ? !text.startsWith(value.slice(1)) : text !== '' && text.startsWith(value),
  );
}

const invalidNextToken = () => new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
