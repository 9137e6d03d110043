/** The network as a function instance sees it: which requests are open, where `localhost` is, and no internet. */
import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import type { ClientRequest, RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { urlToHttpOptions } from 'node:url';
import { instanceHeader, originHeader } from '../protocol.ts';

// Not imported: to offer its names to ES modules, Node reads all of node:http, and that loads the implementation of fetch.
const http = process.getBuiltinModule('node:http');
const https = process.getBuiltinModule('node:https');

/**
 * Watches every request of node:http, node:https and fetch, and marks it with the instance that makes it.
 * Calls `onChange` when one begins, ends or fails; `open` counts those whose answer is not there in full.
 */
export const watchRequests = (instance: string, onChange: () => void): { open(): number } => {
  const requests = new Set<ClientRequest>();
  const fetches = new Set<unknown>();

  subscribe('http.client.request.created', (message) => {
    const { request } = message as { request: ClientRequest & { res?: { complete: boolean } } };
    requests.add(request);
    if (!request.headersSent) request.setHeader(instanceHeader, instance);
    onChange();
    request.once('close', () => {
      requests.delete(request);
      onChange();
    });
  });

  const fetchEnded = (message: unknown) => {
    fetches.delete((message as { request: unknown }).request);
    onChange();
  };
  subscribe('undici:request:create', (message) => {
    const { request } = message as { request: { addHeader?(name: string, value: string): void } };
    fetches.add(request);
    request.addHeader?.(instanceHeader, instance);
    onChange();
  });
  subscribe('undici:request:trailers', fetchEnded);
  subscribe('undici:request:error', fetchEnded);

  return { open: () => [...requests].filter(isOpen).length + fetches.size };
};

/** An answer that nobody reads never closes its request, though it has arrived. */
const isOpen = (request: ClientRequest & { res?: { complete: boolean } }): boolean => !request.res?.complete;

/**
 * Resolves `localhost` and what SDK clients put in front of it (an account id, `sync-`) to 127.0.0.1,
 * where the sandbox listens.
 */
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
 * Requests of node:http, node:https and fetch that are for any other host go to the sandbox, which plays some hosts of the
 * internet and refuses the others by name. They arrive unencrypted, with the origin that they were for in `originHeader`.
 */
export const leaveNoWayOut = (endpoint: string): void => {
  const sandbox = new URL(endpoint);
  const request = http.request;
  for (const [module, protocol] of [
    [http, 'http:'],
    [https, 'https:'],
  ] as const) {
    const original = module.request as (...args: any[]) => ClientRequest;
    const replaced = (...args: any[]): ClientRequest => {
      const [options, answered] = optionsIn(args);
      const host = options.hostname ?? options.host ?? 'localhost';
      if (isSandbox(host)) return original(...args);
      const { agent: _, lookup: __, host: ___, ...kept } = options;
      const port = options.port ? `:${options.port}` : '';
      const { origin } = new URL(`${options.protocol ?? protocol}//${host}${port}`);
      const headers = { ...(options.headers as object), [originHeader]: origin };
      return request({ ...kept, protocol: 'http:', hostname: sandbox.hostname, port: sandbox.port, headers }, answered);
    };
    Object.assign(module, { request: replaced, get: (...args: any[]) => replaced(...args).end() });
  }
  syncBuiltinESMExports();
  const original = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const asked = new Request(input, init);
    const { origin, hostname: host, pathname, search } = new URL(asked.url);
    if (isSandbox(host)) return original(input, init);
    const moved = new Request(new URL(pathname + search, endpoint), asked);
    moved.headers.set(originHeader, origin);
    return original(moved);
  };
};

/** As node:http takes them: `(url, options?, callback?)` or `(options, callback?)`. */
const optionsIn = ([first, second, third]: any[]): [RequestOptions, ((answer: any) => void) | undefined] => {
  if (typeof first !== 'string' && !(first instanceof URL)) return [first, second];
  const fromUrl = urlToHttpOptions(new URL(first));
  return typeof second === 'function' ? [fromUrl, second] : [{ ...fromUrl, ...second }, third];
};

const isSandbox = (host: string): boolean => /^127\.|(^|[.-])localhost$/.test(host);
