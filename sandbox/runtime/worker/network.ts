/** The network of a function instance: its open requests, the address of `localhost`, and no internet. */
import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import type { ClientRequest, RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import type { Socket } from 'node:net';
import { urlToHttpOptions } from 'node:url';
import { INSTANCE_HEADER, type OpenRequest, ORIGIN_HEADER, REQUEST_HEADER } from '../protocol.ts';

// Not imported, because Node reads all of node:http to export its names to ES modules, and that loads the
// implementation of fetch.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

type HttpRequest = ClientRequest & { res?: { complete: boolean } };
type FetchRequest = { addHeader?(name: string, value: string): void };

export type WatchedRequest = OpenRequest & {
  /** The head of the answer has arrived. The rest may arrive without an event that could be watched. */
  readonly isArriving: boolean;
};

/**
 * Watches every request of node:http, node:https and fetch, and marks it with its instance and a number. Calls
 * `onChange` when one begins, ends or fails, and when an answer's head arrives. `open` lists the requests whose answer
 * has not arrived completely.
 */
export const watchRequests = (instance: string, onChange: () => void): { open(): readonly WatchedRequest[] } => {
  const ids = countedIds();
  const sources = [watchHttp(instance, ids, onChange), watchFetch(instance, ids, onChange)];
  return { open: () => sources.flatMap((open) => open()) };
};

const countedIds = () => {
  let count = 0;
  return () => String(++count);
};

const watchHttp = (instance: string, nextId: () => string, onChange: () => void): (() => WatchedRequest[]) => {
  const requests = new Map<HttpRequest, string>();
  subscribe('http.client.response.finish', onChange);
  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: HttpRequest };
    const id = nextId();
    requests.set(request, id);
    if (!request.headersSent) request.setHeader(INSTANCE_HEADER, instance).setHeader(REQUEST_HEADER, id);
    onChange();
    request.once('close', () => {
      requests.delete(request);
      onChange();
    });
  });
  // An answer that nobody reads never closes its request, even after it has arrived.
  return () =>
    [...requests]
      .filter(([{ res }]) => !res?.complete)
      .map(([{ res, socket }, id]) => ({ id, receivedBytes: socket?.bytesRead ?? 0, isArriving: res !== undefined }));
};

const watchFetch = (instance: string, nextId: () => string, onChange: () => void): (() => WatchedRequest[]) => {
  const requests = new Map<unknown, { readonly id: string; socket?: Socket; isArriving?: true }>();
  const end = (message: unknown) => {
    requests.delete((message as { request: unknown }).request);
    onChange();
  };
  subscribe('undici:request:create', (message) => {
    const { request } = message as { request: FetchRequest };
    const id = nextId();
    requests.set(request, { id });
    request.addHeader?.(INSTANCE_HEADER, instance);
    request.addHeader?.(REQUEST_HEADER, id);
    onChange();
  });
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, socket } = message as { request: unknown; socket: Socket };
    const known = requests.get(request);
    if (known) known.socket = socket;
  });
  subscribe('undici:request:headers', (message) => {
    const known = requests.get((message as { request: unknown }).request);
    if (known) known.isArriving = true;
    onChange();
  });
  subscribe('undici:request:trailers', end);
  subscribe('undici:request:error', end);
  return () =>
    [...requests.values()].map(({ id, socket, isArriving = false }) => ({
      id,
      receivedBytes: socket?.bytesRead ?? 0,
      isArriving,
    }));
};

/** Resolves `localhost` and the host names that SDK clients prefix (with an account id, `sync-`) to 127.0.0.1. */
export const resolveLocalhost = (): void => {
  const lookup = dns.lookup as (...args: any[]) => void;
  const local = (hostname: string, ...rest: any[]) => {
    if (!/(^|[.-])localhost$/.test(hostname)) return lookup(hostname, ...rest);
    const callback = rest.at(-1) as (...args: unknown[]) => void;
    const all = typeof rest[0] === 'object' && rest[0]?.all === true;
    if (all) queueMicrotask(() => callback(null, [{ address: '127.0.0.1', family: 4 }]));
    else queueMicrotask(() => callback(null, '127.0.0.1', 4));
  };
  dns.lookup = local as typeof dns.lookup;
  syncBuiltinESMExports();
};

/**
 * Sends requests of node:http, node:https and fetch for other hosts to the sandbox, which plays some internet hosts and
 * refuses the others by name. They arrive unencrypted, with their origin in `ORIGIN_HEADER`.
 */
export const redirectToSandbox = (endpoint: string): void => {
  redirectHttp(new URL(endpoint));
  redirectFetch(endpoint);
};

const redirectHttp = (sandbox: URL): void => {
  const request = http.request;
  for (const [module, protocol] of [
    [http, 'http:'],
    [https, 'https:'],
  ] as const) {
    const original = module.request as (...args: any[]) => ClientRequest;
    const replaced = (...args: any[]): ClientRequest => {
      const [options, onAnswer] = optionsIn(args);
      const host = options.hostname ?? options.host ?? 'localhost';
      if (isSandbox(host)) return original(...args);
      const { agent: _, lookup: __, host: ___, ...kept } = options;
      const port = options.port ? `:${options.port}` : '';
      const { origin } = new URL(`${options.protocol ?? protocol}//${host}${port}`);
      const headers = { ...(options.headers as object), [ORIGIN_HEADER]: origin };
      return request({ ...kept, protocol: 'http:', hostname: sandbox.hostname, port: sandbox.port, headers }, onAnswer);
    };
    Object.assign(module, { request: replaced, get: (...args: any[]) => replaced(...args).end() });
  }
  syncBuiltinESMExports();
};

const redirectFetch = (endpoint: string): void => {
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    const { origin, hostname, pathname, search } = new URL(request.url);
    if (isSandbox(hostname)) return original(input, init);
    const redirected = new Request(new URL(pathname + search, endpoint), request);
    redirected.headers.set(ORIGIN_HEADER, origin);
    return original(redirected);
  };
};

/** Accepts both forms of node:http: `(url, options?, callback?)` and `(options, callback?)`. */
const optionsIn = ([first, second, third]: any[]): [RequestOptions, ((answer: any) => void) | undefined] => {
  if (typeof first !== 'string' && !(first instanceof URL)) return [first, second];
  const fromUrl = urlToHttpOptions(new URL(first));
  return typeof second === 'function' ? [fromUrl, second] : [{ ...fromUrl, ...second }, third];
};

const isSandbox = (host: string): boolean => /^127\.|(^|[.-])localhost$/.test(host);
