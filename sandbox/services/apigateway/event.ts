/**
 * The event of a Lambda proxy integration, payload format 1.0.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
import type { Principal } from '../../kernel/kernel.ts';
import type { RestCall } from './call.ts';

export function proxyEvent(call: RestCall): object {
  const { request, matched } = call;
  // API Gateway consumes the signature.
  const { authorization: _, ...headers } = request.headers;
  const [, search = ''] = request.url.split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const names = [...new Set(query.keys())];
  const body = Buffer.from(request.body).toString('utf8');
  return {
    resource: matched.template,
    path: matched.path,
    httpMethod: request.method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: orNull(Object.fromEntries(query)),
    multiValueQueryStringParameters: orNull(Object.fromEntries(names.map((name) => [name, query.getAll(name)]))),
    pathParameters: orNull(matched.parameters),
    stageVariables: null,
    requestContext: proxyContext(call),
    body: body === '' ? null : body,
    isBase64Encoded: false,
  };
}

const orNull = (members: Readonly<Record<string, unknown>>) => (Object.keys(members).length > 0 ? members : null);

export function proxyContext({ kernel, api, stage, matched, request, principal, requestId }: RestCall) {
  const now = kernel.clock.now();
  const domainName = request.headers.host ?? '';
  return {
    accountId: api.place.account,
    apiId: api.id,
    deploymentId: stage.deployment,
    domainName,
    domainPrefix: domainName.split('.')[0]!,
    extendedRequestId: requestId,
    httpMethod: request.method,
    identity: identityOf(principal, kernel.organizationId, request.headers),
    path: `/${stage.name}${matched.path}`,
    protocol: 'HTTP/1.1',
    requestId,
    requestTime: accessLogTime(now),
    requestTimeEpoch: now,
    resourceId: matched.method.resource,
    resourcePath: matched.template,
    stage: stage.name,
  };
}

function identityOf(
  principal: Principal,
  principalOrgId: string,
  {
    authorization = '',
    'user-agent': userAgent = null,
  }: Readonly<Record<string, string | undefined>> & {
    readonly 'user-agent'?: any;
  },
) {
  const userId = 'userId' in principal ? principal.userId : principal.account;
  return {
    accessKey: /Credential=([^/]+)\//.exec(authorization)?.[1] ?? null,
    accountId: principal.account,
    caller: userId,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId,
    sourceIp: '127.0.0.1',
    user: userId,
    userAgent,
    userArn: 'arn' in principal ? principal.arn : principal.service,
  };
}

const accessLogTime = (at: number): string => {
  const [, day, month, year, time] = new Date(at).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
};
