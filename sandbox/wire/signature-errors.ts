/**
 * How services refuse a signature: the same reasons under four sets of names.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
import { AwsError } from '../kernel/kernel.ts';
import type { WireRequest } from './request.ts';

export type Refusal = {
  missing(): AwsError;
  unknownKey(): AwsError;
  expiredToken(): AwsError;
  mismatch(): AwsError;
  tooOld(signedAt: Date, now: number, allowed: number): AwsError;
  tooEarly(signedAt: Date, now: number, allowed: number): AwsError;
  /** Of a presigned URL. */
  urlExpired(signedAt: Date, now: number, allowed: number): AwsError;
};

export function refusalsOf(request: WireRequest, signingName: string | undefined): Refusal {
  if (signingName === 's3') return s3;
  if (signingName === 'ec2') return ec2;
  if (isQuery(request)) return query;
  const isRpc = request.headers['x-amz-target'] ?? request.headers['smithy-protocol'];
  return json(isRpc ? 400 : 403);
}

const isQuery = ({ headers, url }: WireRequest) =>
  headers['content-type']?.startsWith('application/x-www-form-urlencoded') || /[?&]Action=/.test(url);

const missingToken = 'Missing Authentication Token';
const invalidToken = 'The security token included in the request is invalid.';
const tokenExpired = 'The security token included in the request is expired';
const signatureDiffers =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const query: Refusal = {
  missing: () => new AwsError('MissingAuthenticationToken', missingToken, 403),
  unknownKey: () => new AwsError('InvalidClientTokenId', invalidToken, 403),
  expiredToken: () => new AwsError('ExpiredToken', tokenExpired, 403),
  mismatch: () => new AwsError('SignatureDoesNotMatch', signatureDiffers, 403),
  tooOld: (...age) => new AwsError('SignatureDoesNotMatch', olderThan(...age), 403),
  tooEarly: (...age) => new AwsError('SignatureDoesNotMatch', laterThan(...age), 403),
  urlExpired: (...age) => new AwsError('SignatureDoesNotMatch', olderThan(...age), 403),
};

const json = (status: number): Refusal => ({
  missing: () => new AwsError('MissingAuthenticationTokenException', missingToken, status),
  unknownKey: () => new AwsError('UnrecognizedClientException', invalidToken, status),
  expiredToken: () => new AwsError('ExpiredTokenException', tokenExpired, status),
  mismatch: () => new AwsError('InvalidSignatureException', signatureDiffers, status),
  tooOld: (...age) => new AwsError('InvalidSignatureException', olderThan(...age), status),
  tooEarly: (...age) => new AwsError('InvalidSignatureException', laterThan(...age), status),
  urlExpired: (...age) => new AwsError('InvalidSignatureException', olderThan(...age), status),
});

const notValidated = () =>
  new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
const requestExpired = () => new AwsError('RequestExpired', 'Request has expired.', 400);

const ec2: Refusal = {
  ...query,
  unknownKey: notValidated,
  mismatch: notValidated,
  expiredToken: requestExpired,
  tooOld: requestExpired,
  tooEarly: requestExpired,
  urlExpired: requestExpired,
};

const skewed = () =>
  new AwsError(
    'RequestTimeTooSkewed',
    'The difference between the request time and the current time is too large.',
    403,
  );

const s3: Refusal = {
  missing: () => new AwsError('AccessDenied', 'Access Denied', 403),
  unknownKey: () =>
    new AwsError('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', 403),
  expiredToken: () => new AwsError('ExpiredToken', 'The provided token has expired.', 400),
  mismatch: () =>
    new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    ),
  tooOld: skewed,
  tooEarly: skewed,
  urlExpired: () => new AwsError('AccessDenied', 'Request has expired', 403),
};

const olderThan = (signedAt: Date, now: number, allowed: number) =>
  `Signature expired: ${stamp(signedAt.getTime())} is now earlier than ${stamp(now - allowed)} ` +
  `(${stamp(now)} - ${allowed / 60_000} min.)`;

const laterThan = (signedAt: Date, now: number, allowed: number) =>
  `Signature not yet current: ${stamp(signedAt.getTime())} is still later than ${stamp(now + allowed)} ` +
  `(${stamp(now)} + ${allowed / 60_000} min.)`;

/** 20260102T030405Z */
const stamp = (time: number) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
