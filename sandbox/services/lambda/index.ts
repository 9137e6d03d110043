/** AWS Lambda: functions run from their bundles in worker threads. Source: Lambda API reference and developer guide. */
import * as sdk from '@aws-sdk/client-lambda';
import { type At, defineService, type Service, type ServiceOperation } from '../../kernel/kernel.ts';
import { pageOf } from '../requests.ts';
import { describeAlias, describeFunction, describeMapping, describeUrl } from './describe.ts';
import { eventInvokeResources } from './event-invoke.ts';
import { functionResources } from './functions.ts';
import { invoke, needsOf } from './invoke.ts';
import { mappingResources, updateMapping } from './mappings.ts';
import { permissionResources } from './permissions.ts';
import { type LambdaState, newState } from './state.ts';
import { findTarget, invalid, namedBy, notFound } from './target.ts';
import { addressOf, urlResources } from './urls.ts';

export { type LogLine, logs } from '../../runtime/logs.ts';
export { killInstanceOf, limitInstances, parkInstance, skewClocks, stopFunctions } from '../../runtime/pool.ts';
export type { LambdaState } from './state.ts';
export { handleFunctionUrl, type UrlRequest, type UrlResponse } from './urls.ts';

type LambdaAt = At<LambdaState>;
type ByName = { readonly FunctionName?: string; readonly Qualifier?: string };

/** What an operation on one function, or on one alias of it, needs. */
const on =
  (action: string) =>
  (input: ByName, at: LambdaAt): ReturnType<NonNullable<ServiceOperation<unknown, unknown, LambdaState>['needs']>> => [
    needsOf(at.kernel, namedBy(at, input.FunctionName, input.Qualifier), `lambda:${action}`),
  ];

const find = (input: ByName, at: LambdaAt) => findTarget(at.kernel, namedBy(at, input.FunctionName, input.Qualifier));

const invalidMarker = () => invalid('Invalid Marker');

export const lambda: Service<typeof sdk, LambdaState> = defineService<typeof sdk, LambdaState>({
  name: 'lambda',
  sdk,
  client: sdk.LambdaClient,
  prefix: 'lambda',
  scope: 'region',
  state: newState,
  operations: {
    Invoke: { needs: on('InvokeFunction'), run: invoke },
    GetFunction: {
      needs: on('GetFunction'),
      run: (input, at) => {
        const { lambda: owner, configuration, named } = find(input, at);
        const reserved = owner.reservedConcurrency;
        return {
          Configuration: describeFunction(owner, configuration, named.qualifier),
          Code: { RepositoryType: 'S3', Location: `file://${configuration.directory}` },
          ...(reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: reserved } }),
        };
      },
    },
    GetFunctionConfiguration: {
      needs: on('GetFunctionConfiguration'),
      run: (input, at) => {
        const { lambda: owner, configuration, named } = find(input, at);
        return describeFunction(owner, configuration, named.qualifier);
      },
    },
    ListFunctions: {
      run: (input, at) => {
        const all = [...at.state.functions.values()].flatMap((owner) =>
          input.FunctionVersion === 'ALL'
            ? [owner.latest, ...owner.versions.values()].map((one) => describeFunction(owner, one, one.version))
            : [describeFunction(owner, owner.latest)],
        );
        const { items, nextToken } = pageOf(all, input.Marker, input.MaxItems ?? 50, invalidMarker);
        return { Functions: items, NextMarker: nextToken };
      },
    },
    GetAlias: {
      needs: (input, at) => on('GetAlias')({ FunctionName: input.FunctionName }, at),
      run: (input, at) => {
        const { lambda: owner } = find({ FunctionName: input.FunctionName }, at);
        if (!owner.aliases.has(input.Name!)) throw notFound(`Cannot find alias arn: ${owner.arn}:${input.Name}`);
        return describeAlias(owner, input.Name!);
      },
    },
    GetPolicy: {
      needs: on('GetPolicy'),
      run: (input, at) => {
        const { lambda: owner, configuration, named } = find(input, at);
        const statements = owner.policies.get(named.qualifier ?? '') ?? [];
        if (statements.length === 0) throw notFound('The resource you requested does not exist.');
        const policy = { Version: '2012-10-17', Id: 'default', Statement: statements };
        return { Policy: JSON.stringify(policy), RevisionId: configuration.revision };
      },
    },
    GetFunctionUrlConfig: {
      needs: on('GetFunctionUrlConfig'),
      run: (input, at) => {
        const { lambda: owner, named } = find(input, at);
        const url = [...at.state.urls.values()].find(
          ({ functionName, qualifier }) => functionName === owner.name && qualifier === named.qualifier,
        );
        if (!url) throw notFound('The resource you requested does not exist.');
        return describeUrl(url, named.arn, addressOf(at.kernel, url));
      },
    },
    PutFunctionConcurrency: {
      needs: on('PutFunctionConcurrency'),
      run: (input, at) => {
        const { lambda: owner } = find(input, at);
        owner.reservedConcurrency = input.ReservedConcurrentExecutions;
        return { ReservedConcurrentExecutions: owner.reservedConcurrency };
      },
    },
    DeleteFunctionConcurrency: {
      needs: on('DeleteFunctionConcurrency'),
      run: (input, at) => {
        find(input, at).lambda.reservedConcurrency = undefined;
        return {};
      },
    },
    ListEventSourceMappings: {
      run: (input, at) => {
        const named = input.FunctionName === undefined ? undefined : namedBy(at, input.FunctionName);
        const found = [...at.state.mappings.values()].filter(
          (mapping) =>
            (!named || (mapping.functionName === named.name && mapping.qualifier === named.qualifier)) &&
            (!input.EventSourceArn || mapping.queueArn === input.EventSourceArn),
        );
        const { items, nextToken } = pageOf(found, input.Marker, input.MaxItems ?? 100, invalidMarker);
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
