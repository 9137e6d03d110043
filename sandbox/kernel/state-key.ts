import type { AwsPlace } from './place.ts';

/**
 * The part of a service by which its state is looked up: `kernel.state(KMS, place)`. Each service exports its key from
 * a file that imports no operations (`services/<service>/state.ts`), so that services read each other's state without
 * importing each other.
 */
export type StateKey<S = any> = {
  /** The service's name in the sandbox, in state and call log: 'ec2', 'sfn', 's3control'. */
  readonly name: string;
  /** 'region': one state per account and Region; 'account': one per account (IAM); 'partition': one for all (S3 buckets). */
  readonly scope: 'region' | 'account' | 'partition';
  /** Returns the state of a place in which the service was not used before. */
  readonly state: (place: AwsPlace) => S;
};
