/**
 * The errors of services for wrong signatures: the same reasons under four sets of names.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
import { AwsError } from '../kernel/kernel.ts';
import type { WireRequest } from './request.ts';

export type SignatureErrors = {
  missing(): AwsError;
  unknownKey(): AwsError;
  expiredToken(): AwsError;
  mismatch(): AwsError;
  tooOld(signedAt: Date, now: number, allowed: number): AwsError;
  tooEarly(signedAt: Date, now: number, allowed: number): AwsError;
  urlExpired(signedAt: Date, now: number, allowed: number): AwsError;
};

export function signatureErrorsFor(request: WireRequest, signingName: string | undefined): SignatureErrors {
  if (signingName === 's3') return S3_ERRORS;
  if (signingName === 'ec2') return EC2_ERRORS;
  if (isQuery(request)) return QUERY_ERRORS;
  const isRpc = request.headers['x-amz-target'] ?? request.headers['smithy-protocol'];
  return json(isRpc ? 400 : 403);
}

const isQuery = ({ headers, url }: WireRequest) =>
  headers['content-type']?.startsWith('application/x-www-form-urlencoded') || /[?&]Action=/.test(url);

const MISSING_TOKEN = 'Missing Authentication Token';
const INVALID_TOKEN = 'The security token included in the request is invalid.';
const TOKEN_EXPIRED = 'The security token included in the request is expired';
const SIGNATURE_DIFFERS =
  'The request signature we calculated does not match the signature you provided. ' +
  'Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const QUERY_ERRORS: SignatureErrors = {
  missing: () => new AwsError('MissingAuthenticationToken', MISSING_TOKEN, 403),
  unknownKey: () => new AwsError('InvalidClientTokenId', INVALID_TOKEN, 403),
  expiredToken: () => new AwsError('ExpiredToken', TOKEN_EXPIRED, 403),
  mismatch: () => new AwsError('SignatureDoesNotMatch', SIGNATURE_DIFFERS, 403),
  tooOld: (...age) => new AwsError('SignatureDoesNotMatch', olderThan(...age), 403),
  tooEarly: (...age) => new AwsError('SignatureDoesNotMatch', laterThan(...age), 403),
  urlExpired: (...age) => new AwsError('SignatureDoesNotMatch', olderThan(...age), 403),
};

const json = (status: number): SignatureErrors => ({
  missing: () => new AwsError('MissingAuthenticationTokenException', MISSING_TOKEN, status),
  unknownKey: () => new AwsError('UnrecognizedClientException', INVALID_TOKEN, status),
  expiredToken: () => new AwsError('ExpiredTokenException', TOKEN_EXPIRED, status),
  mismatch: () => new AwsError('InvalidSignatureException', SIGNATURE_DIFFERS, status),
  tooOld: (...age) => new AwsError('InvalidSignatureException', olderThan(...age), status),
  tooEarly: (...age) => new AwsError('InvalidSignatureException', laterThan(...age), status),
  urlExpired: (...age) => new AwsError('InvalidSignatureException', olderThan(...age), status),
});

const notValidated = () =>
  new AwsError('AuthFailure', 'AWS was not able to validate the provided access credentials', 401);
const requestExpired = () => new AwsError('RequestExpired', 'Request has expired.', 400);

const EC2_ERRORS: SignatureErrors = {
  ...QUERY_ERRORS,
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

const S3_ERRORS: SignatureErrors = {
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

const stamp = (time: number) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
