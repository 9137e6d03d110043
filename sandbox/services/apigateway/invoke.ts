/**
 * Requests to REST APIs: finds the method, authorizes the signer, and calls the method's function.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */

import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { takeToken } from '../../kernel/throttle.ts';
import { parseFunctionName, type ResolvedFunction, resolveFunction } from '../lambda/function-reference.ts';
import { functionNeed } from '../lambda/invoke.ts';
import { runInvocation } from '../lambda/run-invocation.ts';
import { accessLine } from './access-log.ts';
import type { RestCall, RestRequest, RestResponse } from './call.ts';
import { proxyEvent } from './event.ts';
import { matchMethod } from './match.ts';
import { ApiError, errorResponse, proxyResponse } from './responses.ts';
import { API_GATEWAY, type ApiStage, placeName, type RestApi } from './state.ts';

/** Verifies the request's signature. @throws AwsError */
export type VerifySigner = () => Promise<{
  readonly principal: Principal;
  readonly signingName: string;
  readonly region: string;
}>;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const MAX_BODY_BYTES = 10_485_760;
const MAX_INTEGRATION_MS = 29_000;
const API_HOST = /^([a-z0-9]{10})(?:-(vpce-[0-9a-f]+))?\.execute-api\.([\w-]+)\.amazonaws\.com(?:\.cn)?(?::\d+)?$/;

export const isRestRequest = ({ headers }: RestRequest): boolean => API_HOST.test(headers.host ?? '');

export async function handleRestRequest(
  kernel: Kernel,
  request: RestRequest,
  verify: VerifySigner,
): Promise<RestResponse> {
  const requestId = kernel.uuid();
  try {
    const call = await openCall(kernel, request, verify, requestId);
    const response = await integrate(call).catch((error: unknown) => errorResponse(error, requestId));
    logAccess(call, response);
    return response;
  } catch (error) {
    return errorResponse(error, requestId);
  }
}

/** Checks in API Gateway's order. It answers an unknown path and a missing signature with the same error. */
async function openCall(
  kernel: Kernel,
  request: RestRequest,
  verify: VerifySigner,
  requestId: string,
): Promise<RestCall> {
  const [, id = '', vpcEndpoint, region = ''] = API_HOST.exec(request.headers.host ?? '') ?? [];
  const api = kernel.state(API_GATEWAY, { partition: kernel.partition, account: '', region }).apis.get(id);
  const [, stageName = ''] = /^\/([^/?]*)/.exec(request.url) ?? [];
  const stage = api?.stages.get(stageName);
  if (!api || !stage || api.place.region !== region || !isReachable(api, vpcEndpoint)) throw forbidden();
  if (request.body.length > MAX_BODY_BYTES)
    throw new ApiError(413, 'RequestEntityTooLargeException', 'Request Too Long');
  const deployment = api.deployments.get(stage.deployment)!;
  const matched = matchMethod(api.rootId, deployment, request);
  if (!matched || !request.headers.authorization) throw missingToken();
  const { principal, ...signed } = await verify();
  if (signed.signingName !== 'execute-api') throw wrongScope("service: 'execute-api'.");
  if (signed.region !== region) throw wrongScope(`region: '${region}'.`);
  const call = { kernel, api, stage, deployment, matched, request, principal, requestId };
  authorizeCall(call, vpcEndpoint);
  if (stage.throttle) throttle(call, stage.throttle);
  return call;
}

/** Requests to a private API come through one of its VPC endpoints. */
const isReachable = ({ type, vpcEndpoints }: RestApi, vpcEndpoint: string | undefined): boolean =>
  type === 'PRIVATE' ? vpcEndpoint !== undefined && vpcEndpoints.includes(vpcEndpoint) : vpcEndpoint === undefined;

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html */
function authorizeCall(
  { kernel, api, stage, deployment, matched, request, principal }: RestCall,
  vpcEndpoint?: string,
) {
  const resource = `${apiArn(api)}/${stage.name}/${request.method}${matched.path}`;
  const need = {
    action: 'execute-api:Invoke',
    resource,
    ...(deployment.policy && { resourcePolicy: deployment.policy }),
    ...(vpcEndpoint && { context: { 'aws:SourceVpce': vpcEndpoint } }),
  };
  try {
    kernel.authorize(principal, api.place, need, 'apigateway');
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message = error.message.replace(resource, resource.replace(api.place.account, maskedAccount(api)));
    throw new ApiError(403, 'AccessDeniedException', message, 'Message');
  }
}

const maskedAccount = ({ place: { account } }: RestApi) => `********${account.slice(-4)}`;

const apiArn = ({ id, place: { partition, region, account } }: RestApi): string =>
  `arn:${partition}:execute-api:${region}:${account}:${id}`;

function throttle({ kernel, api, stage }: RestCall, quota: NonNullable<ApiStage['throttle']>): void {
  const service = kernel.services!.find(({ name }) => name === API_GATEWAY.name)!;
  try {
    takeToken(kernel, service, `${api.id}/${stage.name}`, api.place, quota);
  } catch {
    throw new ApiError(429, 'TooManyRequestsException', 'Too Many Requests');
  }
}

async function integrate(call: RestCall): Promise<RestResponse> {
  const target = targetOf(call);
  const event = JSON.stringify(proxyEvent(call));
  const { kernel, requestId } = call;
  const invocation = runInvocation(kernel, target, { event, requestId: kernel.uuid() });
  const outcome = await withinLimit(kernel, invocation);
  if (outcome.kind !== 'done') throw new ApiError(502, 'InternalServerErrorException', 'Internal server error');
  return proxyResponse(JSON.parse(outcome.payload), requestId);
}

/** The function's policy must let API Gateway call it for this method. */
function targetOf({ kernel, api, stage, matched }: RestCall): ResolvedFunction {
  const [, functionArn] = /\/functions\/(arn:[^/]+)\/invocations$/.exec(matched.method.uri) ?? [];
  const source = `${apiArn(api)}/${stage.name}/${matched.method.httpMethod}${matched.template}`;
  const { account } = api.place;
  try {
    const target = resolveFunction(kernel, parseFunctionName(api.place, functionArn));
    const caller: Principal = { kind: 'service', service: 'apigateway.amazonaws.com', account, source };
    kernel.authorize(caller, api.place, functionNeed(kernel, target.reference, 'lambda:InvokeFunction'), 'lambda');
    return target;
  } catch (error) {
    if (error instanceof AwsError) throw configurationError();
    throw error;
  }
}

async function withinLimit<T>({ clock }: Kernel, work: Promise<T>): Promise<T> {
  let cancel = () => {};
  const limit = new Promise<never>((_, reject) => {
    const timer = clock.after(MAX_INTEGRATION_MS, () =>
      reject(new ApiError(504, 'InternalServerErrorException', 'Endpoint request timed out')),
    );
    cancel = () => timer.cancel();
  });
  // The function continues after the limit; nobody uses its outcome.
  work.catch(() => {});
  try {
    return await Promise.race([work, limit]);
  } catch (error) {
    if (error instanceof AwsError) throw configurationError();
    throw error;
  } finally {
    cancel();
  }
}

function logAccess(call: RestCall, response: RestResponse): void {
  const { kernel, api, stage } = call;
  const { accessLog } = stage;
  if (accessLog && mayLog(kernel, api.place, accessLog.groupArn))
    api.accessLines.push({
      at: kernel.clock.now(),
      group: accessLog.groupArn.split(':log-group:')[1]!.replace(/:\*$/, ''),
      line: accessLine(accessLog.format, call, response),
    });
}

/** Returns whether the role may write. Without permission, API Gateway answers the request and drops the line. */
function mayLog(kernel: Kernel, place: AwsPlace, groupArn: string): boolean {
  const role = kernel.state(API_GATEWAY, place).logRoles.get(placeName(place));
  if (role === undefined) return false;
  try {
    const writer = kernel.assumeForService('apigateway.amazonaws.com', role, 'access-log', undefined);
    const stream = `${groupArn}:log-stream:access`;
    for (const action of ['logs:CreateLogStream', 'logs:PutLogEvents'])
      kernel.authorize(writer, place, { action, resource: stream }, 'logs');
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
}

const forbidden = () => new ApiError(403, 'ForbiddenException', 'Forbidden');
const missingToken = () => new ApiError(403, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
const wrongScope = (what: string) =>
  new ApiError(403, 'InvalidSignatureException', `Credential should be scoped to correct ${what}`);
/** Lambda throttled the function, it does not exist, or its policy does not let API Gateway call it. */
const configurationError = () => new ApiError(500, 'InternalServerErrorException', 'Internal server error');
