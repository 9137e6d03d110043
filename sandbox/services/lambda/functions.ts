import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as z from 'zod';
import { AwsError, type CreatedResource, type ResourceType } from '../../kernel/kernel.ts';
import { passRoleNeed } from '../iam/needs.ts';
import { keyNeeds } from '../kms/needs.ts';
import { parseProperties, physicalName } from '../properties.ts';
import { checkReservation } from './concurrency.ts';
import { invalidParameterValue, lambdaNotFound, parseFunctionName, resolveFunction } from './function-reference.ts';
import { aliasProperties, functionProperties, versionProperties } from './properties.ts';
import { requireRolePermission } from './role-permissions.ts';
import type { LambdaAt, LambdaFunction, LambdaState, VersionConfiguration } from './state.ts';

type FunctionProperties = z.infer<typeof functionProperties>;

export const functionResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::Function': {
    create: (input, at, resource) => {
      const properties = parseProperties('AWS::Lambda::Function', functionProperties, input, resource);
      const name = properties.FunctionName ?? physicalName(at.kernel, resource, '', 64);
      if (at.state.functions.has(name))
        throw new AwsError('ResourceConflictException', `Function already exist: ${name}`, 409, { Type: 'User' });
      const fn: LambdaFunction = {
        name,
        arn: `arn:${at.partition}:lambda:${at.region}:${at.account}:function:${name}`,
        place: { partition: at.partition, account: at.account, region: at.region },
        latest: configurationOf(at, name, properties),
        versions: new Map(),
        aliases: new Map(),
        policies: new Map(),
        principals: new Map(),
        eventInvoke: new Map(),
        reservedConcurrency: properties.ReservedConcurrentExecutions,
        tags: new Map(),
      };
      checkPermissions(at, fn);
      checkReservation(at.kernel, at, name, fn.reservedConcurrency);
      at.state.functions.set(name, fn);
      return functionResult(fn);
    },
    update: (existing, input, at, resource) => {
      const properties = parseProperties('AWS::Lambda::Function', functionProperties, input, resource);
      const fn = existingFunction(at, existing.ref);
      const updated = { ...fn, latest: configurationOf(at, fn.name, properties) };
      checkPermissions(at, updated);
      checkReservation(at.kernel, at, fn.name, properties.ReservedConcurrentExecutions);
      fn.latest = updated.latest;
      fn.reservedConcurrency = properties.ReservedConcurrentExecutions;
      return existing;
    },
    remove: (existing, at) => {
      at.state.functions.delete(existing.ref);
    },
  },
  'AWS::Lambda::Version': {
    create: (input, at, resource) => {
      const properties = parseProperties('AWS::Lambda::Version', versionProperties, input, resource);
      const fn = existingFunction(at, properties.FunctionName);
      const version = String(fn.versions.size + 1);
      const description = properties.Description ?? fn.latest.description;
      fn.versions.set(version, { ...fn.latest, version, description });
      return {
        ref: `${fn.arn}:${version}`,
        attributes: { Version: version, FunctionArn: `${fn.arn}:${version}` },
      };
    },
    // A version stays published when its stack drops it, because an alias or a running invocation may still use it.
    remove: () => {},
  },
  'AWS::Lambda::Alias': {
    create: (input, at, resource) => {
      const { Name, ...properties } = parseProperties('AWS::Lambda::Alias', aliasProperties, input, resource);
      const fn = existingFunction(at, properties.FunctionName);
      const arn = `${fn.arn}:${Name}`;
      if (fn.aliases.has(Name))
        throw new AwsError('ResourceConflictException', `Alias already exists: ${arn}`, 409, { Type: 'User' });
      pointAlias(fn, Name, properties);
      return { ref: arn, attributes: { AliasArn: arn } };
    },
    update: (existing, input, at, resource) => {
      const { Name, ...properties } = parseProperties('AWS::Lambda::Alias', aliasProperties, input, resource);
      pointAlias(existingFunction(at, properties.FunctionName), Name, properties);
      return existing;
    },
    remove: (existing, at) => {
      const { name, qualifier } = parseFunctionName(at, existing.ref);
      at.state.functions.get(name)?.aliases.delete(qualifier!);
    },
  },
};

const functionResult = ({ name, arn }: LambdaFunction): CreatedResource => ({ ref: name, attributes: { Arn: arn } });

const existingFunction = (at: LambdaAt, functionName: string): LambdaFunction =>
  resolveFunction(at.kernel, { ...parseFunctionName(at, functionName), qualifier: undefined }).fn;

const pointAlias = (
  fn: LambdaFunction,
  alias: string,
  properties: { FunctionVersion: string; Description?: string },
) => {
  const { FunctionVersion: version, Description: description = '' } = properties;
  if (version !== '$LATEST' && !fn.versions.has(version))
    throw lambdaNotFound(`Function not found: ${fn.arn}:${version}`);
  fn.aliases.set(alias, { version, description });
};

const configurationOf = (at: LambdaAt, name: string, properties: FunctionProperties): VersionConfiguration => {
  const reserved = Object.keys(properties.Environment?.Variables ?? {}).filter((variable) =>
    RESERVED_VARIABLES.test(variable),
  );
  if (reserved.length > 0)
    throw invalidParameterValue(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  return {
    version: '$LATEST',
    description: properties.Description ?? '',
    revision: at.kernel.uuid(),
    modifiedAt: at.kernel.clock.now(),
    directory: 'directory' in properties.Code ? properties.Code.directory : writeInlineSource(properties.Code.ZipFile),
    handler: properties.Handler,
    runtime: properties.Runtime,
    role: properties.Role,
    memoryMb: properties.MemorySize ?? 128,
    timeoutSeconds: properties.Timeout ?? 3,
    architecture: properties.Architectures?.[0] ?? 'x86_64',
    logGroupName: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: properties.LoggingConfig?.LogFormat ?? 'Text',
    tracing: properties.TracingConfig?.Mode ?? 'PassThrough',
    variables: properties.Environment?.Variables ?? {},
    ...(properties.KmsKeyArn && { keyArn: properties.KmsKeyArn }),
    ...(properties.DeadLetterConfig && { deadLetterArn: properties.DeadLetterConfig.TargetArn }),
  };
};

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime */
const RESERVED_VARIABLES =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY(_ID)?|SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;

const writeInlineSource = (source: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'inline-function-'));
  writeFileSync(join(directory, 'index.js'), source);
  return directory;
};

/**
 * Checks the permissions that CreateFunction requires of the caller and of the function's role.
 * @throws AwsError AccessDeniedException, InvalidParameterValueException
 */
export const checkPermissions = (at: LambdaAt, fn: LambdaFunction): void => {
  const { kernel, principal } = at;
  const { role, keyArn, deadLetterArn, tracing } = fn.latest;
  kernel.authorize(principal, at, passRoleNeed(role, 'lambda.amazonaws.com'), 'lambda');
  const encryptionNeeds = keyNeeds(
    kernel,
    at,
    keyArn,
    ['kms:Encrypt', 'kms:CreateGrant'],
    `lambda.${at.region}.amazonaws.com`,
  );
  for (const need of encryptionNeeds) kernel.authorize(principal, at, need, 'lambda');
  if (deadLetterArn) requireRolePermission(kernel, fn, deadLetterAction(deadLetterArn), deadLetterArn);
  if (tracing === 'Active' && fn.place.partition === 'aws-cn') throw tracingUnavailable();
  if (tracing === 'Active') requireRolePermission(kernel, fn, 'xray:PutTraceSegments', '*');
  if (!deadLetterArn && tracing !== 'Active') requireRolePermission(kernel, fn);
};

const deadLetterAction = (arn: string): string => (arn.split(':')[2] === 'sqs' ? 'sqs:SendMessage' : 'sns:Publish');

/** https://docs.amazonaws.cn/en_us/aws/latest/userguide/lambda.html says so, without AWS's words. */
const tracingUnavailable = () => invalidParameterValue('X-Ray tracing is not available in this Region.');
