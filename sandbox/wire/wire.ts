/**
 * AWS's protocols on the server's side, by the schemas of the SDK's clients: decodes requests to the inputs of SDK
 * calls, and encodes outputs and errors.
 */
import { gunzipSync } from 'node:zlib';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from '../kernel/kernel.ts';
import { type Codec, codecOf } from './codecs.ts';
import { type AnswerTarget, writeError } from './errors.ts';
import { memoize } from './memoize.ts';
import { modelOf, type Protocol, type ServiceModel, type WireService } from './model.ts';
import { type WireAnswer, writeOutput } from './output.ts';
import { readQuery } from './query.ts';
import { protocolOf, type RecognisedRequest, recognise } from './recognise.ts';
import { type ParsedRequest, parseRequest, type WireRequest } from './request.ts';
import { readRest } from './rest.ts';

export type { Protocol, WireAnswer, WireRequest, WireService };

export type DecodedRequest = {
  /** The sandbox's name of the service, and the SDK's name of the operation: 's3control', 'PutPublicAccessBlock'. */
  readonly service: string;
  readonly operation: string;
  /** In the SDK's types: Date, Uint8Array, number. Streams are buffered. */
  readonly input: any;
  readonly protocol: Protocol;
  /** The caller also expects the query protocol's error codes (header x-amzn-query-mode). */
  readonly queryMode: boolean;
};

export type Wire = {
  /**
   * @throws AwsError `NotModelled` (a service that the sandbox does not have), `UnknownOperationException`,
   * `MissingAuthenticationToken` (neither signed nor naming its operation), `SerializationException` (a broken body)
   */
  decode(request: WireRequest): Promise<DecodedRequest>;
  outputSchema(decoded: DecodedRequest): NormalizedSchema;
  /** @throws AwsError `NotModelled` if the output is an event stream */
  encode(decoded: DecodedRequest, output: any, requestId?: string): Promise<WireAnswer>;
  /**
   * @param to the request itself if it could not be decoded: the answer uses the protocol that the request seems to use
   */
  encodeError(to: DecodedRequest | WireRequest | undefined, error: AwsError, requestId: string): WireAnswer;
};

export function createWire(services: readonly WireService[]): Wire {
  let loaded: readonly ServiceModel[] | undefined;
  const models = () => (loaded ??= services.map(modelOf));
  const codec = codecs();

  return {
    async decode(request) {
      const parsed = parseRequest(request);
      const recognised = recognise(parsed, models());
      const { model, operation, protocol } = recognised;
      const input = await readInput(recognised, parsed, codec(model, protocol)).catch((error) => {
        throw new AwsError(
          'SerializationException',
          `${operation.name}: cannot read the request: ${error.message}`,
          400,
        );
      });
      const queryMode = model.awsQueryCompatible && parsed.headers['x-amzn-query-mode'] === 'true';
      return { service: model.name, operation: operation.name, input, protocol, queryMode };
    },

    outputSchema: (decoded) => find(decoded).operation.output,

    async encode(decoded, output, requestId = '') {
      const { model, operation } = find(decoded);
      if (operation.output.isStructSchema() && operation.output.getEventStreamMember()) {
        throw new AwsError('NotModelled', `${decoded.service} ${decoded.operation} answers with an event stream`, 501);
      }
      return writeOutput(operation, decoded.protocol, output ?? {}, requestId, codec(model, decoded.protocol));
    },

    encodeError(to, error, requestId) {
      return writeError(answerTo(to), error, requestId);
    },
  };

  function find({ service, operation }: DecodedRequest) {
    const model = models().find(({ name }) => name === service)!;
    return { model, operation: model.operations.get(operation)! };
  }

  function answerTo(to: DecodedRequest | WireRequest | undefined): AnswerTarget {
    if (to && 'protocol' in to) {
      const { model, operation } = find(to);
      const { protocol, queryMode } = to;
      return { protocol, queryMode, model, codec: codec(model, protocol), head: operation.http?.method === 'HEAD' };
    }
    const parsed = to && parseRequest(to);
    const protocol = parsed ? protocolOf(parsed, models()) : 'restJson1';
    const model = models().find(({ signingName }) => signingName === parsed?.signingName) ?? models()[0]!;
    return { protocol, queryMode: false, model, codec: codec(model, protocol), head: to?.method === 'HEAD' };
  }
}

function codecs() {
  const ofModel = memoize((_model: ServiceModel) => new Map<Protocol, Codec>());
  return (model: ServiceModel, protocol: Protocol): Codec => {
    const known = ofModel(model);
    const codec = known.get(protocol) ?? codecOf(model, protocol);
    known.set(protocol, codec);
    return codec;
  };
}

async function readInput(
  { operation, protocol, labels }: RecognisedRequest,
  request: ParsedRequest,
  codec: Codec,
): Promise<any> {
  switch (protocol) {
    case 'awsQuery':
    case 'ec2Query':
      return readQuery(operation.input, request.form!, protocol === 'ec2Query', codec.fromString);
    case 'restJson1':
    case 'restXml':
      return readRest(operation, request, labels, codec);
    default:
      if (operation.input.isUnitSchema() || request.body.byteLength === 0) return {};
      return codec.read(
        operation.input,
        request.headers['content-encoding'] === 'gzip' ? gunzipSync(request.body) : request.body,
      );
  }
}
