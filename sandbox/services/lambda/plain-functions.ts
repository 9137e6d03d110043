/**
 * Functions, versions, aliases, tags and permissions by calls. The sandbox runs only functions of templates.
 * https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html
 */
import type * as sdk from '@aws-sdk/client-lambda';
import { AwsError, type Need, type ServiceOperations } from '../../kernel/kernel.ts';
import { onlyMembers, pageOf } from '../requests.ts';
import { describeAlias, describeFunction } from './describe.ts';
import { invalidParameterValue, lambdaNotFound, parseFunctionName, resolveFunction } from './function-reference.ts';
import { checkPermissions } from './functions.ts';
import { functionNeed } from './invoke.ts';
import { permissionStatement, storedStatement } from './permissions.ts';
import type { LambdaAt, LambdaFunction, LambdaState } from './state.ts';

type ByName = { readonly FunctionName?: string | undefined; readonly Qualifier?: string | undefined };

const need =
  (action: string) =>
  (input: ByName, at: LambdaAt): readonly Need[] => [
    functionNeed(at.kernel, parseFunctionName(at, input.FunctionName, input.Qualifier), `lambda:${action}`),
  ];
const functionIn = (input: ByName, at: LambdaAt) =>
  resolveFunction(at.kernel, parseFunctionName(at, input.FunctionName, input.Qualifier));
const conflict = (message: string) => new AwsError('ResourceConflictException', message, 409, { Type: 'User' });
const page = <T>(all: readonly T[], { Marker, MaxItems }: { Marker?: string; MaxItems?: number }) =>
  pageOf(all, Marker, MaxItems ?? 50, () => invalidParameterValue('Invalid Marker'));

export const plainFunctionOperations: ServiceOperations<typeof sdk, LambdaState> = {
  CreateFunction: {
    needs: need('CreateFunction'),
    run(input, at) {
      onlyMembers('CreateFunction', input, ['FunctionName', 'Role', 'Handler', 'Runtime', 'Code', 'Tags']);
      const fn = plainFunction(input, at);
      if (at.state.functions.has(fn.name)) throw conflict(`Function already exist: ${fn.name}`);
      checkPermissions(at, fn);
      at.state.functions.set(fn.name, fn);
      return describeFunction(fn, fn.latest);
    },
  },
  PublishVersion: {
    needs: need('PublishVersion'),
    run(input, at) {
      onlyMembers('PublishVersion', input, ['FunctionName']);
      const { fn } = functionIn(input, at);
      const version = String(fn.versions.size + 1);
      fn.versions.set(version, { ...fn.latest, version });
      return describeFunction(fn, fn.versions.get(version)!, version);
    },
  },
  ListVersionsByFunction: {
    needs: need('ListVersionsByFunction'),
    run(input, at) {
      const { fn } = functionIn(input, at);
      const { items, nextToken } = page([fn.latest, ...fn.versions.values()], input);
      return { Versions: items.map((each) => describeFunction(fn, each, each.version)), NextMarker: nextToken };
    },
  },
  CreateAlias: {
    needs: (input, at) => need('CreateAlias')({ FunctionName: input.FunctionName }, at),
    run(input, at) {
      onlyMembers('CreateAlias', input, ['FunctionName', 'Name', 'FunctionVersion']);
      const { fn } = functionIn({ FunctionName: input.FunctionName }, at);
      if (fn.aliases.has(input.Name!)) throw conflict(`Alias already exists: ${fn.arn}:${input.Name}`);
      fn.aliases.set(input.Name!, { version: input.FunctionVersion!, description: '' });
      return describeAlias(fn, input.Name!);
    },
  },
  ListAliases: {
    needs: need('ListAliases'),
    run(input, at) {
      const { fn } = functionIn(input, at);
      const { items, nextToken } = page([...fn.aliases.keys()], input);
      return { Aliases: items.map((name) => describeAlias(fn, name)), NextMarker: nextToken };
    },
  },
  AddPermission: {
    needs: need('AddPermission'),
    run({ StatementId = '', Qualifier, ...properties }, at) {
      const { fn, reference } = functionIn({ FunctionName: properties.FunctionName, Qualifier }, at);
      const policy = fn.policies.get(reference.qualifier ?? '') ?? [];
      if (policy.some(({ Sid }) => Sid === StatementId))
        throw conflict(`The statement id (${StatementId}) provided already exists. Please provide a new statement id.`);
      const statement = permissionStatement(StatementId, reference.arn, at.partition, properties as never);
      fn.policies.set(reference.qualifier ?? '', [...policy, storedStatement(at.kernel, fn, statement)]);
      return { Statement: JSON.stringify(statement) };
    },
  },
  RemovePermission: {
    needs: need('RemovePermission'),
    run(input, at) {
      const { fn, reference } = functionIn(input, at);
      const policy = fn.policies.get(reference.qualifier ?? '') ?? [];
      const left = policy.filter(({ Sid }) => Sid !== input.StatementId);
      if (left.length === policy.length)
        throw lambdaNotFound(`Statement ${input.StatementId} is not found in resource policy.`);
      fn.policies.set(reference.qualifier ?? '', left);
      return {};
    },
  },
  TagResource: {
    needs: ({ Resource }, at) => need('TagResource')({ FunctionName: Resource }, at),
    run({ Resource, Tags = {} }, at) {
      const { fn } = functionIn({ FunctionName: Resource }, at);
      for (const [key, value] of Object.entries(Tags)) fn.tags.set(key, value);
      return {};
    },
  },
  ListTags: {
    needs: ({ Resource }, at) => need('ListTags')({ FunctionName: Resource }, at),
    run: ({ Resource }, at) => ({ Tags: Object.fromEntries(functionIn({ FunctionName: Resource }, at).fn.tags) }),
  },
};

function plainFunction(input: sdk.CreateFunctionCommandInput, at: LambdaAt): LambdaFunction {
  const { FunctionName: name = '', Role: role = '', Handler: handler = '', Runtime: runtime = '', Tags = {} } = input;
  const { partition, account, region } = at;
  const latest = {
    version: '$LATEST',
    description: '',
    revision: at.kernel.uuid(),
    modifiedAt: at.kernel.clock.now(),
    directory: '',
    handler,
    runtime,
    role,
    memoryMb: 128,
    timeoutSeconds: 3,
    architecture: 'x86_64',
    logGroupName: `/aws/lambda/${name}`,
    logFormat: 'Text',
    tracing: 'PassThrough',
    variables: {},
  };
  return {
    name,
    arn: `arn:${partition}:lambda:${region}:${account}:function:${name}`,
    latest,
    place: { partition, account, region },
    versions: new Map(),
    aliases: new Map(),
    policies: new Map(),
    principals: new Map(),
    eventInvoke: new Map(),
    tags: new Map(Object.entries(Tags)),
  };
}
