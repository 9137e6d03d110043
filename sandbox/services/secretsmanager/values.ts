/** Values of secrets and their versions. */

import { isDeepStrictEqual } from 'node:util';
import type * as sdk from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../../kernel/kernel.ts';
import { notModelled, onlyMembers } from '../requests.ts';
import {
  changeableSecret,
  ENCRYPT_ACTIONS,
  findSecret,
  secretKeyNeeds,
  secretNeed,
  secretNotFound,
  usableSecret,
} from './access.ts';
import {
  CURRENT,
  type SecretsAt,
  type SecretsOperations,
  type SecretValue,
  type StoredSecret,
  versionOf,
  withVersion,
} from './state.ts';

/** https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const MAX_BYTES = 65_536;

export const valueOperations: SecretsOperations = {
  GetSecretValue: {
    needs: (input, at) => {
      const secret = findSecret(at, input.SecretId);
      const { VersionStage = CURRENT, VersionId } = input;
      const version = { ...(VersionId !== undefined && { 'secretsmanager:VersionId': VersionId }) };
      return [
        secretNeed(at, input, 'GetSecretValue', { 'secretsmanager:VersionStage': VersionStage, ...version }),
        ...(secret ? secretKeyNeeds(at, secret, ['Decrypt']) : []),
      ];
    },
    run: (input, at) => {
      const secret = usableSecret(at, input.SecretId);
      const { VersionId: id, VersionStage: stage } = input;
      const version = versionOf(secret, { id, stage });
      if (!version || (stage !== undefined && !version.stages.includes(stage)))
        throw secretNotFound(
          `Secrets Manager can't find the specified secret value for ${id === undefined ? `staging label: ${stage ?? CURRENT}` : `VersionId: ${id}`}`,
        );
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        ...version.value,
        VersionStages: [...version.stages],
        CreatedDate: new Date(version.createdAt),
      };
    },
  },
  PutSecretValue: {
    needs: (input, at) => {
      const secret = findSecret(at, input.SecretId);
      return [secretNeed(at, input, 'PutSecretValue'), ...(secret ? secretKeyNeeds(at, secret, ENCRYPT_ACTIONS) : [])];
    },
    run: (input, at) => {
      onlyMembers('PutSecretValue', input, [
        'SecretId',
        'ClientRequestToken',
        'SecretString',
        'SecretBinary',
        'VersionStages',
      ]);
      if (input.VersionStages && !isDeepStrictEqual(input.VersionStages, [CURRENT]))
        throw notModelled(`VersionStages other than ${CURRENT} in PutSecretValue`);
      const value = givenValue(input);
      if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
      const { arn, name, version } = storeValue(
        at,
        changeableSecret(at, input.SecretId),
        value,
        input.ClientRequestToken,
      );
      return { ARN: arn, Name: name, VersionId: version, VersionStages: [CURRENT] };
    },
  },
};

const invalidRequest = (message: string) => new AwsError('InvalidRequestException', message);
const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message);

/** @throws AwsError InvalidParameterException for both forms at once, ValidationException for a value that is too long */
export function givenValue({
  SecretString,
  SecretBinary,
}: Pick<sdk.PutSecretValueRequest, 'SecretString' | 'SecretBinary'>): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined)
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  const bytes = SecretBinary?.length ?? Buffer.byteLength(SecretString ?? '');
  if (bytes > MAX_BYTES)
    throw new AwsError('ValidationException', `The secret value has ${bytes} bytes, more than ${MAX_BYTES}.`);
  if (SecretString !== undefined) return { SecretString };
  return SecretBinary === undefined ? undefined : { SecretBinary };
}

/**
 * Stores a new version, or finds the one with the same token.
 * @throws AwsError ResourceExistsException if the token's version has another value
 */
export function storeValue(
  at: SecretsAt,
  secret: StoredSecret,
  value: SecretValue,
  token: string = at.kernel.uuid(),
): { readonly arn: string; readonly name: string; readonly version: string } {
  const { arn, name } = secret;
  const known = versionOf(secret, { id: token });
  if (known && !isDeepStrictEqual(known.value, value))
    throw new AwsError(
      'ResourceExistsException',
      'You tried to modify an existing secret version with a different value; versions do not change.',
    );
  if (!known) at.state.secrets.set(name, withVersion(secret, { id: token, value, createdAt: at.kernel.clock.now() }));
  return { arn, name, version: token };
}
