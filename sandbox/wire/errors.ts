import type { AwsError } from '../kernel/kernel.ts';
import type { Codec } from './codecs.ts';
import { type ErrorModel, type Protocol, type ServiceModel, structure } from './model.ts';
import { commonHeaders, type WireAnswer, wireAnswer } from './output.ts';
import { writeRest } from './rest.ts';
import { type ErrorBody, writeBareError, writeEc2Error, writeErrorResponse } from './xml-envelope.ts';

export type AnswerTarget = {
  readonly protocol: Protocol;
  readonly model: ServiceModel;
  readonly codec: Codec;
  readonly queryMode: boolean;
  /** Answers to HEAD have no body: clients recognize its errors by status. */
  readonly head: boolean;
};

/**
 * Writes the answer for an error. A modelled error gets the model's status and names (`NoSuchEntity` and
 * `NoSuchEntityException` are the same error of IAM); others keep their own.
 */
export function writeError(to: AnswerTarget, error: AwsError, requestId: string): WireAnswer {
  const { protocol, model, codec } = to;
  const known = model.error(error.code);
  const status = statusOf(known, error, protocol);
  const headers = { ...commonHeaders(protocol, requestId), ...error.headers };
  const body: ErrorBody = {
    code: error.code,
    message: error.message,
    fault: known?.fault ?? (status < 500 ? 'client' : 'server'),
    fields: error.fields,
    model: known,
    requestId,
  };
  switch (protocol) {
    case 'awsQuery':
      return wireAnswer(status, headers, writeErrorResponse({ ...body, code: known?.queryCode ?? error.code }, codec));
    case 'ec2Query':
      return wireAnswer(status, headers, writeEc2Error(body, codec));
    case 'restXml':
      return wireAnswer(
        status,
        headers,
        model.target === 'AmazonS3' ? writeBareError(body, codec) : writeErrorResponse(body, codec),
        to.head,
      );
    default:
      return writeDocumentError(to, body, status, headers);
  }
}

/** JSON and CBOR: the name in `__type` and in a header, the members beside it. */
function writeDocumentError(
  to: AnswerTarget,
  body: ErrorBody,
  status: number,
  headers: Record<string, string>,
): WireAnswer {
  const { protocol, codec, queryMode } = to;
  const name = body.model?.name ?? body.code;
  if (protocol !== 'rpcv2Cbor') headers['x-amzn-errortype'] = name;
  if (queryMode) {
    headers['x-amzn-query-error'] =
      `${body.model?.queryCode ?? name};${body.fault === 'client' ? 'Sender' : 'Receiver'}`;
  }
  const schema = body.model?.schema ?? unmodelled;
  const members = { ...body.fields, [messageMember(body.model)]: body.message };
  if (protocol === 'restJson1') {
    const written = writeRest(schema, status, members, codec);
    return wireAnswer(status, { ...headers, ...written.headers }, written.body, to.head);
  }
  return wireAnswer(status, headers, codec.write(schema, { __type: name, ...members }));
}

const unmodelled = structure('Error', [['message', 0]]);

/** AWS's models spell the member in either way. */
function messageMember(model: ErrorModel | undefined): string {
  return [...(model?.schema.structIterator() ?? [])].some(([name]) => name === 'Message') ? 'Message' : 'message';
}

/** awsJson has only 400 and 500. An error without a model keeps its own status. */
function statusOf(known: ErrorModel | undefined, error: AwsError, protocol: Protocol): number {
  if (!known) return error.status;
  if (known.status !== undefined && !protocol.startsWith('awsJson')) return known.status;
  if (known.fault === 'server') return Math.max(error.status, 500);
  return known.status === undefined ? error.status : 400;
}
