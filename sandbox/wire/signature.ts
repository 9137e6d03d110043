/**
 * Verifies Signature Version 4: the SDK's own signer signs the request again, by the headers that it names, and the
 * signatures must be equal. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import { credentialScope, parseFields, type WireRequest } from './request.ts';
import { type SignatureErrors, signatureErrorsFor } from './signature-errors.ts';

export type SigningKey = {
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiresAt?: number;
};
export type Signer = { readonly accessKeyId: string; readonly signingName: string; readonly region: string };

/**
 * Returns the signer of a request, by its Authorization header or presigned query.
 * @param now if undefined, neither the signature's age nor the token's expiry is checked
 * @throws AwsError with the service's code, for a missing, unknown, wrong or outdated signature
 */
export async function verifySignature(
  request: WireRequest,
  lookup: (accessKeyId: string) => SigningKey | undefined,
  now: number | undefined,
): Promise<Signer> {
  const signed = readSignature(request);
  const refuse = signatureErrorsFor(request, signed?.signingName);
  if (!signed) throw refuse.missing();
  const key = lookup(signed.accessKeyId);
  if (!key || key.sessionToken !== signed.sessionToken) throw refuse.unknownKey();
  if (now !== undefined && key.expiresAt !== undefined && key.expiresAt <= now) throw refuse.expiredToken();
  if (now !== undefined) checkAge(signed, now, refuse);
  if (!isBodyAsSigned(request)) throw refuse.mismatch();
  const expected = await sign(request, signed, key);
  if (!equal(expected, signed.signature)) throw refuse.mismatch();
  return { accessKeyId: signed.accessKeyId, signingName: signed.signingName, region: signed.region };
}

type Signature = Signer & {
  readonly signedHeaders: ReadonlySet<string>;
  readonly signature: string;
  readonly sessionToken: string | undefined;
  readonly date: Date;
  readonly expires: number | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string | string[]>>;
};

function readSignature({ url, headers }: WireRequest): Signature | undefined {
  const [path = '/', search = ''] = url.split(/\?(.*)/s);
  const query = parseFields(search);
  const scope = credentialScope(headers, query);
  if (!scope) return undefined;
  const parameter = (name: string) => query.get(`X-Amz-${name}`)?.[0];
  const authorization = headers.authorization ?? '';
  const signature = /Signature=(\w+)/.exec(authorization)?.[1] ?? parameter('Signature');
  const signedHeaders = /SignedHeaders=([^,\s]+)/.exec(authorization)?.[1] ?? parameter('SignedHeaders');
  const date = headers['x-amz-date'] ?? parameter('Date');
  if (!signature || !signedHeaders || !date) return undefined;
  const isPresigned = parameter('Signature') !== undefined;
  return {
    ...scope,
    signedHeaders: new Set(signedHeaders.split(';')),
    signature,
    sessionToken: headers['x-amz-security-token'] ?? parameter('Security-Token'),
    date: new Date(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')),
    expires: isPresigned ? Number(parameter('Expires')) : undefined,
    path,
    query: Object.fromEntries([...query].map(([name, values]) => [name, values.length > 1 ? values : values[0]!])),
  };
}

function checkAge({ date, expires, signingName }: Signature, now: number, refuse: SignatureErrors): void {
  const skew = (signingName === 's3' ? 15 : 5) * 60_000;
  const allowed = expires === undefined ? skew : expires * 1000;
  if (date.getTime() + allowed < now)
    throw (expires === undefined ? refuse.tooOld : refuse.urlExpired)(date, now, allowed);
  if (date.getTime() - skew > now) throw refuse.tooEarly(date, now, skew);
}

/** The signature covers only the hash in the header. */
function isBodyAsSigned({ headers, body }: WireRequest): boolean {
  const claimed = headers['x-amz-content-sha256'];
  const isHash = claimed !== undefined && /^[0-9a-f]{64}$/.test(claimed);
  return !isHash || createHash('sha256').update(body).digest('hex') === claimed;
}

async function sign({ method, headers, body }: WireRequest, signed: Signature, key: SigningKey): Promise<string> {
  const { signingName: service, region, accessKeyId, signedHeaders, date, path } = signed;
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, ...key },
    sha256: Sha256,
    // S3 encodes the path once, every other service twice.
    uriEscapePath: !service.startsWith('s3'),
    applyChecksum: false,
  });
  const options = { signingDate: date, signableHeaders: new Set(signedHeaders) };
  const named = Object.fromEntries(Object.entries(headers).filter(([name]) => signedHeaders.has(name)));
  const request = new HttpRequest({
    method,
    path,
    query: { ...signed.query },
    headers: named as Record<string, string>,
    body,
  });
  if (signed.expires === undefined) return signatureIn((await signer.sign(request, options)).headers.authorization);
  return presign(signer, request, options, signed);
}

/** Removes the signature's parameters from the query, because the signer adds them again. */
async function presign(
  signer: SignatureV4,
  request: HttpRequest,
  options: { signingDate: Date; signableHeaders: Set<string> },
  { expires, signingName, signedHeaders }: Signature,
): Promise<string> {
  const signerParameters = /^X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)$/;
  request.query = Object.fromEntries(Object.entries(request.query).filter(([name]) => !signerParameters.test(name)));
  if (signingName === 's3') request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
  const { query } = await signer.presign(request, {
    ...options,
    expiresIn: expires,
    unhoistableHeaders: new Set([...signedHeaders, 'x-amz-content-sha256']),
    unsignableHeaders: new Set(signedHeaders.has('x-amz-content-sha256') ? [] : ['x-amz-content-sha256']),
  });
  return String(query?.['X-Amz-Signature']);
}

const signatureIn = (authorization: string | undefined) => /Signature=(\w+)/.exec(authorization ?? '')?.[1] ?? '';

const equal = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
