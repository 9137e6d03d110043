/**
 * Internet hosts that the sandbox plays. Function instances have no other way out: their requests for any other host
 * arrive here (see `runtime/worker/network.ts`), without TLS.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { withSuspendedHolds } from './kernel/clock.ts';
import type { Kernel, PublicAnswer, PublicHosts } from './kernel/kernel.ts';
import { requestSource } from './request-source.ts';
import { parkRequest } from './runtime/pool.ts';

/** Answers a request for an Internet host as the service that plays it; with 501 and the host's name if none does. */
export async function answerForHost(
  kernel: Kernel,
  origin: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = { method: incoming.method ?? 'GET', origin, path: incoming.url ?? '/' };
  const answer = hostsOf(kernel)[origin]?.(kernel, request) ?? unknownHost(origin);
  response.sendDate = false;
  response.writeHead(answer.status, answer.headers);
  response.flushHeaders();
  for (const chunk of answer.body) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await untilDrained(response);
  }
  if (answer.ending === 'break') return void incoming.socket.destroy();
  if (answer.ending === 'silence') return silence(kernel, incoming, response);
  await endResponse(response);
}

const untilDrained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const finish = () => {
      response.off('drain', finish).off('close', finish);
      resolve();
    };
    response.on('drain', finish).on('close', finish);
  });

/** Ends the response. Resolves when it is sent, or when its client is gone (such as a killed function). */
export const endResponse = (response: ServerResponse, body?: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed || response.socket?.destroyed) return resolve();
    response.once('close', resolve);
    response.end(body);
  });

async function silence(kernel: Kernel, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  if (response.destroyed) return;
  const source = requestSource(incoming.headers);
  const unpark = source && parkRequest(kernel, source, incoming.socket.bytesWritten);
  try {
    await withSuspendedHolds(() => once(response, 'close'));
  } finally {
    unpark?.();
  }
}

const hostsOf = (kernel: Kernel): PublicHosts =>
  Object.assign({}, ...(kernel.services ?? []).map(({ hosts }) => hosts ?? {}));

const unknownHost = (origin: string): PublicAnswer => ({
  status: 501,
  headers: { 'content-type': 'text/plain' },
  body: [`The sandbox does not play the host ${origin}`],
});
