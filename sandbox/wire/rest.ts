/**
 * The REST bindings of a server: reads inputs from, and writes outputs to, path, query, headers and body.
 * https://smithy.io/2.0/spec/http-bindings.html
 */
import { NormalizedSchema } from '@smithy/core/schema';
import { splitEvery, splitHeader } from '@smithy/core/serde';
import type { Codec } from './codecs.ts';
import { memoize } from './memoize.ts';
import { type OperationModel, structure } from './model.ts';
import type { ParsedRequest } from './request.ts';

/** `document`: the body is a document of the protocol, not bytes or text of the output. */
export type RestAnswer = { status: number; headers: Record<string, string>; body: Uint8Array; document: boolean };

/** @param labels values of the path's template, still percent-encoded */
export async function readRest(
  operation: OperationModel,
  request: ParsedRequest,
  labels: Readonly<Record<string, string>>,
  codec: Codec,
): Promise<any> {
  if (operation.input.isUnitSchema()) return {};
  const { members, payload, body } = inputBindings(operation.input.getSchema() as object);
  const input: Record<string, unknown> = {};
  for (const member of members) {
    const value = readMember(member, request, labels, codec);
    if (value !== undefined) input[member.name] = value;
  }
  if (request.body.byteLength === 0) return input;
  if (payload) input[payload.name] = await readPayload(payload.schema, request.body, codec);
  if (body) Object.assign(input, await codec.read(body, request.body));
  return input;
}

export function writeRest(schema: NormalizedSchema, status: number, output: any, codec: Codec): RestAnswer {
  const answer: RestAnswer = { status, headers: {}, body: new Uint8Array(), document: false };
  if (schema.isUnitSchema()) return answer;
  const { members, payload, body } = outputBindings(schema.getSchema() as object);
  for (const member of members) {
    const value = output[member.name];
    if (value === undefined || value === null) continue;
    if (member.at === 'status') answer.status = value;
    if (member.at === 'header') answer.headers[member.key] = writeString(member.schema, value, codec);
    if (member.at === 'prefixHeaders') {
      for (const [name, item] of Object.entries<string>(value)) answer.headers[member.key + name.toLowerCase()] = item;
    }
  }
  const payloadValue = payload && output[payload.name];
  if (payloadValue !== undefined && payloadValue !== null) {
    const isRaw = payload!.schema.isBlobSchema() || payload!.schema.isStringSchema();
    const bytes = typeof payloadValue === 'string' ? Buffer.from(payloadValue) : payloadValue;
    return { ...answer, body: isRaw ? bytes : codec.write(payload!.schema, payloadValue), document: !isRaw };
  }
  return body ? { ...answer, body: codec.write(body, output), document: true } : answer;
}

/** `key` is the name on the wire, or the prefix of prefix headers. */
type Member = {
  readonly name: string;
  readonly at: 'label' | 'query' | 'queryParams' | 'header' | 'prefixHeaders' | 'status';
  readonly key: string;
  readonly schema: NormalizedSchema;
  readonly item?: NormalizedSchema;
};
type Bindings = {
  readonly members: readonly Member[];
  readonly payload?: { readonly name: string; readonly schema: NormalizedSchema };
  readonly body?: NormalizedSchema;
};

const inputBindings = memoize((shape: object) => findBindings(NormalizedSchema.of(shape as any), false));
const outputBindings = memoize((shape: object) => findBindings(NormalizedSchema.of(shape as any), true));

/** Only requests have a path and a query: members of outputs that name one are in the body. */
const REQUEST_ONLY: ReadonlySet<string> = new Set(['label', 'query', 'queryParams']);

function findBindings(schema: NormalizedSchema, isOutput: boolean): Bindings {
  const members: Member[] = [];
  const inBody: [string, NormalizedSchema][] = [];
  let payload: Bindings['payload'];
  for (const [name, member] of schema.structIterator()) {
    const bound = boundTo(name, member);
    if (bound === 'payload') payload = { name, schema: member };
    else if (bound === 'body' || (isOutput && REQUEST_ONLY.has(bound.at))) inBody.push([name, member]);
    else members.push({ name, schema: member, ...bound, item: itemOf(member, bound) });
  }
  const { xmlName, xmlNamespace } = schema.getMergedTraits();
  const body = inBody.length ? structure(schema.getName() ?? '', inBody, { xmlName, xmlNamespace }) : undefined;
  return { members, payload, body };
}

function boundTo(name: string, member: NormalizedSchema): Pick<Member, 'at' | 'key'> | 'payload' | 'body' {
  const traits = member.getMergedTraits();
  if (traits.httpPayload) return 'payload';
  if (traits.httpLabel) return { at: 'label', key: name };
  if (traits.httpHeader) return { at: 'header', key: traits.httpHeader.toLowerCase() };
  if (traits.httpQuery) return { at: 'query', key: traits.httpQuery };
  if (traits.httpPrefixHeaders !== undefined)
    return { at: 'prefixHeaders', key: traits.httpPrefixHeaders.toLowerCase() };
  if (traits.httpQueryParams) return { at: 'queryParams', key: name };
  if (traits.httpResponseCode) return { at: 'status', key: name };
  return 'body';
}

function itemOf(member: NormalizedSchema, { at, key }: Pick<Member, 'at' | 'key'>): NormalizedSchema | undefined {
  if (!member.isListSchema()) return undefined;
  // The list's binding decides the format of timestamps; its items do not have it.
  return NormalizedSchema.of([
    member.getValueSchema(),
    at === 'header' ? { httpHeader: key } : { httpQuery: key },
  ] as any);
}

function readMember(
  member: Member,
  request: ParsedRequest,
  labels: Readonly<Record<string, string>>,
  codec: Codec,
): unknown {
  const { at, key, schema, item } = member;
  if (at === 'label') {
    const label = labels[key];
    return label === undefined ? undefined : codec.fromString.read(schema as any, decodeURIComponent(label));
  }
  if (at === 'query') {
    const values = request.query.get(key);
    if (!values) return undefined;
    return item
      ? values.map((value) => codec.fromString.read(item as any, value))
      : codec.fromString.read(schema as any, values[0]!);
  }
  if (at === 'header') {
    const value = request.headers[key];
    if (value === undefined) return undefined;
    return item ? readHeaderList(item, value, codec) : codec.fromString.read(schema as any, value);
  }
  if (at === 'prefixHeaders') return readPrefixHeaders(key, request.headers);
  if (at === 'queryParams') return Object.fromEntries([...request.query].map(([name, values]) => [name, values[0]]));
  return undefined;
}

function readHeaderList(item: NormalizedSchema, value: string, codec: Codec): unknown[] {
  // A date in a header contains a comma: `Fri, 02 Jan 2026 …`.
  const values = item.isTimestampSchema() ? splitEvery(value, ',', 2) : splitHeader(value);
  return values.map((part) => codec.fromString.read(item as any, part.trim()));
}

function readPrefixHeaders(prefix: string, headers: ParsedRequest['headers']): Record<string, unknown> | undefined {
  const matching = Object.entries(headers).filter(([name, value]) => name.startsWith(prefix) && value !== undefined);
  return matching.length
    ? Object.fromEntries(matching.map(([name, value]) => [name.slice(prefix.length), value]))
    : undefined;
}

function readPayload(schema: NormalizedSchema, bytes: Uint8Array, codec: Codec): unknown {
  if (schema.isBlobSchema()) return bytes;
  return schema.isStringSchema() ? Buffer.from(bytes).toString() : codec.read(schema, bytes);
}

function writeString(schema: NormalizedSchema, value: unknown, codec: Codec): string {
  codec.toString.write(schema as any, value);
  return codec.toString.flush();
}
