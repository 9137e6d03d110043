/** An expected failure whose message suffices. The command line exits with 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The messages of these errors suffice without a stack. */
const EXPLAINED: ReadonlySet<string> = new Set(['UsageError', 'Failure', 'PolicyError']);
const CREDENTIALS =
  'Export credentials and a Region of the security account; npm run sandbox prints those of the sandbox.';

/** Returns the message if it says what to do, else the error itself, with its stack. */
export function errorText(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  if (EXPLAINED.has(name)) return message;
  if (name === 'CredentialsProviderError' || message === 'Region is missing') return `${message}. ${CREDENTIALS}`;
  if ('code' in error && error.code === 'ECONNREFUSED')
    return `Nothing answers at ${process.env.AWS_ENDPOINT_URL ?? 'AWS'}. Is npm run sandbox still running? Otherwise unset AWS_ENDPOINT_URL.`;
  const isAwsError = '$metadata' in error;
  return isAwsError ? `${name}: ${message}` : error;
}
