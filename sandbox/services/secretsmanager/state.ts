import type * as sdk from '@aws-sdk/client-secrets-manager';
import type { At, AwsPlace, ServiceOperations, StateKey } from '../../kernel/kernel.ts';
import type { RecordTags } from '../../records/tag-forms.ts';
import type { BoundText } from '../iam/bound-policy.ts';

export type SecretValue = Pick<sdk.GetSecretValueResponse, 'SecretString' | 'SecretBinary'>;

export type SecretVersion = {
  readonly id: string;
  readonly value: SecretValue;
  readonly createdAt: number;
  readonly stages: readonly string[];
};

export type StoredSecret = {
  readonly name: string;
  readonly arn: string;
  readonly description?: string | undefined;
  /** Absent: the key `aws/secretsmanager`. */
  readonly kmsKeyId?: string | undefined;
  readonly createdAt: number;
  readonly changedAt: number;
  /** It is scheduled for deletion, and is gone at this time. */
  readonly goneAt?: number | undefined;
  readonly deletedAt?: number | undefined;
  /** In the order of their creation. */
  readonly versions: readonly SecretVersion[];
  readonly tags: RecordTags;
  readonly policy?: BoundText | undefined;
  /** The service that keeps it, such as `events`: nobody else may change it. */
  readonly owningService?: string;
};

/** By name. */
export type SecretsState = { readonly secrets: Map<string, StoredSecret> };
export type SecretsAt = At<SecretsState>;
export type SecretsOperations = ServiceOperations<typeof sdk, SecretsState>;

export const SECRETSMANAGER: StateKey<SecretsState> = {
  name: 'secretsmanager',
  scope: 'region',
  state: () => ({ secrets: new Map() }),
};

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';

export const secretArn = ({ partition, region, account }: AwsPlace, nameAndSuffix: string): string =>
  `arn:${partition}:secretsmanager:${region}:${account}:secret:${nameAndSuffix}`;

/** Returns the version that has a stage, or an id. */
export const versionOf = (
  { versions }: StoredSecret,
  { id, stage = CURRENT }: { readonly id?: string | undefined; readonly stage?: string | undefined },
): SecretVersion | undefined =>
  versions.find((version) => (id === undefined ? version.stages.includes(stage) : version.id === id));

/**
 * Returns the secret with a new version, which is the current one. The version before it is the previous one, and
 * versions without a stage are gone.
 */
export function withVersion(
  secret: StoredSecret,
  version: Pick<SecretVersion, 'id' | 'value' | 'createdAt'>,
): StoredSecret {
  const former = secret.versions.flatMap((each) => {
    if (each.stages.includes(CURRENT)) return [{ ...each, stages: [PREVIOUS] }];
    return [];
  });
  return {
    ...secret,
    changedAt: version.createdAt,
    versions: [...former, { ...version, stages: [CURRENT] }],
  };
}
