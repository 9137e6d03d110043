/** From the name, the ARN or the partial ARN of a call to the function, and to the version that runs. */
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import type { FunctionCode } from '../../runtime/pool.ts';
import { lambda as lambdaService } from './index.ts';
import type { Configuration, LambdaFunction } from './state.ts';

/** What a call names, whether it exists or not. */
export type Named = {
  readonly place: AwsPlace;
  readonly name: string;
  readonly qualifier?: string;
  /** With the qualifier. */
  readonly arn: string;
};

export type Target = { readonly named: Named; readonly lambda: LambdaFunction; readonly configuration: Configuration };

const names = /^(?:arn:([\w-]+):lambda:([\w-]+):)?(?:(\d{12}):)?(?:function:)?([\w-]{1,64})(?::(\$LATEST|[\w-]+))?$/;

/** @throws ValidationException, or ResourceNotFoundException for an ARN of another Region */
export const namedBy = (place: AwsPlace, functionName: string | undefined, qualifier?: string): Named => {
  const match = names.exec(functionName ?? '');
  if (!match) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${functionName}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${names.source}`,
    );
  }
  const [, partition = place.partition, region = place.region, account = place.account, name, ownQualifier] = match;
  if (region !== place.region) {
    throw notFound(`Functions from '${region}' are not reachable in this region ('${place.region}')`);
  }
  if (qualifier && ownQualifier && qualifier !== ownQualifier) {
    throw invalid('The derived qualifier from the function name does not match the specified qualifier.');
  }
  const asked = qualifier ?? ownQualifier;
  const arn = `arn:${partition}:lambda:${region}:${account}:function:${name}${asked ? `:${asked}` : ''}`;
  return { place: { partition, region, account }, name: name!, arn, ...(asked && { qualifier: asked }) };
};

/** The function of that name; undefined where there is none. */
export const lambdaOf = (kernel: Kernel, named: Named): LambdaFunction | undefined =>
  kernel.state(lambdaService, named.place).functions.get(named.name);

/** @throws ResourceNotFoundException with the ARN that was asked for */
export const findTarget = (kernel: Kernel, named: Named): Target => {
  const lambda = lambdaOf(kernel, named);
  const configuration = lambda && configurationOf(lambda, named.qualifier);
  if (!lambda || !configuration) throw notFound(`Function not found: ${named.arn}`);
  return { named, lambda, configuration };
};

const configurationOf = (lambda: LambdaFunction, qualifier = '$LATEST'): Configuration | undefined => {
  if (qualifier === '$LATEST') return lambda.latest;
  return lambda.versions.get(lambda.aliases.get(qualifier)?.version ?? qualifier);
};

/** What an instance of that version is made from. */
export const codeOf = ({ lambda, configuration }: Target): FunctionCode => ({
  account: lambda.place.account,
  region: lambda.place.region,
  name: lambda.name,
  arn: lambda.arn,
  version: configuration.version,
  revision: configuration.revision,
  role: configuration.role,
  directory: configuration.directory,
  handler: configuration.handler,
  runtime: configuration.runtime,
  memoryMb: configuration.memoryMb,
  timeoutSeconds: configuration.timeoutSeconds,
  logGroupName: configuration.logGroupName,
  keyArn: configuration.keyArn,
  variables: configuration.variables,
});

/** A session of the function's role, as whom Lambda polls queues and sends records. */
export const roleSession = (kernel: Kernel, { lambda, configuration }: Target) =>
  kernel.assumeForService('lambda.amazonaws.com', configuration.role, lambda.name, lambda.arn);

export const notFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });

export const invalid = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
