/** The resource types AWS::Lambda::Function, Version and Alias. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod';
import { type At, AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { passRoleNeed } from '../iam/index.ts';
import { keyNeeds } from '../kms/index.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { aliasProperties, functionProperties, versionProperties } from './properties.ts';
import { requireOfRole } from './role-permissions.ts';
import type { Configuration, LambdaFunction, LambdaState } from './state.ts';
import { findTarget, invalid, namedBy, notFound } from './target.ts';

type FunctionProperties = z.infer<typeof functionProperties>;
type LambdaAt = At<LambdaState>;

export const functionResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::Function': {
    create: (properties, at, resource) => {
      const wanted = parseProperties('AWS::Lambda::Function', functionProperties, properties, resource);
      const name = wanted.FunctionName ?? physicalName(at.kernel, resource, '', 64);
      if (at.state.functions.has(name)) {
        throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409, { Type: 'User' });
      }
      const lambda: LambdaFunction = {
        name,
        arn: `arn:${at.partition}:lambda:${at.region}:${at.account}:function:${name}`,
        place: { partition: at.partition, account: at.account, region: at.region },
        latest: configurationOf(at, name, wanted),
        versions: new Map(),
        aliases: new Map(),
        policies: new Map(),
        eventInvoke: new Map(),
        reservedConcurrency: wanted.ReservedConcurrentExecutions,
      };
      checkRole(at, lambda);
      at.state.functions.set(name, lambda);
      return madeFunction(lambda);
    },
    update: (made, properties, at, resource) => {
      const wanted = parseProperties('AWS::Lambda::Function', functionProperties, properties, resource);
      const lambda = existing(at, made.ref);
      const updated = { ...lambda, latest: configurationOf(at, lambda.name, wanted) };
      checkRole(at, updated);
      lambda.latest = updated.latest;
      lambda.reservedConcurrency = wanted.ReservedConcurrentExecutions;
      return made;
    },
    remove: (made, at) => {
      at.state.functions.delete(made.ref);
    },
  },
  'AWS::Lambda::Version': {
    create: (properties, at, resource) => {
      const wanted = parseProperties('AWS::Lambda::Version', versionProperties, properties, resource);
      const lambda = existing(at, wanted.FunctionName);
      const version = String(lambda.versions.size + 1);
      const description = wanted.Description ?? lambda.latest.description;
      lambda.versions.set(version, { ...lambda.latest, version, description });
      return {
        ref: `${lambda.arn}:${version}`,
        attributes: { Version: version, FunctionArn: `${lambda.arn}:${version}` },
      };
    },
    // A version that a stack gives up stays published: an alias, or a running invocation, may still use it.
    remove: () => {},
  },
  'AWS::Lambda::Alias': {
    create: (properties, at, resource) => {
      const { Name, ...wanted } = parseProperties('AWS::Lambda::Alias', aliasProperties, properties, resource);
      const lambda = existing(at, wanted.FunctionName);
      const arn = `${lambda.arn}:${Name}`;
      if (lambda.aliases.has(Name)) {
        throw new AwsError('ResourceConflictException', `Alias already exists: ${arn}`, 409, { Type: 'User' });
      }
      point(lambda, Name, wanted);
      return { ref: arn, attributes: { AliasArn: arn } };
    },
    update: (made, properties, at, resource) => {
      const { Name, ...wanted } = parseProperties('AWS::Lambda::Alias', aliasProperties, properties, resource);
      point(existing(at, wanted.FunctionName), Name, wanted);
      return made;
    },
    remove: (made, at) => {
      const { name, qualifier } = namedBy(at, made.ref);
      at.state.functions.get(name)?.aliases.delete(qualifier!);
    },
  },
};

const madeFunction = ({ name, arn }: LambdaFunction): CreatedResource => ({ ref: name, attributes: { Arn: arn } });

const existing = (at: LambdaAt, functionName: string): LambdaFunction =>
  findTarget(at.kernel, { ...namedBy(at, functionName), qualifier: undefined }).lambda;

const point = (lambda: LambdaFunction, alias: string, wanted: { FunctionVersion: string; Description?: string }) => {
  const { FunctionVersion: version, Description: description = '' } = wanted;
  if (version !== '$LATEST' && !lambda.versions.has(version)) {
    throw notFound(`Function not found: ${lambda.arn}:${version}`);
  }
  lambda.aliases.set(alias, { version, description });
};

const configurationOf = (at: LambdaAt, name: string, wanted: FunctionProperties): Configuration => {
  const reserved = Object.keys(wanted.Environment?.Variables ?? {}).filter((variable) =>
    reservedVariables.test(variable),
  );
  if (reserved.length > 0) {
    throw invalid(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  return {
    version: '$LATEST',
    description: wanted.Description ?? '',
    revision: at.kernel.uuid(),
    modifiedAt: at.kernel.clock.now(),
    directory: 'directory' in wanted.Code ? wanted.Code.directory : directoryWith(wanted.Code.ZipFile),
    handler: wanted.Handler,
    runtime: wanted.Runtime,
    role: wanted.Role,
    memoryMb: wanted.MemorySize ?? 128,
    timeoutSeconds: wanted.Timeout ?? 3,
    architecture: wanted.Architectures?.[0] ?? 'x86_64',
    logGroupName: wanted.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: wanted.LoggingConfig?.LogFormat ?? 'Text',
    tracing: wanted.TracingConfig?.Mode ?? 'PassThrough',
    variables: wanted.Environment?.Variables ?? {},
    ...(wanted.KmsKeyArn && { keyArn: wanted.KmsKeyArn }),
    ...(wanted.DeadLetterConfig && { deadLetterArn: wanted.DeadLetterConfig.TargetArn }),
  };
};

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const reservedVariables =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

const directoryWith = (source: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'inline-function-'));
  writeFileSync(join(directory, 'index.js'), source);
  return directory;
};

/** What whoever makes the function, and the function's role, must be allowed to do for it to be made. */
const checkRole = (at: LambdaAt, lambda: LambdaFunction): void => {
  const { kernel, principal } = at;
  const { role, keyArn, deadLetterArn, tracing } = lambda.latest;
  kernel.authorize(principal, at, passRoleNeed(role, 'lambda.amazonaws.com'), 'lambda');
  const encrypting = keyNeeds(
    kernel,
    at,
    keyArn,
    ['kms:Encrypt', 'kms:CreateGrant'],
    `lambda.${at.region}.amazonaws.com`,
  );
  for (const need of encrypting) kernel.authorize(principal, at, need, 'lambda');
  if (deadLetterArn) requireOfRole(kernel, lambda, deadLetterAction(deadLetterArn), deadLetterArn);
  if (tracing === 'Active') requireOfRole(kernel, lambda, 'xray:PutTraceSegments', '*');
  if (!deadLetterArn && tracing !== 'Active') requireOfRole(kernel, lambda);
};

const deadLetterAction = (arn: string): string => (arn.split(':')[2] === 'sqs' ? 'sqs:SendMessage' : 'sns:Publish');
