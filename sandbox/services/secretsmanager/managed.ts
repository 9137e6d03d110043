/**
 * Secrets that another service of AWS keeps for a customer: only that service changes them.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/service-linked-secrets.html
 */
import type { AwsPlace, Kernel } from '../../kernel/kernel.ts';
import { SECRETSMANAGER, secretArn, withVersion } from './state.ts';

export type ManagedSecret = {
  /** Such as `events`. */
  readonly owningService: string;
  readonly name: string;
  readonly value: object;
};

/** Creates the secret, or stores a new version of it. Returns its ARN. */
export function putManagedSecret(
  kernel: Kernel,
  place: AwsPlace,
  { owningService, name, value }: ManagedSecret,
): string {
  const { secrets } = kernel.state(SECRETSMANAGER, place);
  const createdAt = kernel.clock.now();
  const secret = secrets.get(name) ?? {
    name,
    arn: secretArn(place, `${name}-${kernel.id('', 6, 'secret')}`),
    createdAt,
    changedAt: createdAt,
    versions: [],
    tags: { 'aws:secretsmanager:owningService': owningService },
    owningService,
  };
  const version = { id: kernel.uuid(), value: { SecretString: JSON.stringify(value) }, createdAt };
  secrets.set(name, withVersion(secret, version));
  return secret.arn;
}

/** Deletes the secret at once, without a recovery window. */
export const deleteManagedSecret = (kernel: Kernel, place: AwsPlace, arn: string): void => {
  const { secrets } = kernel.state(SECRETSMANAGER, place);
  for (const [name, secret] of secrets) if (secret.arn === arn) secrets.delete(name);
};
