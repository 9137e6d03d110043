/** A function of Suture: its bundle, its log group, its role and the alarms on its errors and throttles. */
import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, type Code, Function as LambdaFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { logGroupName } from '../names.ts';
import { alarm } from './alarms.ts';
import type { KeyPlace } from './key.ts';
import { type Allowance, fixedRole, keyUse, TRACING } from './role.ts';

/** The code of a function, by the function's name. */
export type Bundles = (functionName: string) => Code;

/** What every function of a stack shares. */
export type FunctionEnvironment = {
  readonly place: KeyPlace;
  readonly bundles: Bundles;
  readonly key: IKey;
  /** Where alarms go. */
  readonly topicArn: string;
};
/** What those of the security account share. */
export type SecuritySurroundings = FunctionEnvironment & { readonly ledger: ITable };

export type FunctionOptions = FunctionEnvironment & {
  readonly name: string;
  readonly description: string;
  readonly role: { readonly name: string; readonly path?: string; readonly tags?: Readonly<Record<string, string>> };
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** Besides its own log group, its traces and its environment. */
  readonly allows: readonly Allowance[];
  /** What an error of this function means to an operator. */
  readonly errorsMean: string;
  /** The article of the runbook on its errors, where it has none of its own. */
  readonly article?: string;
};

export class SutureFunction extends Construct {
  readonly function: LambdaFunction;
  readonly role: IRole;

  constructor(scope: Construct, id: string, options: FunctionOptions) {
    super(scope, id);
    const { name, description, bundles, key, environment, timeout, topicArn, errorsMean, article } = options;
    this.role = executionRole(this, options);
    this.function = new LambdaFunction(this, 'Function', {
      functionName: name,
      description,
      code: bundles(name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: 512,
      timeout,
      environment,
      environmentEncryption: key,
      tracing: Tracing.ACTIVE,
      role: this.role,
      logGroup: encryptedLogGroup(this, logGroupName(name), key),
    });
    const period = Duration.minutes(5);
    const alarmName = name.replace(/^suture-/, '');
    alarm(this, 'Errors', {
      name: `${alarmName}-errors`,
      metric: this.function.metricErrors({ period }),
      means: errorsMean,
      article,
      topicArn,
    });
    alarm(this, 'Throttled', {
      name: `${alarmName}-throttled`,
      metric: this.function.metricThrottles({ period }),
      article: 'function-throttled',
      means:
        'Lambda had no room for this function; its callers try again. Raise the concurrency of the account if it lasts.',
      topicArn,
    });
  }
}

/** Kept for 90 days, and gone with its function: what must outlive it stands in ledger and journal. */
export const encryptedLogGroup = (scope: Construct, logGroupName: string, encryptionKey: IKey): LogGroup =>
  new LogGroup(scope, 'Logs', {
    logGroupName,
    encryptionKey,
    retention: RetentionDays.THREE_MONTHS,
    removalPolicy: RemovalPolicy.DESTROY,
  });

function executionRole(scope: Construct, { name, role, place, key, allows }: FunctionOptions): IRole {
  const made = fixedRole(scope, 'Role', {
    name: role.name,
    path: role.path,
    description: `Execution role of ${name}`,
    service: 'lambda.amazonaws.com',
    allows: [
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        on: `arn:${place.partition}:logs:${place.region}:${place.account}:log-group:${logGroupName(name)}:*`,
        because: "Lambda makes up the names of the streams in the function's own log group",
      },
      TRACING,
      keyUse(key, place.region, ['Decrypt'], ['lambda']),
      ...allows,
    ],
  });
  for (const [tag, value] of Object.entries(role.tags ?? {}))
    Tags.of(scope).add(tag, value, { includeResourceTypes: ['AWS::IAM::Role'] });
  return made;
}
