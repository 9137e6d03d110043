/** Passes requests of SDK clients to the sandbox without a socket. */
import { HttpResponse } from '@smithy/core/protocols';
import { ConnectionDrop } from './kernel/dispatch.ts';
import type { Answerer } from './server.ts';

export type InProcessHandler = {
  handle(request: OutgoingRequest): Promise<{ response: HttpResponse }>;
};

type OutgoingRequest = {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

export const createInProcessHandler = (answer: Answerer): InProcessHandler => ({
  async handle({ method, path, query, headers, body }) {
    try {
      const response = await answer({
        method,
        url: path + queryString(query),
        headers: lowerCaseNames(headers),
        body: bytesOf(body),
      });
      return {
        response: new HttpResponse({ statusCode: response.status, headers: response.headers, body: response.body }),
      };
    } catch (error) {
      if (!(error instanceof ConnectionDrop)) throw error;
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    }
  },
});

const lowerCaseNames = (headers: OutgoingRequest['headers']) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof Uint8Array) return body;
  throw new TypeError('A body that streams cannot be handed over in process; use a client over HTTP');
}

function queryString(query: OutgoingRequest['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((each) => (each === null ? encode(name) : `${encode(name)}=${encode(String(each))}`)),
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}
const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
