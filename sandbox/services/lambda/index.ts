/** Functions run from their bundles in worker threads. Sources: Lambda API reference and developer guide. */
import * as sdk from '@aws-sdk/client-lambda';
import { defineService, type Service, type ServiceOperation } from '../../kernel/kernel.ts';
import { killInstance, parkRequest, stopFunctions } from '../../runtime/pool.ts';
import { pageOf } from '../requests.ts';
import { lambdaComparison } from './comparison.ts';
import { checkReservation } from './concurrency.ts';
import { accountSettings, describeAlias, describeFunction, describeMapping, describeUrl } from './describe.ts';
import { eventInvokeResources } from './event-invoke.ts';
import { LAMBDA_EVENT_NAMES } from './event-names.ts';
import { invalidParameterValue, lambdaNotFound, parseFunctionName, resolveFunction } from './function-reference.ts';
import { functionResources } from './functions.ts';
import { functionNeed, invoke } from './invoke.ts';
import { mappingResources, updateMapping } from './mappings.ts';
import { permissionResources, shownPolicy } from './permissions.ts';
import { plainFunctionOperations } from './plain-functions.ts';
import { LAMBDA, type LambdaAt, type LambdaState } from './state.ts';
import { functionUrlAddress, urlResources } from './urls.ts';

type ByName = { readonly FunctionName?: string; readonly Qualifier?: string };

const functionNeeds =
  (action: string) =>
  (input: ByName, at: LambdaAt): ReturnType<NonNullable<ServiceOperation<unknown, unknown, LambdaState>['needs']>> => [
    functionNeed(at.kernel, parseFunctionName(at, input.FunctionName, input.Qualifier), `lambda:${action}`),
  ];

const functionIn = (input: ByName, at: LambdaAt) =>
  resolveFunction(at.kernel, parseFunctionName(at, input.FunctionName, input.Qualifier));

const invalidMarker = () => invalidParameterValue('Invalid Marker');

export const lambda: Service<typeof sdk, LambdaState> = defineService<typeof sdk, LambdaState>({
  ...LAMBDA,
  ...lambdaComparison,
  sdk,
  client: sdk.LambdaClient,
  prefix: 'lambda',
  trail: { unrecorded: ['Invoke'], names: LAMBDA_EVENT_NAMES },
  refuses: {
    AddPermission: ['EventSourceToken'],
    ListFunctions: ['MasterRegion'],
  },
  throttling: { code: 'TooManyRequestsException', status: 429 },
  denial: { code: 'AccessDeniedException', status: 403 },
  hooks: { killInstance, parkRequest },
  stop: (kernel) => stopFunctions(kernel),
  operations: {
    ...plainFunctionOperations,
    Invoke: { needs: functionNeeds('InvokeFunction'), run: invoke },
    GetFunction: {
      needs: functionNeeds('GetFunction'),
      run: (input, at) => {
        const { fn, configuration, reference } = functionIn(input, at);
        const reserved = fn.reservedConcurrency;
        return {
          Configuration: describeFunction(fn, configuration, reference.qualifier),
          Code: { RepositoryType: 'S3', Location: `file://${configuration.directory}` },
          ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
        };
      },
    },
    GetFunctionConfiguration: {
      needs: functionNeeds('GetFunctionConfiguration'),
      run: (input, at) => {
        const { fn, configuration, reference } = functionIn(input, at);
        return describeFunction(fn, configuration, reference.qualifier);
      },
    },
    ListFunctions: {
      run: (input, at) => {
        const all = [...at.state.functions.values()].flatMap((fn) =>
          input.FunctionVersion === 'ALL'
            ? [fn.latest, ...fn.versions.values()].map((one) => describeFunction(fn, one, one.version))
            : [describeFunction(fn, fn.latest)],
        );
        const { items, nextToken } = pageOf(all, input.Marker, input.MaxItems ?? 50, invalidMarker);
        return { Functions: items, NextMarker: nextToken };
      },
    },
    GetAlias: {
      needs: (input, at) => functionNeeds('GetAlias')({ FunctionName: input.FunctionName }, at),
      run: (input, at) => {
        const { fn } = functionIn({ FunctionName: input.FunctionName }, at);
        if (!fn.aliases.has(input.Name!)) throw lambdaNotFound(`Cannot find alias arn: ${fn.arn}:${input.Name}`);
        return describeAlias(fn, input.Name!);
      },
    },
    GetPolicy: {
      needs: functionNeeds('GetPolicy'),
      run: (input, at) => {
        const { fn, configuration, reference } = functionIn(input, at);
        const statements = fn.policies.get(reference.qualifier ?? '') ?? [];
        if (statements.length === 0) throw lambdaNotFound('The resource you requested does not exist.');
        return { Policy: JSON.stringify(shownPolicy(at.kernel, fn, statements)), RevisionId: configuration.revision };
      },
    },
    GetFunctionUrlConfig: {
      needs: functionNeeds('GetFunctionUrlConfig'),
      run: (input, at) => {
        const { fn, reference } = functionIn(input, at);
        const url = [...at.state.urls.values()].find(
          ({ functionName, qualifier }) => functionName === fn.name && qualifier === reference.qualifier,
        );
        if (!url) throw lambdaNotFound('The resource you requested does not exist.');
        return describeUrl(url, reference.arn, functionUrlAddress(at.kernel, url));
      },
    },
    PutFunctionConcurrency: {
      needs: functionNeeds('PutFunctionConcurrency'),
      run: (input, at) => {
        const { fn } = functionIn(input, at);
        checkReservation(at.kernel, at, fn.name, input.ReservedConcurrentExecutions);
        fn.reservedConcurrency = input.ReservedConcurrentExecutions;
        return { ReservedConcurrentExecutions: fn.reservedConcurrency };
      },
    },
    GetFunctionConcurrency: {
      needs: functionNeeds('GetFunctionConcurrency'),
      run: (input, at) => ({ ReservedConcurrentExecutions: functionIn(input, at).fn.reservedConcurrency }),
    },
    GetAccountSettings: { run: (_, at) => accountSettings(at) },
    DeleteFunctionConcurrency: {
      needs: functionNeeds('DeleteFunctionConcurrency'),
      run: (input, at) => {
        functionIn(input, at).fn.reservedConcurrency = undefined;
        return {};
      },
    },
    ListEventSourceMappings: {
      run: (input, at) => {
        const reference = input.FunctionName === undefined ? undefined : parseFunctionName(at, input.FunctionName);
        const matching = [...at.state.mappings.values()].filter(
          (mapping) =>
            (!reference || (mapping.functionName === reference.name && mapping.qualifier === reference.qualifier)) &&
            (!input.EventSourceArn || mapping.sourceArn === input.EventSourceArn),
        );
        const { items, nextToken } = pageOf(matching, input.Marker, input.MaxItems ?? 100, invalidMarker);
        return { EventSourceMappings: items.map((mapping) => describeMapping(at, mapping)), NextMarker: nextToken };
      },
    },
    UpdateEventSourceMapping: {
      needs: (input, at) => [
        {
          action: 'lambda:UpdateEventSourceMapping',
          resource: `arn:${at.partition}:lambda:${at.region}:${at.account}:event-source-mapping:${input.UUID}`,
        },
      ],
      run: (input, at) => describeMapping(at, updateMapping(input, at)),
    },
  },
  resources: {
    ...functionResources,
    ...permissionResources,
    ...eventInvokeResources,
    ...urlResources,
    ...mappingResources,
  },
});
