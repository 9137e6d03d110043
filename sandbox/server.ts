/** The sandbox's HTTP endpoint: decodes what SDK clients and the AWS CLI send, verifies who signed, and answers as AWS would. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Cut, perform } from './kernel/dispatch.ts';
import { AwsError, type Kernel, type Service } from './kernel/kernel.ts';
import { answerForHost, ended } from './kernel/public-hosts.ts';
import type { States } from './kernel/states.ts';
import { instanceHeader, originHeader } from './runtime/protocol.ts';
import { handleFunctionUrl } from './services/lambda/index.ts';
import { noteKeyUse, principalOf } from './services/sts/index.ts';
import { verifySignature } from './wire/signature.ts';
import type { Wire } from './wire/wire.ts';

type HttpRequest = { method: string; url: string; headers: Record<string, string | undefined>; body: Uint8Array };
type HttpResponse = { status: number; headers: Record<string, string>; body: Uint8Array };

const FUNCTION_URL = '/lambda-url/';

/** How one request becomes one answer. */
export type Answering = (request: HttpRequest) => Promise<HttpResponse>;

/** Listens on 127.0.0.1; port 0 takes a free one. */
export async function listen(port: number, answer: Answering, kernel: Kernel): Promise<Server> {
  const server = createServer((incoming, response) => {
    const origin = incoming.headers[originHeader];
    // Holds from the first byte on, so that a virtual clock cannot pass over a request that is being read.
    void kernel.clock.during(async () =>
      typeof origin === 'string'
        ? answerForHost(kernel, origin, incoming, response)
        : respond(incoming, response, answer),
    );
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function respond(incoming: IncomingMessage, response: ServerResponse, answer: Answering) {
  try {
    const { status, headers, body } = await answer(await read(incoming));
    // The real date would spoil a virtual one.
    response.sendDate = false;
    response.writeHead(status, { 'content-length': String(body.length), ...headers });
    await ended(response, body);
  } catch (error) {
    incoming.socket.destroy();
    if (!(error instanceof Cut)) throw error;
  }
}

async function read(incoming: IncomingMessage): Promise<HttpRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  return { method: incoming.method ?? 'GET', url: incoming.url ?? '/', headers, body: Buffer.concat(chunks) };
}

/** How one request becomes one answer; errors of AWS's kind are encoded in the request's protocol. */
export const answering =
  (kernel: Kernel, states: States, services: readonly Service[], wire: Wire): Answering =>
  async (request) => {
    const requestId = kernel.uuid();
    let decoded: Awaited<ReturnType<Wire['decode']>> | undefined;
    try {
      const isFunctionUrl = request.url.startsWith(FUNCTION_URL);
      // Only function URLs may be open to everybody.
      if (isFunctionUrl && !request.headers.authorization) return await handleFunctionUrl(kernel, request, undefined);
      const signer = await verifySignature(request, (key) => principalOf(kernel, key), timeFor(kernel, request));
      const { principal } = principalOf(kernel, signer.accessKeyId);
      if (isFunctionUrl) return await handleFunctionUrl(kernel, request, principal);
      decoded = await wire.decode(request);
      const service = services.find(({ name }) => name === decoded!.service)!;
      const { account } = principal;
      const place = { partition: kernel.partition, account, region: signer.region };
      noteKeyUse(kernel, signer.accessKeyId, place, service.name);
      const output = await perform(kernel, states, {
        principal,
        place,
        service,
        operation: decoded.operation,
        input: decoded.input,
        instance: request.headers[instanceHeader],
      });
      return dated(kernel, request, await wire.encode(decoded, output, requestId));
    } catch (error) {
      if (error instanceof Cut) throw error;
      return dated(kernel, request, wire.encodeError(decoded ?? request, awsError(error), requestId));
    }
  };

/**
 * By which a signature is too old or too new. A virtual clock runs ahead of the one that signs, except in function instances:
 * the skew tells nothing then. Signers know no other set clock either.
 */
function timeFor({ clock }: Kernel, request: HttpRequest): number | undefined {
  if (!clock.virtual) return Date.now();
  return isInstances(request) ? clock.now() : undefined;
}

/** SDK clients set their clocks by this header: those of instances need it, those of this process would be set wrong. */
const dated = ({ clock }: Kernel, request: HttpRequest, answer: HttpResponse): HttpResponse =>
  clock.virtual && isInstances(request)
    ? { ...answer, headers: { ...answer.headers, date: new Date(clock.now()).toUTCString() } }
    : answer;

const isInstances = ({ headers }: HttpRequest): boolean => headers[instanceHeader] !== undefined;

/** An error that is none of AWS's is a fault of the sandbox: it says so, with its place in the code. */
const awsError = (error: unknown): AwsError =>
  error instanceof AwsError
    ? error
    : new AwsError(
        'InternalFailure',
        `The sandbox failed: ${error instanceof Error ? error.stack : String(error)}`,
        500,
      );
