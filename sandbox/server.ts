/**
 * The sandbox's HTTP endpoint: decodes requests of SDK clients and the AWS CLI, verifies signatures, and answers like
 * AWS.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { NormalizedSchema } from '@smithy/core/schema';
import { ConnectionDrop, faultableCall, performCall, type ServiceCall } from './kernel/dispatch.ts';
import { AwsError, type Kernel, type Service } from './kernel/kernel.ts';
import type { ServiceStates } from './kernel/states.ts';
import { answerForHost, endResponse } from './public-hosts.ts';
import { requestSource } from './request-source.ts';
import { ORIGIN_HEADER } from './runtime/protocol.ts';
import { handleRestRequest, isRestRequest } from './services/apigateway/invoke.ts';
import { handleFunctionUrl } from './services/lambda/urls.ts';
import { principalOfKey, recordKeyUse } from './services/sts/credentials.ts';
import { verifySignature } from './wire/signature.ts';
import type { Wire } from './wire/wire.ts';

type SandboxRequest = { method: string; url: string; headers: Record<string, string | undefined>; body: Uint8Array };
type SandboxResponse = { status: number; headers: Record<string, string>; body: Uint8Array };

const FUNCTION_URL = '/lambda-url/';
const KEEP_ALIVE_MS = 60_000;

export type Answerer = (request: SandboxRequest) => Promise<SandboxResponse>;

export async function listen(port: number, answer: Answerer, kernel: Kernel): Promise<Server> {
  const server = createServer((incoming, response) => {
    const origin = incoming.headers[ORIGIN_HEADER];
    // Holds from the first byte: a virtual clock must not move while a request is read.
    void kernel.clock.during(async () =>
      typeof origin === 'string'
        ? answerForHost(kernel, origin, incoming, response)
        : respond(incoming, response, answer),
    );
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

async function respond(incoming: IncomingMessage, response: ServerResponse, answer: Answerer) {
  try {
    const { status, headers, body } = await answer(await read(incoming));
    // Node's Date header has the real date, not the virtual one.
    response.sendDate = false;
    response.writeHead(status, { 'content-length': String(body.length), ...headers });
    await endResponse(response, body);
  } catch (error) {
    incoming.socket.destroy();
    if (!(error instanceof ConnectionDrop)) throw error;
  }
}

async function read(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
  return { method: incoming.method ?? 'GET', url: incoming.url ?? '/', headers, body: Buffer.concat(chunks) };
}

export const answererFor =
  (kernel: Kernel, states: ServiceStates, services: readonly Service[], wire: Wire): Answerer =>
  async (request) => {
    const requestId = kernel.uuid();
    let decoded: Awaited<ReturnType<Wire['decode']>> | undefined;
    try {
      const isFunctionUrl = request.url.startsWith(FUNCTION_URL);
      // Only function URLs may be open to everybody.
      if (isFunctionUrl && !request.headers.authorization) return await handleFunctionUrl(kernel, request, undefined);
      if (isRestRequest(request)) return await handleRestRequest(kernel, request, () => signerOf(kernel, request));
      const { principal, ...signer } = await signerOf(kernel, request);
      if (isFunctionUrl) return await handleFunctionUrl(kernel, request, principal);
      decoded = await wire.decode(request);
      const { operation, input } = decoded;
      const service = services.find(({ name }) => name === decoded!.service)!;
      const place = { partition: kernel.partition, account: principal.account, region: signer.region };
      recordKeyUse(kernel, signer.accessKeyId, place, service.name);
      const source = requestSource(request.headers);
      const { accessKeyId } = signer;
      const signed = { id: requestId, accessKeyId, userAgent: request.headers['user-agent'] };
      const call = { principal, place, service, operation, input, source, request: signed };
      const output = await performCall(kernel, states, call);
      const answer =
        kernel.answers.length === 0 ? output : answerByRules(kernel, call, output, wire.outputSchema(decoded));
      return withDate(kernel, request, await wire.encode(decoded, answer, requestId));
    } catch (error) {
      if (error instanceof ConnectionDrop) throw error;
      return withDate(kernel, request, wire.encodeError(decoded ?? request, awsError(error), requestId));
    }
  };

const answerByRules = (kernel: Kernel, call: ServiceCall, output: unknown, schema: NormalizedSchema): unknown =>
  kernel.answers.reduce((answer, rule) => rule(faultableCall(call), answer, schema), output);

/** @throws AwsError if the signature is missing, unknown, wrong or outdated */
async function signerOf(kernel: Kernel, request: SandboxRequest) {
  const time = verificationTime(kernel, request);
  const signer = await verifySignature(request, (key) => principalOfKey(kernel, key), time);
  return { ...signer, principal: principalOfKey(kernel, signer.accessKeyId).principal };
}

/**
 * Returns the time for checking a signature's age; undefined if it is not checked. A virtual clock is ahead of the
 * clock that signs, except in function instances, so the age of other signatures means nothing.
 */
function verificationTime({ clock }: Kernel, request: SandboxRequest): number | undefined {
  if (!clock.virtual) return Date.now();
  return requestSource(request.headers) ? clock.now() : undefined;
}

/**
 * Adds the Date header by which SDK clients correct their clocks: instances need it, but it would mislead clients of
 * this process.
 */
const withDate = ({ clock }: Kernel, request: SandboxRequest, answer: SandboxResponse): SandboxResponse =>
  clock.virtual && requestSource(request.headers)
    ? { ...answer, headers: { ...answer.headers, date: new Date(clock.now()).toUTCString() } }
    : answer;

/** An error other than AwsError is a defect of the sandbox, so its answer contains the stack. */
const awsError = (error: unknown): AwsError =>
  error instanceof AwsError
    ? error
    : new AwsError(
        'InternalFailure',
        `The sandbox failed: ${error instanceof Error ? error.stack : String(error)}`,
        500,
      );
