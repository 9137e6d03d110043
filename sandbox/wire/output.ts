import type { Codec } from './codecs.ts';
import type { OperationModel, Protocol } from './model.ts';
import { writeRest } from './rest.ts';
import { writeEc2Result, writeQueryResult, xmlDocument } from './xml-envelope.ts';

export type WireAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export const CONTENT_TYPES: Readonly<Record<Protocol, string>> = {
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
  awsQuery: 'text/xml',
  ec2Query: 'text/xml;charset=UTF-8',
  restJson1: 'application/json',
  restXml: 'application/xml',
  rpcv2Cbor: 'application/cbor',
};

export function writeOutput(
  operation: OperationModel,
  protocol: Protocol,
  output: any,
  requestId: string,
  codec: Codec,
): WireAnswer {
  const headers = commonHeaders(protocol, requestId);
  switch (protocol) {
    case 'awsQuery':
      return wireAnswer(200, headers, writeQueryResult(operation, output, requestId, codec));
    case 'ec2Query':
      return wireAnswer(200, headers, writeEc2Result(operation, output, requestId, codec));
    case 'restJson1':
    case 'restXml':
      return writeRestOutput(operation, protocol, output, headers, codec);
    default:
      return wireAnswer(
        200,
        headers,
        operation.output.isUnitSchema() ? new Uint8Array() : codec.write(operation.output, output),
      );
  }
}

/** Adds `content-length`. In answers to HEAD, the output's own ContentLength is the length of the omitted body. */
export function wireAnswer(
  status: number,
  headers: Record<string, string>,
  body: Uint8Array,
  head = false,
): WireAnswer {
  if (head) return { status, headers, body: new Uint8Array() };
  return { status, headers: { ...headers, 'content-length': String(body.byteLength) }, body };
}

export const commonHeaders = (protocol: Protocol, requestId: string): Record<string, string> => ({
  'content-type': CONTENT_TYPES[protocol],
  'x-amzn-requestid': requestId,
  ...(protocol === 'restXml' && { 'x-amz-request-id': requestId }),
  ...(protocol === 'rpcv2Cbor' && { 'smithy-protocol': 'rpc-v2-cbor' }),
});

function writeRestOutput(
  operation: OperationModel,
  protocol: 'restJson1' | 'restXml',
  output: any,
  headers: Record<string, string>,
  codec: Codec,
): WireAnswer {
  const { method, status } = operation.http!;
  const { 'content-type': documentType, ...common } = headers;
  const written = writeRest(operation.output, status, output, codec);
  const body = written.document && protocol === 'restXml' ? restXmlBody(operation, written.body) : written.body;
  const type = written.document && { 'content-type': documentType! };
  return wireAnswer(written.status, { ...common, ...type, ...written.headers }, body, method === 'HEAD');
}

function restXmlBody({ name }: OperationModel, xml: Uint8Array): Uint8Array {
  return xmlDocument(name === 'GetBucketLocation' ? unwrapLocation(Buffer.from(xml).toString()) : xml);
}

/**
 * S3's only result that is a root element with text: `<LocationConstraint xmlns="…">eu-west-1</LocationConstraint>`.
 */
function unwrapLocation(xml: string): Uint8Array {
  const namespace = /xmlns="[^"]*"/.exec(xml)?.[0];
  const region = /<LocationConstraint>([^<]*)/.exec(xml)?.[1] ?? '';
  return Buffer.from(`<LocationConstraint ${namespace}>${region}</LocationConstraint>`);
}
