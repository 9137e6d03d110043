/**
 * Templates that S3 has, read with the caller's permissions.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
 */
import { AwsError, type AwsPlace, type Kernel, type Principal } from '../../kernel/kernel.ts';
import { findBucket } from '../s3/state.ts';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const INLINE_BYTES = 51_200;
const TEMPLATE_BYTES = 1_000_000;
const URL_CHARACTERS = 1_024;
const HOST = /^(?:(?<bucket>.+)\.)?s3(?:[.-](?<region>[a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$/;

export type TemplateSource = {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
};
type Caller = AwsPlace & { readonly kernel: Kernel; readonly principal: Principal };

const invalid = (message: string) => new AwsError('ValidationError', message);

/**
 * Returns undefined if the request has neither body nor URL.
 * @throws AwsError ValidationError
 */
export async function requestedTemplate(
  { TemplateBody, TemplateURL }: TemplateSource,
  caller: Caller,
): Promise<string | undefined> {
  if (TemplateBody !== undefined && TemplateURL !== undefined)
    throw invalid('You must specify exactly one of TemplateBody and TemplateURL');
  if (TemplateURL !== undefined) return templateAt(TemplateURL, caller);
  if (TemplateBody !== undefined && Buffer.byteLength(TemplateBody) > INLINE_BYTES)
    throw tooLong('templateBody', INLINE_BYTES);
  return TemplateBody;
}

const tooLong = (member: string, limit: number) =>
  invalid(
    `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must have length less than or equal to ${limit}`,
  );

/** @throws AwsError ValidationError for an address outside of S3, and with the text of S3's error */
export async function templateAt(url: string, caller: Caller): Promise<string> {
  if (url.length > URL_CHARACTERS) throw tooLong('templateURL', URL_CHARACTERS);
  const { bucket, key, region, version } = parsedUrl(url);
  const { kernel, principal, partition, account } = caller;
  const place = { partition, account, region: region ?? findBucket(kernel, bucket)?.region ?? caller.region };
  const input = { Bucket: bucket, Key: key, ...(version !== null && { VersionId: version }) };
  const { Body } = await kernel
    .call<typeof input, { Body: Uint8Array }>(principal, place, 's3', 'GetObject', input)
    .catch(s3Error);
  const text = new TextDecoder().decode(Body);
  if (Buffer.byteLength(text) > TEMPLATE_BYTES)
    throw invalid(`Template may not exceed ${TEMPLATE_BYTES} bytes in size.`);
  return text;
}

function parsedUrl(url: string) {
  const parsed = URL.parse(url);
  if (parsed?.protocol === 's3:')
    throw invalid(`S3 error: Domain name specified in ${parsed.host} is not a valid S3 domain`);
  const host = HOST.exec(parsed?.protocol === 'https:' ? parsed.host : '')?.groups;
  const path = decodeURIComponent(parsed?.pathname.slice(1) ?? '');
  const [bucket, key] = host?.bucket
    ? [host.bucket, path]
    : [path.split('/')[0] ?? '', path.slice(path.indexOf('/') + 1)];
  if (!host || !bucket || !key) throw invalid('TemplateURL must be a supported URL.');
  return { bucket, key, region: host.region, version: parsed!.searchParams.get('versionId') };
}

/** AWS does not say who lacks which permission. */
function s3Error(error: unknown): never {
  if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
  const says = error.code === 'AccessDenied' ? 'Access Denied' : error.message;
  throw invalid(
    `S3 error: ${says}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html`,
  );
}
