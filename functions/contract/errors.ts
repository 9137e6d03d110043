/**
 * Errors are the protocol between code and the workflow's `ErrorEquals`: the name decides whether the workflow retries.
 * A message says what happened, with AWS's text and the value, and what to do.
 */
export const RETRIED = [
  'Throttled',
  'ServiceUnavailable',
  'ResourceBusy',
  'ChangePending',
  'PolicyUnavailable',
] as const;
export const FINAL = [
  'FindingRejected',
  'MemberRoleUnavailable',
  'MemberRoleOutdated',
  'StackOutdated',
  'MemberAccessDenied',
  'PackedPolicyTooLarge',
  'ChangeNotVerified',
  'RollbackFailed',
  'Stopped',
  'CapReached',
  'PlanChanged',
  'CircuitOpen',
  'ConfigurationInvalid',
] as const;
export type ErrorName = (typeof RETRIED)[number] | (typeof FINAL)[number];

export class SutureError extends Error {
  override readonly name: ErrorName;
  constructor(name: ErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = name;
  }
}

/** Names under which AWS services throttle (`RequestLimitExceeded` is EC2's, `SlowDown` S3's). */
const THROTTLING = new Set([
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'LimitExceededException',
  'SlowDown',
  'EC2ThrottledException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'BandwidthLimitExceeded',
  'TransactionInProgressException',
  // The SDK does not retry it: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
  'TransactionConflictException',
]);
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'UnauthorizedOperation',
  'UnauthorizedAccess',
  'AuthorizationError',
  'AuthorizationErrorException',
  'InvalidAccessException',
]);

type Failure = Error & { $metadata?: { httpStatusCode?: number }; $fault?: 'client' | 'server'; code?: unknown };

export const isThrottling = (error: unknown): boolean => error instanceof Error && THROTTLING.has(error.name);
export const isDenial = (error: unknown): boolean => error instanceof Error && DENIED.has(error.name);

/** The clock skew exceeds what a signature tolerates. The SDK corrects its offset from AWS's response. */
const SKEWED = new Set(['RequestTimeTooSkewed', 'RequestExpired', 'RequestInTheFuture']);
/** Most services report clock skew under their error name for wrong signatures. */
const SKEWED_SIGNATURE = /^Signature (expired|not yet current)/;

/**
 * True if the service failed or the connection broke (the call may have taken effect), or if the clock skew was too large
 * (it had no effect).
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, $fault, code } = error as Failure;
  if ($metadata?.httpStatusCode !== undefined && $metadata.httpStatusCode >= 500) return true;
  return (
    $fault === 'server' ||
    error.name === 'TimeoutError' ||
    SKEWED.has(error.name) ||
    SKEWED_SIGNATURE.test(error.message) ||
    BROKEN_CONNECTION.has(String(code))
  );
}
const BROKEN_CONNECTION = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** Whether an error has one of these names. Idempotent writes ignore some. */
export const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);

/** Returns the command that replays the findings that failed with an error. It ends the message of that error. */
export const commandToReplay = (error: ErrorName, account?: string): string =>
  `suture replay --failed --error ${error}${account ? ` --account ${account}` : ''} --reason "…"`;

/** Returns the end of the message of an error that the workflow retries. */
export const retryAdvice = (error: ErrorName): string =>
  `It is tried again for a while; if it still fails then, replay it: ${commandToReplay(error)}`;

/**
 * Returns AWS's throttling and unavailability under the names that the workflow retries, and other errors unchanged.
 * @param doing the call, as the message names it
 */
export function toSutureError(error: unknown, doing: string): unknown {
  if (error instanceof SutureError) return error;
  if (isThrottling(error))
    return new SutureError('Throttled', `AWS throttled ${doing}: ${errorClause(error)}. ${retryAdvice('Throttled')}`, {
      cause: error,
    });
  if (isUnavailable(error))
    return new SutureError(
      'ServiceUnavailable',
      `AWS was unavailable for ${doing}: ${errorClause(error)}. ${retryAdvice('ServiceUnavailable')}`,
      {
        cause: error,
      },
    );
  return error;
}

export const errorDescription = (error: unknown): string =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);

export const errorClause = (error: unknown): string => errorDescription(error).replace(/\.$/, '');
