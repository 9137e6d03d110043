/** Outputs as answers, in each protocol. */
import type { Codec } from './codecs.ts';
import type { OperationModel, Protocol } from './model.ts';
import { writeRest } from './rest.ts';
import { declared, writeEc2Result, writeQueryResult } from './xml-envelope.ts';

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

export const contentTypes: Readonly<Record<Protocol, string>> = {
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
): Answer {
  const headers = commonHeaders(protocol, requestId);
  switch (protocol) {
    case 'awsQuery':
      return answer(200, headers, writeQueryResult(operation, output, requestId, codec));
    case 'ec2Query':
      return answer(200, headers, writeEc2Result(operation, output, requestId, codec));
    case 'restJson1':
    case 'restXml':
      return writeRestOutput(operation, protocol, output, headers, codec);
    default:
      return answer(
        200,
        headers,
        operation.output.isUnitSchema() ? new Uint8Array() : codec.write(operation.output, output),
      );
  }
}

/** `content-length` tells the body's length, except in answers to HEAD, which say how long it would be. */
export function answer(status: number, headers: Record<string, string>, body: Uint8Array, head = false): Answer {
  if (head) return { status, headers, body: new Uint8Array() };
  return { status, headers: { ...headers, 'content-length': String(body.byteLength) }, body };
}

export const commonHeaders = (protocol: Protocol, requestId: string): Record<string, string> => ({
  'content-type': contentTypes[protocol],
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
): Answer {
  const { method, status } = operation.http!;
  const { 'content-type': documentType, ...common } = headers;
  const written = writeRest(operation.output, status, output, codec);
  const body = written.document && protocol === 'restXml' ? xmlDocument(operation, written.body) : written.body;
  const type = written.document && { 'content-type': documentType! };
  return answer(written.status, { ...common, ...type, ...written.headers }, body, method === 'HEAD');
}

function xmlDocument({ name }: OperationModel, xml: Uint8Array): Uint8Array {
  return declared(name === 'GetBucketLocation' ? unwrapLocation(Buffer.from(xml).toString()) : xml);
}

/** S3's one result that is a root element with text: `<LocationConstraint xmlns="…">eu-west-1</LocationConstraint>`. */
function unwrapLocation(xml: string): Uint8Array {
  const namespace = /xmlns="[^"]*"/.exec(xml)?.[0];
  const region = /<LocationConstraint>([^<]*)/.exec(xml)?.[1] ?? '';
  return Buffer.from(`<LocationConstraint ${namespace}>${region}</LocationConstraint>`);
}
