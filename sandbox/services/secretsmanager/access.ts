/** Finds the secrets that requests name, and the permissions that requests need. */
import { parseIamPolicy } from '../../authorization/policy.ts';
import { AwsError, type Need } from '../../kernel/kernel.ts';
import { keyNeeds } from '../kms/needs.ts';
import { type SecretsAt, type SecretsState, type StoredSecret, secretArn } from './state.ts';

export const secretNotFound = (message = "Secrets Manager can't find the specified secret."): AwsError =>
  new AwsError('ResourceNotFoundException', message);

/**
 * Returns the secret that a name, an ARN, or an ARN without its last seven characters names. Ends a recovery window that
 * is over.
 */
export function findSecret(at: Pick<SecretsAt, 'kernel' | 'state'>, id = ''): StoredSecret | undefined {
  const found = at.state.secrets.get(id) ?? byArn(at.state, id);
  if (found?.goneAt === undefined || at.kernel.clock.now() < found.goneAt) return found;
  at.state.secrets.delete(found.name);
  return undefined;
}

const byArn = ({ secrets }: SecretsState, id: string): StoredSecret | undefined =>
  id.startsWith('arn:') ? [...secrets.values()].find(({ arn }) => arn === id || arn.slice(0, -7) === id) : undefined;

/** @throws AwsError ResourceNotFoundException */
export function existingSecret(at: Pick<SecretsAt, 'kernel' | 'state'>, id: string | undefined): StoredSecret {
  const secret = findSecret(at, id);
  if (!secret) throw secretNotFound();
  return secret;
}

/** @throws AwsError InvalidRequestException for a secret that is scheduled for deletion */
export function usableSecret(at: SecretsAt, id: string | undefined): StoredSecret {
  const secret = existingSecret(at, id);
  if (secret.goneAt !== undefined)
    throw new AwsError(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  return secret;
}

/** @throws AwsError InvalidRequestException for a secret that another service keeps */
export function changeableSecret(at: SecretsAt, id: string | undefined): StoredSecret {
  const secret = usableSecret(at, id);
  if (secret.owningService !== undefined)
    throw new AwsError(
      'InvalidRequestException',
      `You can't change the secret ${secret.name} because the service ${secret.owningService} manages it.`,
    );
  return secret;
}

type Named = { readonly SecretId?: string | undefined };

/** Literal question marks stand for the six characters that AWS makes up: policies write `-??????` or `-*`. */
export const newSecretArn = (at: SecretsAt, name: string): string => secretArn(at, `${name}-??????`);

export function secretNeed(
  at: SecretsAt,
  { SecretId = '' }: Named,
  action: string,
  context: NonNullable<Need['context']> = {},
): Need {
  const secret = findSecret(at, SecretId);
  return {
    action: `secretsmanager:${action}`,
    resource: secret?.arn ?? (SecretId.startsWith('arn:') ? SecretId : newSecretArn(at, SecretId)),
    resourceTags: secret?.tags ?? {},
    context: {
      'secretsmanager:SecretId': secret?.arn ?? SecretId,
      ...Object.fromEntries(
        Object.entries(secret?.tags ?? {}).map(([key, value]) => [`secretsmanager:ResourceTag/${key}`, value]),
      ),
      ...context,
    },
    ...(secret?.policy && {
      resourcePolicy: parseIamPolicy(secret.policy.text, 'resource', 'MalformedPolicyDocument'),
    }),
  };
}

/**
 * Returns the permissions on the secret's key, which Secrets Manager uses with the caller's.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export const secretKeyNeeds = (
  at: SecretsAt,
  secret: Pick<StoredSecret, 'kmsKeyId' | 'arn'>,
  actions: readonly string[],
): readonly Need[] =>
  keyNeeds(
    at.kernel,
    at,
    secret.kmsKeyId ?? 'alias/aws/secretsmanager',
    actions.map((action) => `kms:${action}`),
    `secretsmanager.${at.region}.amazonaws.com`,
    { SecretARN: secret.arn },
  );

export const ENCRYPT_ACTIONS = ['GenerateDataKey', 'Decrypt'] as const;
