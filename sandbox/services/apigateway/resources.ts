/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html */
import type * as z from 'zod';
import type { IamPolicy } from '../../authorization/policy.ts';
import { AwsError, type AwsPlace, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties } from '../properties.ts';
import {
  accountProperties,
  deploymentProperties,
  methodProperties,
  resourceProperties,
  restApiProperties,
  stageProperties,
} from './properties.ts';
import { type ApiGatewayAt, type ApiGatewayState, type ApiStage, placeName, type RestApi } from './state.ts';

type Resources = Record<string, ResourceType<ApiGatewayState>>;

const restApi: ResourceType<ApiGatewayState> = {
  create(input, at, resource) {
    const properties = parseProperties('AWS::ApiGateway::RestApi', restApiProperties, input, resource);
    const { kernel, partition, account, region } = at;
    const id = kernel.id('', 10);
    const rootId = kernel.id('', 10);
    const api: RestApi = {
      id,
      place: { partition, account, region },
      rootId,
      createdAt: kernel.clock.now(),
      ...settingsOf(properties, at, id),
      resources: new Map([[rootId, { id: rootId, pathPart: '' }]]),
      methods: new Map(),
      deployments: new Map(),
      stages: new Map(),
      accessLines: [],
    };
    at.state.apis.set(id, api);
    return { ref: id, attributes: { RestApiId: id, RootResourceId: rootId } };
  },
  update(existing, input, at, resource) {
    const properties = parseProperties('AWS::ApiGateway::RestApi', restApiProperties, input, resource);
    Object.assign(apiOf(at, existing.ref), settingsOf(properties, at, existing.ref));
    return existing;
  },
  remove: (existing, at) => void at.state.apis.delete(existing.ref),
};

/** API Gateway completes the short form of resources, `execute-api:/stage/method/path`. */
function settingsOf(
  { Name, Description, Policy, EndpointConfiguration }: z.infer<typeof restApiProperties>,
  { partition, region, account }: AwsPlace,
  id: string,
) {
  const [type] = EndpointConfiguration.Types;
  if (type === 'PRIVATE' && !Policy)
    throw new AwsError('BadRequestException', 'Private REST API doesn’t have a resource policy attached to it');
  const prefix = `arn:${partition}:execute-api:${region}:${account}:${id}/`;
  const policy = Policy && (JSON.parse(JSON.stringify(Policy).replaceAll('"execute-api:/', `"${prefix}`)) as IamPolicy);
  return {
    name: Name,
    description: Description,
    policy,
    type,
    vpcEndpoints: EndpointConfiguration.VpcEndpointIds ?? [],
  };
}

const pathResource: ResourceType<ApiGatewayState> = {
  create(input, at, resource) {
    const properties = parseProperties('AWS::ApiGateway::Resource', resourceProperties, input, resource);
    const api = apiOf(at, properties.RestApiId);
    const { ParentId: parent, PathPart: pathPart } = properties;
    if (!api.resources.has(parent)) throw notFound('Invalid Resource identifier specified');
    const siblings = [...api.resources.values()].filter((each) => each.parent === parent);
    if (siblings.some((each) => each.pathPart === pathPart))
      throw new AwsError('ConflictException', 'Another resource with the same parent already has this name', 409);
    if (pathPart.startsWith('{') && siblings.some((each) => each.pathPart.startsWith('{')))
      throw new AwsError(
        'BadRequestException',
        `A sibling (${siblings[0]!.id}) of this resource already has a variable`,
      );
    const id = at.kernel.id('', 6);
    api.resources.set(id, { id, parent, pathPart });
    return { ref: id, attributes: { ResourceId: id } };
  },
  remove(existing, at) {
    for (const { resources } of at.state.apis.values()) resources.delete(existing.ref);
  },
};

const method: ResourceType<ApiGatewayState> = {
  create(input, at, resource) {
    const properties = parseProperties('AWS::ApiGateway::Method', methodProperties, input, resource);
    const { RestApiId, ResourceId, HttpMethod, Integration } = properties;
    const api = apiOf(at, RestApiId);
    if (!api.resources.has(ResourceId)) throw notFound('Invalid Resource identifier specified');
    const name = `${ResourceId} ${HttpMethod}`;
    api.methods.set(name, { resource: ResourceId, httpMethod: HttpMethod, uri: Integration.Uri });
    return { ref: `${RestApiId} ${name}` };
  },
  update: (existing, input, at, resource) => {
    method.remove!(existing, at, resource, input);
    return method.create(input, at, resource);
  },
  remove(existing, at) {
    const [api = '', ...name] = existing.ref.split(' ');
    at.state.apis.get(api)?.methods.delete(name.join(' '));
  },
};

const deployment: ResourceType<ApiGatewayState> = {
  create(input, at, resource) {
    const properties = parseProperties('AWS::ApiGateway::Deployment', deploymentProperties, input, resource);
    const { resources, methods, policy, deployments } = apiOf(at, properties.RestApiId);
    if (methods.size === 0) throw new AwsError('BadRequestException', "The REST API doesn't contain any methods");
    const id = at.kernel.id('', 6);
    deployments.set(id, { id, resources: new Map(resources), methods: new Map(methods), policy });
    return { ref: id, attributes: { DeploymentId: id } };
  },
  update: (existing) => existing,
  remove(existing, at) {
    for (const { deployments } of at.state.apis.values()) deployments.delete(existing.ref);
  },
};

const stage: ResourceType<ApiGatewayState> = {
  create(input, at, resource) {
    const properties = parseProperties('AWS::ApiGateway::Stage', stageProperties, input, resource);
    const api = apiOf(at, properties.RestApiId);
    if (api.stages.has(properties.StageName)) throw new AwsError('ConflictException', 'Stage already exists', 409);
    api.stages.set(properties.StageName, stageOf(at, api, properties));
    return { ref: properties.StageName };
  },
  update(existing, input, at, resource) {
    const properties = parseProperties('AWS::ApiGateway::Stage', stageProperties, input, resource);
    const api = apiOf(at, properties.RestApiId);
    api.stages.set(existing.ref, stageOf(at, api, properties));
    return existing;
  },
  remove(existing, at) {
    for (const { stages } of at.state.apis.values()) stages.delete(existing.ref);
  },
};

function stageOf(at: ApiGatewayAt, api: RestApi, properties: z.infer<typeof stageProperties>): ApiStage {
  const { StageName, DeploymentId, MethodSettings: [settings] = [], AccessLogSetting: log } = properties;
  if (!api.deployments.has(DeploymentId)) throw notFound('Invalid Deployment identifier specified');
  if (log && !at.state.logRoles.has(placeName(at)))
    throw new AwsError(
      'BadRequestException',
      'CloudWatch Logs role ARN must be set in account settings to enable logging',
    );
  const { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst } = settings ?? {};
  return {
    name: StageName,
    deployment: DeploymentId,
    ...(rate !== undefined && burst !== undefined && { throttle: { rate, burst } }),
    ...(log && { accessLog: { groupArn: log.DestinationArn, format: log.Format } }),
  };
}

const account: ResourceType<ApiGatewayState> = {
  create(input, at, resource) {
    const { CloudWatchRoleArn } = parseProperties('AWS::ApiGateway::Account', accountProperties, input, resource);
    at.kernel.assumeForService('apigateway.amazonaws.com', CloudWatchRoleArn, 'account', undefined);
    at.state.logRoles.set(placeName(at), CloudWatchRoleArn);
    return { ref: at.kernel.id('', 6) };
  },
  update: (_existing, input, at, resource) => account.create(input, at, resource),
  remove: (_existing, at) => void at.state.logRoles.delete(placeName(at)),
};

export const apiGatewayResources: Resources = {
  'AWS::ApiGateway::RestApi': restApi,
  'AWS::ApiGateway::Resource': pathResource,
  'AWS::ApiGateway::Method': method,
  'AWS::ApiGateway::Deployment': deployment,
  'AWS::ApiGateway::Stage': stage,
  'AWS::ApiGateway::Account': account,
};

function apiOf({ state, account: owner, region }: ApiGatewayAt, id: string): RestApi {
  const api = state.apis.get(id);
  if (api?.place.account === owner && api.place.region === region) return api;
  throw notFound('Invalid API identifier specified');
}

const notFound = (message: string) => new AwsError('NotFoundException', message, 404);
