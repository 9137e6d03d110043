/** The network as a function instance sees it: which requests are open, and where `localhost` is. */
import { subscribe } from 'node:diagnostics_channel';
import dns from 'node:dns';
import type { ClientRequest } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { instanceHeader } from '../protocol.ts';

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
