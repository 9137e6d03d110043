import type { NormalizedSchema } from '@smithy/core/schema';
import type { Codec } from './codecs.ts';
import { memoize } from './memoize.ts';
import { type ErrorModel, type OperationModel, STRING_SCHEMA, structure } from './model.ts';

/** `<ListUsersResponse><ListUsersResult>…</ListUsersResult><ResponseMetadata>…` */
export function writeQueryResult(operation: OperationModel, value: any, requestId: string, codec: Codec): Uint8Array {
  const result = { [`${operation.name}Result`]: value, ResponseMetadata: { RequestId: requestId } };
  return document(codec, queryResponse(operation), result);
}

/** `<DescribeVpcsResponse><requestId>…</requestId>` and the members beside it. */
export function writeEc2Result(operation: OperationModel, value: any, requestId: string, codec: Codec): Uint8Array {
  return document(codec, ec2Response(operation), { ...value, requestId });
}

export type ErrorBody = {
  readonly code: string;
  readonly message: string;
  readonly fault: 'client' | 'server';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly model: ErrorModel | undefined;
  readonly requestId: string;
};

/** `<ErrorResponse><Error><Type>Sender</Type><Code>…`: the query protocol, and REST XML outside S3. */
export function writeErrorResponse(error: ErrorBody, codec: Codec): Uint8Array {
  const inner = structure('Error', errorMembers(error, 'Type', 'Code', 'Message'));
  const envelope = structure('ErrorResponse', [
    ['Error', inner.getSchema()],
    ['RequestId', STRING_SCHEMA],
  ]);
  const type = error.fault === 'client' ? 'Sender' : 'Receiver';
  return document(codec, envelope, { Error: { Type: type, ...contents(error) }, RequestId: error.requestId });
}

/** `<Response><Errors><Error>…</Error></Errors><RequestID>…`: EC2. */
export function writeEc2Error(error: ErrorBody, codec: Codec): Uint8Array {
  const inner = structure('Error', errorMembers(error, 'Code', 'Message'));
  const errors = structure('Errors', [['Error', inner.getSchema()]]);
  const envelope = structure('Response', [
    ['Errors', errors.getSchema()],
    ['RequestID', STRING_SCHEMA],
  ]);
  return document(codec, envelope, { Errors: { Error: contents(error) }, RequestID: error.requestId });
}

/** `<Error><Code>…`: S3, the only service without an envelope, and without the namespace of its results. */
export function writeBareError(error: ErrorBody, codec: Codec): Uint8Array {
  const members = errorMembers(error, 'Code', 'Message', 'RequestId');
  const unmodelled = Object.keys(error.fields).filter((name) => members.every(([known]) => known !== name));
  const schema = structure('Error', [
    ...members,
    ...unmodelled.map((name): [string, unknown] => [name, STRING_SCHEMA]),
  ]);
  const xml = Buffer.from(document(codec, schema, { ...contents(error), RequestId: error.requestId })).toString();
  return Buffer.from(xml.replace(/ xmlns="[^"]*"/, ''));
}

export const xmlDocument = (xml: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from('<?xml version="1.0" encoding="UTF-8"?>\n'), xml]);

const responseMetadata = structure('ResponseMetadata', [['RequestId', STRING_SCHEMA]]).getSchema();

const queryResponse = memoize(({ name, output }: OperationModel) => {
  const result = output.isUnitSchema() ? [] : [[`${name}Result`, output.getSchema()] as const];
  return structure(`${name}Response`, [...result, ['ResponseMetadata', responseMetadata]]);
});

const ec2Response = memoize(({ name, output }: OperationModel) =>
  structure(`${name}Response`, [['requestId', STRING_SCHEMA], ...membersOf(output)]),
);

function errorMembers({ model }: ErrorBody, ...own: string[]): [string, unknown][] {
  const modelled = model ? membersOf(model.schema).filter(([name]) => !/^(type|code|message)$/i.test(name)) : [];
  return [...own.map((name): [string, unknown] => [name, STRING_SCHEMA]), ...modelled];
}

const contents = ({ code, message, fields }: ErrorBody) => ({ ...fields, Code: code, Message: message });

const membersOf = (schema: NormalizedSchema): [string, NormalizedSchema][] =>
  schema.isStructSchema() ? [...schema.structIterator()] : [];

function document(codec: Codec, schema: NormalizedSchema, value: unknown): Uint8Array {
  return xmlDocument(codec.write(schema, value));
}
