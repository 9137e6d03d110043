/** Sends requests to the API of the installation. The environment's credentials sign them: they say who acts. */

import { setTimeout } from 'node:timers/promises';
import { APIGatewayClient, paginateGetRestApis, type RestApi } from '@aws-sdk/client-api-gateway';
import { SignatureV4 } from '@smithy/signature-v4';
import * as z from 'zod';
import { API_ROUTES, type ApiRouteName } from '../../functions/domain/api.ts';
import { dnsSuffix } from '../../functions/domain/names.ts';
import { plainText } from '../../functions/domain/plain-text.ts';
import { Failure } from '../errors/failure.ts';
import { Unreachable } from '../errors/unreachable.ts';
import { jsonOrUndefined } from '../input/json-or-undefined.ts';
import { missingResource } from './home-region-hint.ts';
import { installedNames } from './installed-names.ts';

export type ApiCall = {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
};

export type SutureApi = {
  /** @throws Failure with the response's message unless the status is 2xx */
  call(route: ApiRouteName, call?: ApiCall): Promise<unknown>;
};

export type SignedApi = SutureApi & {
  /**
   * Sends the request with an empty body, which the function refuses. IAM decides before the function runs.
   * @throws Unreachable if IAM does not let the caller use the route
   */
  requirePermission(route: ApiRouteName, call?: Omit<ApiCall, 'body'>): Promise<void>;
};

type ApiResponse = { readonly status: number; readonly body: unknown };

const MAX_ATTEMPTS = 6;
const PAUSE_MS = 200;

const ErrorBody = z.union([
  z.object({ message: z.string() }),
  z.object({ Message: z.string() }).transform(({ Message }) => ({ message: Message })),
]);

/** @throws Unreachable if the API does not exist in the client's account and Region */
export async function sutureApi(client = new APIGatewayClient({})): Promise<SignedApi> {
  const api = await findApi(client);
  const host = hostOf(api, await client.config.region());
  const send = async (name: ApiRouteName, { parameters = {}, query = {}, body }: ApiCall) => {
    const { method, path } = API_ROUTES[name];
    const filled = path.replace(/\{(\w+)\}/g, (_, parameter) => encodeURIComponent(parameters[parameter]!));
    const request = {
      method,
      path: `/${installedNames().api.stage}${filled}`,
      query,
      body: body && JSON.stringify(body),
    };
    const response = await retryThrottled(() => sendSigned(client, host, request));
    return { response, route: `${method} ${filled}` };
  };
  return {
    async call(name, call = {}) {
      const { response, route } = await send(name, call);
      if (response.status >= 200 && response.status < 300) return response.body;
      throw errorFor(response, name, route);
    },
    async requirePermission(name, call = {}) {
      const { response, route } = await send(name, { ...call, body: {} });
      if (isIamDenial(response)) throw errorFor(response, name, route);
    },
  };
}

type ClientConfig = Pick<APIGatewayClient['config'], 'credentials' | 'region' | 'requestHandler' | 'endpoint'>;

/** Returns the API with the credentials, Region and endpoint of another client. */
export function apiWith({ config }: { readonly config: ClientConfig }): Promise<SignedApi> {
  const { credentials, region, requestHandler, endpoint } = config;
  return sutureApi(new APIGatewayClient({ credentials, region, requestHandler, endpoint }));
}

export async function findApi(client: APIGatewayClient): Promise<RestApi> {
  for await (const { items = [] } of paginateGetRestApis({ client }, {})) {
    const found = items.find(({ name }) => name === installedNames().api.name);
    if (found) return found;
  }
  throw missingResource(`API "${installedNames().api.name}"`, await client.config.region(), 'Security');
}

/** Returns the host of the API. The host of a private API names a VPC endpoint, and resolves everywhere. */
export function hostOf({ id, endpointConfiguration }: RestApi, region: string): string {
  const [vpcEndpoint] = endpointConfiguration?.vpcEndpointIds ?? [];
  return `${id}${vpcEndpoint ? `-${vpcEndpoint}` : ''}.execute-api.${region}.${dnsSuffix(region)}`;
}

export type UnsignedRequest = {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** Signs the request for the API's host name, and sends it to the endpoint of the client or the environment, if any. */
export async function sendSigned(
  { config }: Pick<APIGatewayClient, 'config'>,
  host: string,
  { method, path, query = {}, body }: UnsignedRequest,
): Promise<ApiResponse> {
  const { credentials, region, sha256, requestHandler } = config;
  const headers = { host, ...(body && { 'content-type': 'application/json' }) };
  const request = { method, protocol: 'https:', hostname: host, path, query, headers, body };
  const signed = await new SignatureV4({ service: 'execute-api', region, credentials, sha256 }).sign(request);
  const target = (await config.endpoint?.()) ?? environmentEndpoint();
  const { response } = await requestHandler.handle({ ...signed, ...target, path, query } as never);
  const bytes = response.body instanceof Uint8Array ? response.body : await config.streamCollector(response.body);
  return { status: response.statusCode, body: jsonOrUndefined(new TextDecoder().decode(bytes)) };
}

/** Reads the variable, because a client's configuration has only an endpoint that its caller passed. */
function environmentEndpoint() {
  const { AWS_ENDPOINT_URL } = process.env;
  if (!AWS_ENDPOINT_URL) return undefined;
  const { protocol, hostname, port } = new URL(AWS_ENDPOINT_URL);
  return { protocol, hostname, ...(port && { port: Number(port) }) };
}

/**
 * Statuses of API Gateway if it throttles the request, or if Lambda throttles the function. The function has not run, so
 * the request can be sent again. The status of a function that failed is 502.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/handle-errors-in-lambda-integration.html
 */
const THROTTLED: ReadonlySet<number> = new Set([429, 500]);

async function retryThrottled(send: () => Promise<ApiResponse>): Promise<ApiResponse> {
  for (let attempt = 1; ; attempt++) {
    const response = await send();
    if (!THROTTLED.has(response.status) || attempt === MAX_ATTEMPTS) return response;
    await setTimeout(PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2));
  }
}

const messageOf = ({ body }: ApiResponse): string | undefined => ErrorBody.safeParse(body).data?.message;

const isIamDenial = (response: ApiResponse): boolean =>
  response.status === 403 && (messageOf(response)?.includes('execute-api:Invoke') ?? false);

function errorFor(response: ApiResponse, name: ApiRouteName, route: string): Failure | Unreachable {
  const text = messageOf(response);
  if (text !== undefined && isIamDenial(response))
    return new Unreachable(
      `IAM does not let you use ${route}: ${plainText(text)}. ${roleText(name, text)}: docs/security.md#people.`,
    );
  if (response.status >= 500) return new Failure(failedText(response.status, name, route, text));
  return new Failure(
    text === undefined ? `${route} was answered ${response.status} without a reason.` : plainLines(text),
  );
}

/** API Gateway's own text says nothing of Suture, nor what to do. */
function failedText(status: number, name: ApiRouteName, route: string, text: string | undefined): string {
  const answer = text === undefined ? `${status}` : `${status}, "${plainText(text)}"`;
  const causes = 'docs/runbook.md#api-gateway-errors says how to find the cause.';
  const next =
    name === 'stop'
      ? 'Nothing may be stopped. docs/runbook.md#api-errors has the command that stops every change without the API.'
      : 'Run the same command again when the cause is removed.';
  return `Suture's API failed: it answered ${route} with ${answer}. ${causes} ${next}`;
}

const APPROVER_ROUTES: ReadonlySet<ApiRouteName> = new Set(['answerApproval', 'answerProposal']);

/** @param text IAM's message, which names the caller */
function roleText(name: ApiRouteName, text: string): string {
  if (API_ROUTES[name].method === 'GET') return 'Use the role of a person who may';
  const person = APPROVER_ROUTES.has(name) ? 'approver' : 'operator';
  const role = installedNames().person(person);
  if (text.includes(`/${role}/`)) return 'Use the role of a person who may';
  return `The role ${role} may: run the command again with --as ${person}, or with its profile`;
}

/** Keeps the lines: the validator of policies reports one for each problem. */
const plainLines = (text: string): string =>
  text
    .split('\n')
    .map((line) => plainText(line))
    .join('\n');
