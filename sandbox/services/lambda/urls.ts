/**
 * Function URLs: HTTP requests become events, results become HTTP responses (payload format 2.0).
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import { AwsError, type AwsPlace, type Kernel, type Principal, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties } from '../properties.ts';
import { parseFunctionName, type ResolvedFunction, resolveFunction } from './function-reference.ts';
import { functionNeed } from './invoke.ts';
import { urlProperties } from './properties.ts';
import { runInvocation } from './run-invocation.ts';
import { type FunctionUrl, LAMBDA, type LambdaState } from './state.ts';

/** A request to `/lambda-url/<id>/<path>?<query>`; header names in lower case. */
export type UrlRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

export type UrlResponse = { status: number; headers: Record<string, string>; body: Uint8Array };

/** A request names only the URL's id, so this finds its account and Region. */
const places = new WeakMap<Kernel, Map<string, AwsPlace>>();

export const urlResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::Url': {
    create: (input, at, resource) => {
      const properties = parseProperties('AWS::Lambda::Url', urlProperties, input, resource);
      const { reference, fn } = resolveFunction(
        at.kernel,
        parseFunctionName(at, properties.TargetFunctionArn, properties.Qualifier),
      );
      const id = at.kernel.id('', 32);
      const url: FunctionUrl = {
        id,
        auth: properties.AuthType,
        functionName: fn.name,
        qualifier: reference.qualifier,
        createdAt: at.kernel.clock.now(),
      };
      at.state.urls.set(id, url);
      const known = places.get(at.kernel) ?? new Map<string, AwsPlace>();
      places.set(at.kernel, known.set(id, fn.place));
      return {
        ref: reference.arn,
        attributes: { FunctionArn: reference.arn, FunctionUrl: functionUrlAddress(at.kernel, url) },
      };
    },
  },
};

/** On AWS the address is `https://<id>.lambda-url.<region>.on.aws/`. */
export const functionUrlAddress = ({ endpoint }: Kernel, { id }: FunctionUrl): string =>
  `${endpoint}/lambda-url/${id}/`;

/** @param principal the signer of the request; undefined if it is unsigned */
export const handleFunctionUrl = async (
  kernel: Kernel,
  request: UrlRequest,
  principal: Principal | undefined,
): Promise<UrlResponse> => {
  const [, id = ''] = /^\/lambda-url\/([^/?]+)/.exec(request.url) ?? [];
  const place = places.get(kernel)?.get(id);
  const url = place && kernel.state(LAMBDA, place).urls.get(id);
  if (!url) return messageResponse(404, 'Not Found');
  const target = resolveFunction(kernel, parseFunctionName(place, url.functionName, url.qualifier));
  if (!isAllowed(kernel, url, target, principal)) return messageResponse(403, FORBIDDEN);
  const requestId = kernel.uuid();
  const event = JSON.stringify(requestEvent(kernel, url, target, request, requestId, principal));
  try {
    const outcome = await runInvocation(kernel, target, { event, requestId, caller: principal });
    return outcome.kind === 'done'
      ? responseOf(JSON.parse(outcome.payload))
      : messageResponse(502, 'Internal Server Error');
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TooManyRequestsException')
      return messageResponse(429, error.message);
    throw error;
  }
};

const FORBIDDEN =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

/** The caller needs both permissions since October 2025. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
const isAllowed = (
  kernel: Kernel,
  { auth }: FunctionUrl,
  target: ResolvedFunction,
  principal: Principal | undefined,
): boolean => {
  const needs = [
    functionNeed(kernel, target.reference, 'lambda:InvokeFunctionUrl', { 'lambda:FunctionUrlAuthType': auth }),
    functionNeed(kernel, target.reference, 'lambda:InvokeFunction', { 'lambda:InvokedViaFunctionUrl': 'true' }),
  ];
  if (auth === 'NONE') return needs.every((need) => allowsPublicUse(target, need.action));
  if (!principal) return false;
  try {
    for (const need of needs) kernel.authorize(principal, target.fn.place, need, 'lambda');
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
};

/** The resource policy may allow the action to everybody through a URL without authorization. */
const allowsPublicUse = ({ fn, reference }: ResolvedFunction, action: string): boolean =>
  (fn.policies.get(reference.qualifier ?? '') ?? []).some(
    ({ Principal, Action, Condition = {} }) =>
      Principal === '*' &&
      Action === action &&
      Object.values(Condition).every((keys) =>
        Object.entries(keys).every(([key, value]) => PUBLIC_CONDITIONS[key] === String(value)),
      ),
  );

const PUBLIC_CONDITIONS: Readonly<Record<string, string>> = {
  'lambda:FunctionUrlAuthType': 'NONE',
  'lambda:InvokedViaFunctionUrl': 'true',
};

const requestEvent = (
  kernel: Kernel,
  url: FunctionUrl,
  target: ResolvedFunction,
  request: UrlRequest,
  requestId: string,
  principal: Principal | undefined,
) => {
  const { cookie, ...headers } = request.headers;
  const { path, query } = pathAndQuery(request.url);
  const now = kernel.clock.now();
  const domainName = `${url.id}.lambda-url.${target.fn.place.region}.on.aws`;
  const isText = /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|$)/.test(
    headers['content-type'] ?? '',
  );
  const body = Buffer.from(request.body);
  const signed = url.auth === 'AWS_IAM' ? principal : undefined;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: path,
    rawQueryString: query,
    ...(cookie && { cookies: cookie.split(/;\s*/) }),
    headers,
    ...(query && { queryStringParameters: parametersOf(query) }),
    requestContext: {
      accountId: signed?.account ?? 'anonymous',
      apiId: url.id,
      ...(signed && { authorizer: { iam: identityOf(kernel, signed, headers.authorization) } }),
      domainName,
      domainPrefix: url.id,
      http: {
        method: request.method,
        path,
        protocol: 'HTTP/1.1',
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: accessLogTime(now),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

const pathAndQuery = (url: string) => {
  const [path = '', query = ''] = url.replace(/^\/lambda-url\/[^/?]+/, '').split(/\?(.*)/s);
  return { path: path || '/', query };
};

const identityOf = (kernel: Kernel, principal: Principal, authorization = '') => {
  const userId = 'userId' in principal ? principal.userId : principal.account;
  return {
    accessKey: /Credential=([^/]+)\//.exec(authorization)?.[1] ?? '',
    accountId: principal.account,
    callerId: userId,
    cognitoIdentity: null,
    principalOrgId: kernel.organizationId,
    userArn: 'arn' in principal ? principal.arn : principal.service,
    userId,
  };
};

const parametersOf = (query: string): Record<string, string> => {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]));
};

const accessLogTime = (at: number): string => {
  const [, day, month, year, time] = new Date(at).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
};

/** A result without statusCode becomes the JSON body of a 200 response. */
const responseOf = (result: unknown): UrlResponse => {
  if (typeof result !== 'object' || result === null || !('statusCode' in result))
    return { status: 200, headers: JSON_HEADERS, body: Buffer.from(JSON.stringify(result)) };
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as {
    statusCode: number | string;
    headers?: Record<string, unknown>;
    cookies?: string[];
    body?: string;
    isBase64Encoded?: boolean;
  };
  const ownHeaders = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: Number(statusCode),
    headers: { ...JSON_HEADERS, ...Object.fromEntries(ownHeaders), ...cookieHeader(cookies ?? []) },
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
};

const cookieHeader = (cookies: readonly string[]): Record<string, string> => {
  if (cookies.length > 1)
    throw new AwsError('NotModelled', 'The sandbox does not model answers with several cookies.', 501);
  return cookies[0] === undefined ? {} : { 'set-cookie': cookies[0] };
};

const JSON_HEADERS = { 'content-type': 'application/json' };

const messageResponse = (status: number, text: string): UrlResponse => ({
  status,
  headers: JSON_HEADERS,
  body: Buffer.from(JSON.stringify({ Message: text })),
});
