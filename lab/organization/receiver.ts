/** An HTTP server on this machine that plays the endpoint of an API destination, and keeps what it receives. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { ANSWERED_AFTER_HEADER } from '../../sandbox/services/eventbridge/invoke-destination.ts';

export type ReceivedRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** `afterMs` is of the sandbox's clock; `breaks` closes the connection without an answer. */
export type ReceiverAnswer = {
  readonly status?: number;
  readonly retryAfter?: string;
  readonly afterMs?: number;
  readonly breaks?: boolean;
};

export type Receiver = {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Returns the answer of each request. Default: 200 at once. */
  answer: (request: ReceivedRequest) => ReceiverAnswer;
  close(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (incoming, response) => {
    const { method = '', url: path = '', headers } = incoming;
    const received = { method, path, headers, body: await text(incoming) };
    receiver.requests.push(received);
    const { status = 200, retryAfter, afterMs, breaks } = receiver.answer(received);
    if (breaks) return void incoming.socket.destroy();
    response.writeHead(status, {
      ...(retryAfter !== undefined && { 'retry-after': retryAfter }),
      ...(afterMs !== undefined && { [ANSWERED_AFTER_HEADER]: afterMs }),
    });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    answer: () => ({}),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}
