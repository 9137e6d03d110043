import type { AwsPlace } from './place.ts';

/**
 * The key of a service's state: `kernel.state(KMS, place)`. Each service exports its key from a file without operations
 * (`services/<service>/state.ts`), so that services can read each other's state without importing each other.
 */
export type StateKey<S = any> = {
  /** In state and call log: 'ec2', 'sfn', 's3control'. */
  readonly name: string;
  /**
   * 'region': one state per account and Region; 'account': one per account (IAM); 'partition': one for all (S3
   * buckets).
   */
  readonly scope: 'region' | 'account' | 'partition';
  readonly state: (place: AwsPlace) => S;
};

/** Returns the name of a state in a snapshot: `<service> <partition> <account> <Region>`, as far as the scope goes. */
export function stateName(
  { name, scope }: Pick<StateKey, 'name' | 'scope'>,
  { partition, account, region }: AwsPlace,
): string {
  if (scope === 'partition') return `${name} ${partition}`;
  return scope === 'account' ? `${name} ${partition} ${account}` : `${name} ${partition} ${account} ${region}`;
}
