/**
 * Sends an event to an API destination, as EventBridge does.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
 */
import { request } from 'node:http';
import type { Target } from '@aws-sdk/client-eventbridge';
import type { AwsPlace, Kernel, Principal } from '../../kernel/kernel.ts';
import { notModelled } from '../requests.ts';
import { destinationByArn } from './api-destinations.ts';
import { DeliveryError } from './delivery-error.ts';
import { receiverOf } from './receivers.ts';
import { type ApiDestination, EVENTBRIDGE, type EventConnection } from './state.ts';

type Invocation = {
  readonly kernel: Kernel;
  readonly principal: Principal;
  readonly target: Target;
  readonly input: string;
  /** After it, the event is too old to be sent. */
  readonly expiresAt: number;
};

/** "A maximum client execution timeout of 5 seconds". */
const TIMEOUT_MS = 5_000;
const RETRIED: readonly number[] = [401, 407, 409, 429];
/** By this header a receiver says how much time of the sandbox's clock its answer takes. */
export const ANSWERED_AFTER_HEADER = 'x-sandbox-answered-after-ms';

/** @throws DeliveryError unless the endpoint answers with success */
export async function invokeDestination(invocation: Invocation, place: AwsPlace): Promise<string> {
  const { kernel, principal, target } = invocation;
  const { destination, connection } = destinationByArn(kernel.state(EVENTBRIDGE, place), target.Arn);
  const need = { action: 'events:InvokeApiDestination', resource: destination.arn };
  kernel.authorize(principal, place, need, 'eventbridge');
  const outgoing = outgoingRequest(destination, connection, invocation);
  await awaitRate(invocation, destination);
  const { status, retryAfter, afterMs } = await send(kernel, outgoing);
  await kernel.clock.sleep(Math.min(afterMs, TIMEOUT_MS));
  if (afterMs >= TIMEOUT_MS) throw timedOut();
  if (status >= 200 && status < 300) return String(status);
  throw refusal(status, retryAfter, kernel.clock.now());
}

/** The next moment at which each destination may be invoked. */
const NEXT = new WeakMap<Kernel, Map<string, number>>();

/** Spaces invocations evenly. AWS does not say how it keeps the rate. */
async function awaitRate({ kernel, expiresAt }: Invocation, { arn, ratePerSecond }: ApiDestination): Promise<void> {
  const next = NEXT.get(kernel) ?? new Map<string, number>();
  NEXT.set(kernel, next);
  const now = kernel.clock.now();
  const at = Math.max(now, next.get(arn) ?? 0);
  if (at > expiresAt)
    throw new DeliveryError('THROTTLING', `The rate of ${ratePerSecond} invocations per second is exceeded.`, {
      isRetriable: true,
      retryAfterMs: at - now,
    });
  next.set(arn, at + 1000 / ratePerSecond);
  if (at > now) await kernel.clock.sleep(at - now);
}

type OutgoingRequest = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Headers and query strings of the connection replace those of the target. */
function outgoingRequest(
  { endpoint, method }: ApiDestination,
  { authorization, http }: EventConnection,
  { target: { HttpParameters = {} }, input }: Invocation,
): OutgoingRequest {
  const { PathParameterValues = [], HeaderParameters = {}, QueryStringParameters = {} } = HttpParameters;
  const values = [...PathParameterValues, ...Object.values(HeaderParameters), ...Object.values(QueryStringParameters)];
  const dynamic = values.find((value) => value.startsWith('$'));
  if (dynamic !== undefined) throw notModelled(`the path ${dynamic} in HttpParameters of a target`);
  const paths = [...PathParameterValues];
  const url = new URL(endpoint.replaceAll('*', () => encodeURIComponent(paths.shift() ?? '*')));
  for (const [key, value] of Object.entries(QueryStringParameters)) url.searchParams.set(key, value);
  for (const { Key, Value } of http.query) url.searchParams.set(Key!, Value!);
  const body = bodyOf(http.body, input);
  const headers = Object.fromEntries([
    ['content-type', 'application/json; charset=utf-8'],
    ...Object.entries(HeaderParameters).map(([key, value]) => [key.toLowerCase(), value]),
    ...http.headers.map(({ Key, Value }) => [Key!.toLowerCase(), Value!]),
    ['user-agent', 'Amazon/EventBridge/ApiDestinations'],
    ['range', 'bytes=0-1048575'],
    ['accept-encoding', 'gzip,deflate'],
    ['connection', 'close'],
    ['host', url.host],
    ['content-length', String(Buffer.byteLength(body))],
    authorizationHeader(authorization),
  ]);
  return { url, method, headers, body };
}

function bodyOf(parameters: EventConnection['http']['body'], input: string): string {
  if (parameters.length === 0) return input;
  const body: unknown = JSON.parse(input);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw notModelled('BodyParameters of a connection for a body that is not a JSON object');
  return JSON.stringify({ ...body, ...Object.fromEntries(parameters.map(({ Key, Value }) => [Key!, Value])) });
}

function authorizationHeader(authorization: EventConnection['authorization']): [name: string, value: string] {
  if (authorization.type === 'API_KEY') return [authorization.ApiKeyName.toLowerCase(), authorization.ApiKeyValue];
  const { Username, Password } = authorization;
  return ['authorization', `Basic ${Buffer.from(`${Username}:${Password}`).toString('base64')}`];
}

type HttpAnswer = {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly afterMs: number;
};

function send(kernel: Kernel, { url, method, headers, body }: OutgoingRequest): Promise<HttpAnswer> {
  const { hostname, port } = receiverOf(kernel, url.origin);
  return new Promise((resolve, reject) => {
    const path = `${url.pathname}${url.search}`;
    const outgoing = request({ hostname, port, method, path, headers, timeout: TIMEOUT_MS }, (incoming) => {
      incoming.resume().once('end', () =>
        resolve({
          status: incoming.statusCode!,
          retryAfter: incoming.headers['retry-after'],
          afterMs: Number(incoming.headers[ANSWERED_AFTER_HEADER] ?? 0),
        }),
      );
      incoming.once('error', () => reject(unreachable()));
    });
    outgoing.once('timeout', () => outgoing.destroy(timedOut()));
    outgoing.once('error', (error) => reject(error instanceof DeliveryError ? error : unreachable()));
    outgoing.end(body);
  });
}

/** The messages of `timedOut` and `unreachable` are from dead letters that AWS wrote. Codes: see docs/unproven.md. */
const timedOut = (): DeliveryError =>
  new DeliveryError(
    'UNKNOWN',
    'Unable to invoke ApiDestination endpoint: Timeout calling endpoint for API Destination: socket closed.',
    { isRetriable: true },
  );
const unreachable = (): DeliveryError =>
  new DeliveryError(
    'SDK_CLIENT_ERROR',
    'Unable to invoke ApiDestination endpoint: API destination endpoint cannot be reached.',
    { isRetriable: true },
  );

/** "If the Retry-After value is negative, EventBridge stops retrying delivery for that event." */
function refusal(status: number, retryAfter: string | undefined, now: number): DeliveryError {
  const retryAfterMs = retryAfterOf(retryAfter, now);
  const isRetriable = (RETRIED.includes(status) || status >= 500) && !(retryAfterMs < 0);
  return new DeliveryError(
    status >= 500 ? 'ERROR_FROM_TARGET' : 'SDK_CLIENT_ERROR',
    `Unable to invoke ApiDestination endpoint: Request failed because status code ${status} was returned.`,
    { isRetriable, retryAfterMs: Math.max(0, retryAfterMs) },
  );
}

/** Seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfterOf(text: string | undefined, now: number): number {
  if (text === undefined) return 0;
  if (/^-?\d+$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}
