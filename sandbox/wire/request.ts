import { decodeChunks, isChunked } from './chunked.ts';

/** `url` is path and query as sent; header names are in lower case. */
export type WireRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
};

export type ParsedRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: ReadonlyMap<string, readonly string[]>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Without the aws-chunked framing of S3's clients. */
  readonly body: Uint8Array;
  /** From the credential scope of a signed request; S3's other names (s3express, s3-outposts) become 's3'. */
  readonly signingName: string | undefined;
  /** Only the query protocols send forms. */
  readonly form: ReadonlyMap<string, readonly string[]> | undefined;
};

export function parseRequest(request: WireRequest): ParsedRequest {
  const [path = '/', search = ''] = split(request.url, '?');
  const query = parseFields(search);
  const scope = credentialScope(request.headers, query);
  const { headers, body } = isChunked(request.headers) ? decodeChunks(request.headers, request.body) : request;
  return {
    method: request.method,
    path: bucketInHost(request.headers, scope?.signingName) + path,
    query,
    headers,
    body,
    signingName: scope?.signingName.replace(/^s3.+/, 's3'),
    form: formOf(headers, query, body),
  };
}

/**
 * S3's clients put the bucket before the host (`shop.localhost`), also one with dots, unless the host is an IP address.
 * Those of S3 Control put the account there.
 */
function bucketInHost({ host = '', ...headers }: WireRequest['headers'], signingName: string | undefined): string {
  if (signingName !== 's3' || headers['x-amz-account-id'] !== undefined) return '';
  const bucket = /^(.+)\.localhost(?::\d+)?$/.exec(host)?.[1];
  return bucket === undefined ? '' : `/${bucket}`;
}

/** Returns the parts of `AKIA…/20260102/us-east-1/iam/aws4_request` from the Authorization header or a presigned query. */
export function credentialScope(
  headers: WireRequest['headers'],
  query: ParsedRequest['query'],
): { accessKeyId: string; date: string; region: string; signingName: string } | undefined {
  const credential =
    /Credential=([^,\s]+)/.exec(headers.authorization ?? '')?.[1] ?? query.get('X-Amz-Credential')?.[0];
  const [accessKeyId, date, region, signingName] = credential?.split('/') ?? [];
  if (!accessKeyId || !date || !region || !signingName) return undefined;
  return { accessKeyId, date, region, signingName };
}

export function parseFields(text: string): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const field of text.split('&')) {
    if (field === '') continue;
    const [name = '', value = ''] = split(field, '=').map((part) => unescaped(part ?? ''));
    const values = fields.get(name);
    if (values) values.push(value);
    else fields.set(name, [value]);
  }
  return fields;
}

function formOf(headers: WireRequest['headers'], query: ParsedRequest['query'], body: Uint8Array) {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    return parseFields(Buffer.from(body).toString());
  }
  return query.has('Action') && query.has('Version') ? query : undefined;
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text; // A lone percent sign: the reader of the field reports it.
  }
}
