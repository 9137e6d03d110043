/** A call names a function by name, ARN or partial ARN, with or without a qualifier. */
import { AwsError, type AwsPlace, type Kernel } from '../../kernel/kernel.ts';
import type { FunctionCode } from '../../runtime/function-code.ts';
import { LAMBDA, type LambdaFunction, type VersionConfiguration } from './state.ts';

export type FunctionReference = {
  readonly place: AwsPlace;
  readonly name: string;
  readonly qualifier?: string;
  readonly arn: string;
};

export type ResolvedFunction = {
  readonly reference: FunctionReference;
  readonly fn: LambdaFunction;
  readonly configuration: VersionConfiguration;
};

const FUNCTION_NAME =
  /^(?:arn:([\w-]+):lambda:([\w-]+):)?(?:(\d{12}):)?(?:function:)?([\w-]{1,64})(?::(\$LATEST|[\w-]+))?$/;

/** @throws AwsError ValidationException, ResourceNotFoundException for an ARN of another Region */
export const parseFunctionName = (
  place: AwsPlace,
  functionName: string | undefined,
  qualifier?: string,
): FunctionReference => {
  const match = FUNCTION_NAME.exec(functionName ?? '');
  if (!match)
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${functionName}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${FUNCTION_NAME.source}`,
    );
  const [, partition = place.partition, region = place.region, account = place.account, name, qualifierInName] = match;
  if (region !== place.region)
    throw lambdaNotFound(`Functions from '${region}' are not reachable in this region ('${place.region}')`);
  if (qualifier && qualifierInName && qualifier !== qualifierInName)
    throw invalidParameterValue('The derived qualifier from the function name does not match the specified qualifier.');
  const effective = qualifier ?? qualifierInName;
  const arn = `arn:${partition}:lambda:${region}:${account}:function:${name}${effective ? `:${effective}` : ''}`;
  return { place: { partition, region, account }, name: name!, arn, ...(effective && { qualifier: effective }) };
};

export const lookUpFunction = (kernel: Kernel, reference: FunctionReference): LambdaFunction | undefined =>
  kernel.state(LAMBDA, reference.place).functions.get(reference.name);

export const resolveFunction = (kernel: Kernel, reference: FunctionReference): ResolvedFunction => {
  const fn = lookUpFunction(kernel, reference);
  const configuration = fn && configurationOf(fn, reference.qualifier);
  if (!fn || !configuration) throw lambdaNotFound(`Function not found: ${reference.arn}`);
  return { reference, fn, configuration };
};

const configurationOf = (fn: LambdaFunction, qualifier = '$LATEST'): VersionConfiguration | undefined => {
  if (qualifier === '$LATEST') return fn.latest;
  return fn.versions.get(fn.aliases.get(qualifier)?.version ?? qualifier);
};

export const codeOfFunction = ({ fn, configuration }: ResolvedFunction): FunctionCode => ({
  account: fn.place.account,
  region: fn.place.region,
  name: fn.name,
  arn: fn.arn,
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

export const functionRoleSession = (kernel: Kernel, { fn, configuration }: ResolvedFunction) =>
  kernel.assumeForService('lambda.amazonaws.com', configuration.role, fn.name, fn.arn);

export const lambdaNotFound = (message: string): AwsError =>
  new AwsError('ResourceNotFoundException', message, 404, { Type: 'User' });

export const invalidParameterValue = (message: string): AwsError =>
  new AwsError('InvalidParameterValueException', message, 400, { Type: 'User' });
