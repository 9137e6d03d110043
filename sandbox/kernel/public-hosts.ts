/**
 * Hosts on the internet that the sandbox plays. Function instances have no other way out: whatever they ask of a host
 * that is not the sandbox arrives here (see `lambda/worker/network.ts`), and TLS ends on the way.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { instanceHeader } from '../runtime/protocol.ts';
import { parkInstance } from '../services/lambda/index.ts';
import { lettingTimePass } from './clock.ts';
import type { Kernel } from './kernel.ts';

export type PublicRequest = { readonly method: string; readonly origin: string; readonly path: string };

export type PublicAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Iterable<string | Uint8Array>;
  /** What comes after the body: its end, nothing for as long as the client waits, or a connection that breaks. Default: `end`. */
  readonly ending?: 'end' | 'silence' | 'break';
};

/** Answers what a host on the internet would, by origin: `https://ip-ranges.amazonaws.com`. */
export type PublicHosts = Readonly<Record<string, (kernel: Kernel, request: PublicRequest) => PublicAnswer>>;

/** Answers for the host that a function instance meant; one that nobody plays is named in a 501. */
export async function answerForHost(
  kernel: Kernel,
  origin: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = { method: incoming.method ?? 'GET', origin, path: incoming.url ?? '/' };
  const answer = hostsOf(kernel)[origin]?.(kernel, request) ?? unplayed(origin);
  response.sendDate = false;
  response.writeHead(answer.status, answer.headers);
  response.flushHeaders();
  for (const chunk of answer.body) {
    if (response.destroyed) return;
    if (!response.write(chunk)) await drained(response);
  }
  if (answer.ending === 'break') return void incoming.socket.destroy();
  if (answer.ending === 'silence') return silence(kernel, incoming, response);
  await ended(response);
}

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const goOn = () => {
      response.off('drain', goOn).off('close', goOn);
      resolve();
    };
    response.on('drain', goOn).on('close', goOn);
  });

/** Ends an answer and waits until it is sent, or nobody is there any more to take it, such as a function that was killed. */
export const ended = (response: ServerResponse, body?: Uint8Array): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed || response.socket?.destroyed) return resolve();
    response.once('close', resolve);
    response.end(body);
  });

/** Real milliseconds in which what was sent has reached the client. */
const ARRIVES = 20;

/** Time goes on while the client waits in vain. */
async function silence(kernel: Kernel, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  await sleep(ARRIVES);
  if (response.destroyed) return;
  const instance = String(incoming.headers[instanceHeader] ?? '');
  const goOn = parkInstance(kernel, instance);
  try {
    await lettingTimePass(() => once(response, 'close'));
  } finally {
    goOn('unanswered');
  }
}

const hostsOf = (kernel: Kernel): PublicHosts =>
  Object.assign({}, ...(kernel.services ?? []).map(({ hosts }) => hosts ?? {}));

const unplayed = (origin: string): PublicAnswer => ({
  status: 501,
  headers: { 'content-type': 'text/plain' },
  body: [`The sandbox does not play the host ${origin}`],
});
