/**
 * Function URLs: from an HTTP request to the event and from the result to the answer (payload format 2.0).
 * https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
import { AwsError, type AwsPlace, type Kernel, type Principal, type ResourceType } from '../../kernel/kernel.ts';
import { parseProperties } from '../properties.ts';
import { lambda } from './index.ts';
import { needsOf } from './invoke.ts';
import { urlProperties } from './properties.ts';
import { runTarget } from './run.ts';
import type { FunctionUrl, LambdaState } from './state.ts';
import { findTarget, namedBy, type Target } from './target.ts';

/** An HTTP request to `/lambda-url/<id>/<path>?<query>`; header names in lower case. */
export type UrlRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

export type UrlResponse = { status: number; headers: Record<string, string>; body: Uint8Array };

/** Where each URL belongs: a request names nothing else. */
const places = new WeakMap<Kernel, Map<string, AwsPlace>>();

export const urlResources: Record<string, ResourceType<LambdaState>> = {
  'AWS::Lambda::Url': {
    create: (properties, at, resource) => {
      const wanted = parseProperties('AWS::Lambda::Url', urlProperties, properties, resource);
      const { named, lambda: owner } = findTarget(at.kernel, namedBy(at, wanted.TargetFunctionArn, wanted.Qualifier));
      const id = at.kernel.id('', 32);
      const url: FunctionUrl = {
        id,
        auth: wanted.AuthType,
        functionName: owner.name,
        qualifier: named.qualifier,
        createdAt: at.kernel.clock.now(),
      };
      at.state.urls.set(id, url);
      const known = places.get(at.kernel) ?? new Map<string, AwsPlace>();
      places.set(at.kernel, known.set(id, owner.place));
      return {
        ref: named.arn,
        attributes: { FunctionArn: named.arn, FunctionUrl: addressOf(at.kernel, url) },
      };
    },
  },
};

/** Where a URL is: on AWS `https://<id>.lambda-url.<region>.on.aws/`. */
export const addressOf = ({ endpoint }: Kernel, { id }: FunctionUrl): string => `${endpoint}/lambda-url/${id}/`;

/**
 * Answers a request to a function URL.
 * @param principal who signed the request; undefined for an unsigned one
 */
export const handleFunctionUrl = async (
  kernel: Kernel,
  request: UrlRequest,
  principal: Principal | undefined,
): Promise<UrlResponse> => {
  const [, id = ''] = /^\/lambda-url\/([^/?]+)/.exec(request.url) ?? [];
  const place = places.get(kernel)?.get(id);
  const url = place && kernel.state(lambda, place).urls.get(id);
  if (!url) return message(404, 'Not Found');
  const target = findTarget(kernel, namedBy(place, url.functionName, url.qualifier));
  if (!isAllowed(kernel, url, target, principal)) return message(403, forbidden);
  const requestId = kernel.uuid();
  const event = JSON.stringify(eventOf(kernel, url, target, request, requestId, principal));
  try {
    const outcome = await runTarget(kernel, target, { event, requestId, caller: principal });
    return outcome.kind === 'done' ? responseOf(JSON.parse(outcome.payload)) : message(502, 'Internal Server Error');
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TooManyRequestsException') return message(429, error.message);
    throw error;
  }
};

const forbidden =
  'Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html';

/** Both permissions are needed since October 2025. https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
const isAllowed = (
  kernel: Kernel,
  { auth }: FunctionUrl,
  target: Target,
  principal: Principal | undefined,
): boolean => {
  const needs = [
    needsOf(kernel, target.named, 'lambda:InvokeFunctionUrl', { 'lambda:FunctionUrlAuthType': auth }),
    needsOf(kernel, target.named, 'lambda:InvokeFunction', { 'lambda:InvokedViaFunctionUrl': 'true' }),
  ];
  if (auth === 'NONE') return needs.every((need) => isPublic(target, need.action));
  if (!principal) return false;
  try {
    for (const need of needs) kernel.authorize(principal, target.lambda.place, need, 'lambda');
    return true;
  } catch (error) {
    if (error instanceof AwsError) return false;
    throw error;
  }
};

/** Whether the resource policy lets everybody do it through a URL without authorization. */
const isPublic = ({ lambda: owner, named }: Target, action: string): boolean =>
  (owner.policies.get(named.qualifier ?? '') ?? []).some(
    ({ Principal, Action, Condition = {} }) =>
      Principal === '*' &&
      Action === action &&
      Object.values(Condition).every((keys) =>
        Object.entries(keys).every(([key, value]) => urlConditions[key] === String(value)),
      ),
  );

const urlConditions: Readonly<Record<string, string>> = {
  'lambda:FunctionUrlAuthType': 'NONE',
  'lambda:InvokedViaFunctionUrl': 'true',
};

const eventOf = (
  kernel: Kernel,
  url: FunctionUrl,
  target: Target,
  request: UrlRequest,
  requestId: string,
  principal: Principal | undefined,
) => {
  const { cookie, ...headers } = request.headers;
  const { path, query } = pathAndQuery(request.url);
  const now = kernel.clock.now();
  const domainName = `${url.id}.lambda-url.${target.lambda.place.region}.on.aws`;
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

/** What follows `/lambda-url/<id>`. */
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

/** Values of a parameter that comes more than once are joined by commas. */
const parametersOf = (query: string): Record<string, string> => {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]));
};

/** `22/Nov/2026:12:00:00 +0000` */
const accessLogTime = (at: number): string => {
  const [, day, month, year, time] = new Date(at).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
};

/** A result without statusCode is the body of a 200 answer in JSON. */
const responseOf = (result: unknown): UrlResponse => {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    return { status: 200, headers: json, body: Buffer.from(JSON.stringify(result)) };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = result as {
    statusCode: number | string;
    headers?: Record<string, unknown>;
    cookies?: string[];
    body?: string;
    isBase64Encoded?: boolean;
  };
  const named = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return {
    status: Number(statusCode),
    headers: { ...json, ...Object.fromEntries(named), ...setCookie(cookies ?? []) },
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
};

const setCookie = (cookies: readonly string[]): Record<string, string> => {
  if (cookies.length > 1)
    throw new AwsError('NotModelled', 'The sandbox does not model answers with several cookies.', 501);
  return cookies[0] === undefined ? {} : { 'set-cookie': cookies[0] };
};

const json = { 'content-type': 'application/json' };

const message = (status: number, text: string): UrlResponse => ({
  status,
  headers: json,
  body: Buffer.from(JSON.stringify({ Message: text })),
});
