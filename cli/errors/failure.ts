/** Errors of commands, as the person who typed reads them. */

/** What went wrong for a reason that the message says whole; the command line ends with exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

const SPEAKS_FOR_ITSELF: ReadonlySet<string> = new Set(['UsageError', 'Failure', 'PolicyError']);
const CREDENTIALS =
  'Export credentials and a Region of the security account; npm run sandbox prints those of the sandbox.';

/** The message where it says what to do; with its stack what nobody foresaw. */
export function readable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message } = error;
  if (SPEAKS_FOR_ITSELF.has(name)) return message;
  if (name === 'CredentialsProviderError' || message === 'Region is missing') return `${message}. ${CREDENTIALS}`;
  if ('code' in error && error.code === 'ECONNREFUSED')
    return `Nothing answers at ${process.env.AWS_ENDPOINT_URL ?? 'AWS'}. Is npm run sandbox still running? Else unset AWS_ENDPOINT_URL.`;
  // An answer of AWS.
  return '$metadata' in error ? `${name}: ${message}` : error;
}
