import type { IamStatement } from '../../authorization/policy.ts';
import type { At, AwsPlace, StateKey } from '../../kernel/kernel.ts';

/** `$LATEST` or, immutable, a published version. */
export type VersionConfiguration = {
  readonly version: string;
  readonly description: string;
  readonly revision: string;
  readonly modifiedAt: number;
  readonly directory: string;
  readonly handler: string;
  readonly runtime: string;
  readonly role: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly architecture: string;
  readonly logGroupName: string;
  readonly logFormat: string;
  readonly tracing: string;
  readonly keyArn?: string;
  readonly deadLetterArn?: string;
  readonly variables: Readonly<Record<string, string>>;
};

export type EventInvokeConfig = {
  readonly retries?: number;
  readonly maxAgeSeconds?: number;
  readonly onSuccess?: string;
  readonly onFailure?: string;
};

export type FunctionUrl = {
  readonly id: string;
  readonly auth: 'AWS_IAM' | 'NONE';
  readonly functionName: string;
  readonly qualifier?: string;
  readonly createdAt: number;
};

export type LambdaFunction = {
  readonly name: string;
  readonly arn: string;
  readonly place: AwsPlace;
  latest: VersionConfiguration;
  readonly versions: Map<string, VersionConfiguration>;
  readonly aliases: Map<string, { version: string; description: string }>;
  /** By qualifier; the function's own policy is under `''`. */
  readonly policies: Map<string, IamStatement[]>;
  /** ARNs of the roles and users whose ids these policies have. */
  readonly principals: Map<string, string>;
  readonly eventInvoke: Map<string, EventInvokeConfig>;
  reservedConcurrency?: number;
  readonly tags: Map<string, string>;
};

/** Of a mapping whose source is a stream of a DynamoDB table. */
export type StreamSettings = {
  readonly start: 'TRIM_HORIZON' | 'LATEST';
  /** Patterns of which one must match a record. Empty: every record counts. */
  readonly filters: readonly string[];
  /** -1: until the stream drops the record. */
  readonly maxAgeSeconds: number;
  /** -1: until the record is too old. */
  readonly retries: number;
  readonly bisects: boolean;
  /** ARN of a queue or topic. */
  readonly onFailure?: string;
};

export type EventSourceMapping = {
  readonly id: string;
  readonly sourceArn: string;
  readonly functionName: string;
  readonly qualifier?: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsItemFailures: boolean;
  readonly concurrency?: number;
  readonly stream?: StreamSettings;
  /** Sequence number of the last record that was processed. */
  checkpoint?: string;
  enabled: boolean;
  modifiedAt: number;
  lastResult: string;
};

export type LambdaState = {
  readonly functions: Map<string, LambdaFunction>;
  readonly mappings: Map<string, EventSourceMapping>;
  readonly urls: Map<string, FunctionUrl>;
};
export type LambdaAt = At<LambdaState>;

export const LAMBDA: StateKey<LambdaState> = {
  name: 'lambda',
  scope: 'region',
  state: () => ({ functions: new Map(), mappings: new Map(), urls: new Map() }),
};
