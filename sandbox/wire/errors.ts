/** Errors as answers: the shape in which each protocol's clients look for name, message and modelled members. */
import type { AwsError } from '../kernel/kernel.ts';
import type { Codec } from './codecs.ts';
import { type ErrorModel, type Protocol, type ServiceModel, structure } from './model.ts';
import { type Answer, answer, commonHeaders } from './output.ts';
import { writeRest } from './rest.ts';
import { type ErrorBody, writeBareError, writeEc2Error, writeErrorResponse } from './xml-envelope.ts';

export type AnswerTo = {
  readonly protocol: Protocol;
  readonly model: ServiceModel;
  readonly codec: Codec;
  readonly queryMode: boolean;
  /** HEAD has no body; its clients tell errors by their status. */
  readonly head: boolean;
};

/**
 * A modelled error answers with the model's status and names, so that `NoSuchEntity` and `NoSuchEntityException` are
 * the same error of IAM; others as they were thrown.
 */
export function writeError(to: AnswerTo, error: AwsError, requestId: string): Answer {
  const { protocol, model, codec } = to;
  const known = model.error(error.code);
  const status = statusOf(known, error, protocol);
  const headers = commonHeaders(protocol, requestId);
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
      return answer(status, headers, writeErrorResponse({ ...body, code: known?.queryCode ?? error.code }, codec));
    case 'ec2Query':
      return answer(status, headers, writeEc2Error(body, codec));
    case 'restXml':
      return answer(
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
function writeDocumentError(to: AnswerTo, body: ErrorBody, status: number, headers: Record<string, string>): Answer {
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
    return answer(status, { ...headers, ...written.headers }, written.body, to.head);
  }
  return answer(status, headers, codec.write(schema, { __type: name, ...members }));
}

const unmodelled = structure('Error', [['message', 0]]);

/** AWS's models spell it both ways. */
function messageMember(model: ErrorModel | undefined): string {
  return [...(model?.schema.structIterator() ?? [])].some(([name]) => name === 'Message') ? 'Message' : 'message';
}

/** RPC protocols answer 400 or 500 whatever the model says; where it says nothing, the error itself is asked. */
function statusOf(known: ErrorModel | undefined, error: AwsError, protocol: Protocol): number {
  if (!known) return error.status;
  if (known.status !== undefined && !protocol.startsWith('awsJson')) return known.status;
  if (known.fault === 'server') return Math.max(error.status, 500);
  return known.status === undefined ? error.status : 400;
}
