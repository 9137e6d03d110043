import { Agent, createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { AwsError } from '../../../sandbox/kernel/kernel.ts';
import { createWire, type DecodedRequest, type WireRequest, type WireService } from '../../../sandbox/wire/wire.ts';

/** Decodes every request and answers the result of `respond`, or the AwsError that it throws. */
export async function serve(
  services: readonly WireService[],
  respond: (call: DecodedRequest, request: WireRequest) => unknown,
) {
  const wire = createWire(services);
  const server = createServer(async (message, response) => {
    const request = await read(message);
    const answer = await answerTo(request);
    response.sendDate = false;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  });

  async function answerTo(request: WireRequest) {
    let decoded: DecodedRequest | undefined;
    try {
      decoded = await wire.decode(request);
      return await wire.encode(decoded, await respond(decoded, request), 'request-1');
    } catch (error) {
      const thrown =
        error instanceof AwsError ? error : new AwsError('TestFailure', String((error as Error).stack), 501);
      return wire.encodeError(decoded ?? request, thrown, 'request-1');
    }
  }

  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  // Clients of S3 Control prefix the host, so their endpoint cannot be an address.
  const httpAgent = new Agent({ keepAlive: true, lookup: resolveToLoopback });
  return {
    wire,
    endpoint: `http://127.0.0.1:${port}`,
    client: ({ name, client }: WireService, config: object = {}) =>
      new client({
        region: 'eu-central-1',
        endpoint: name === 's3control' || name === 'sfn' ? `http://localhost:${port}` : `http://127.0.0.1:${port}`,
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
        maxAttempts: 1,
        requestHandler: { httpAgent },
        ...(name === 's3' && { forcePathStyle: true, responseChecksumValidation: 'WHEN_REQUIRED' }),
        ...(name === 'sqs' && { md5: false }),
        ...config,
      }),
    close: () => {
      httpAgent.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
}

async function read(message: IncomingMessage): Promise<WireRequest> {
  const headers = message.headers as Record<string, string>;
  return { method: message.method!, url: message.url!, headers, body: await buffer(message) };
}

function resolveToLoopback(_host: string, options: { all?: boolean }, resolved: (...args: any[]) => void) {
  if (options.all) resolved(null, [{ address: '127.0.0.1', family: 4 }]);
  else resolved(null, '127.0.0.1', 4);
}
