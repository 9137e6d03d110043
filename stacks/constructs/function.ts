/** A Lambda function with its log group and role, and with alarms on errors and throttles unless its caller has them. */
import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, type Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { namesIn } from '../names.ts';
import { lambdaLacks } from '../regions.ts';
import { alarm } from './alarms.ts';
import type { KeyPlace } from './key.ts';
import { type Allowance, type FixedRole, fixedRole, keyUse, TRACING } from './role.ts';

/** Returns the code of a function by its name without the prefix. */
export type Bundles = (name: string) => Code;

export type FunctionEnvironment = {
  readonly place: KeyPlace;
  readonly bundles: Bundles;
  readonly key: IKey;
  readonly topicArn: string;
};
export type SecurityEnvironment = FunctionEnvironment & { readonly ledger: ITable };

/**
 * Alarms on errors and throttles. A function needs none if its only caller has them and throws the function's errors
 * again.
 */
export type FunctionAlarms = {
  readonly topicArn: string;
  readonly errorsMean: string;
  readonly article?: string;
};

export type FunctionOptions = Omit<FunctionEnvironment, 'topicArn'> & {
  /** Without the prefix. */
  readonly name: string;
  readonly description: string;
  /** Default: the function's name, in the path of the installation. */
  readonly role?: { readonly name?: string; readonly path?: string; readonly tags?: Readonly<Record<string, string>> };
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** In addition to its log group, traces and environment. */
  readonly allows: readonly Allowance[];
  readonly denies?: readonly Allowance[];
} & (FunctionAlarms | { readonly errorsMean?: undefined });

export class SutureFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: FixedRole;

  constructor(scope: Construct, id: string, options: FunctionOptions) {
    super(scope, id);
    const { name, description, bundles, key, environment, timeout } = options;
    const names = namesIn(this);
    const functionName = names.own(name);
    this.role = executionRole(this, options);
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      description,
      code: bundles(name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout,
      environment: { SUTURE_PREFIX: names.prefix, ...environment },
      environmentEncryption: key,
      tracing: isTraced(options.place) ? Tracing.ACTIVE : Tracing.DISABLED,
      role: this.role,
      logGroup: encryptedLogGroup(this, names.logGroup(functionName), key),
    });
    if (options.errorsMean !== undefined) this.addAlarms(name, options);
  }

  private addAlarms(name: string, { topicArn, errorsMean, article }: FunctionAlarms): void {
    const period = Duration.minutes(5);
    alarm(this, 'Errors', {
      name: `${name}-errors`,
      metric: this.function.metricErrors({ period }),
      means: errorsMean,
      article,
      topicArn,
    });
    alarm(this, 'Throttled', {
      name: `${name}-throttled`,
      metric: this.function.metricThrottles({ period }),
      article: 'function-throttled',
      means: 'Lambda throttled this function; its callers retry. Raise the concurrency of the account if it persists.',
      topicArn,
    });
  }
}

const isTraced = ({ region }: KeyPlace): boolean => !lambdaLacks(region).includes('tracing');

/** Adds a log group that is deleted with its function. Ledger and journal keep what must stay longer than 90 days. */
export const encryptedLogGroup = (scope: Construct, logGroupName: string, encryptionKey: IKey): LogGroup =>
  new LogGroup(scope, 'Logs', {
    logGroupName,
    encryptionKey,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });

function executionRole(scope: Construct, options: FunctionOptions): FixedRole {
  const { role = {}, place, key, allows, denies } = options;
  const names = namesIn(scope);
  const name = names.own(options.name);
  const execution = fixedRole(scope, 'Role', {
    name: role.name ?? options.name,
    path: role.path,
    description: `Execution role of ${name}`,
    service: 'lambda.amazonaws.com',
    allows: [
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        on: `arn:${place.partition}:logs:${place.region}:${place.account}:log-group:${names.logGroup(name)}:*`,
        because: "Lambda makes up the names of the streams in the function's own log group",
      },
      ...(isTraced(place) ? [TRACING] : []),
      keyUse(key, place.region, ['Decrypt'], ['lambda']),
      ...allows,
    ],
    denies,
  });
  for (const [tag, value] of Object.entries(role.tags ?? {}))
    Tags.of(scope).add(tag, value, { includeResourceTypes: ['AWS::IAM::Role'] });
  return execution;
}
