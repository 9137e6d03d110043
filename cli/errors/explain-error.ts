/** Explains errors to people: a message that says what to do, and an exit code. */
import { inspect } from 'node:util';

export type ErrorReport = {
  readonly name: string;
  readonly message: string;
  readonly exitCode: 1 | 2 | 3 | 130;
  /** Present for an unexpected error. */
  readonly stack?: string;
};

type NodeError = Error & { readonly code?: string; readonly input?: string; readonly path?: string };
type Explanation = { readonly text: string; readonly exitCode: ErrorReport['exitCode'] };

const CREDENTIALS_HINT =
  'Give --profile and --home-region, name an installation that has both (docs/operate.md#install-and-sign-in), or export credentials and a Region of the security account. For the sandbox, export what npm run sandbox prints, and add --as operator (or viewer, approver).';
/** Begins the SDK's message if no source has credentials. */
export const NO_CREDENTIALS = 'Could not load credentials from any providers';

const NEW_SESSION_HINT =
  'Begin a new session: aws sso login for IAM Identity Center; for --profile with MFA, run the command again; for credential_process, let its program begin one; for exported credentials, export new ones.';

const OWN_EXIT_CODES: Readonly<Record<string, ErrorReport['exitCode']>> = {
  UsageError: 2,
  Failure: 1,
  PolicyError: 1,
  PackageError: 1,
  SynthesisError: 1,
  Unreachable: 3,
  Interrupted: 130,
};

/** AWS's names of the error that a session has ended. Services differ. */
const EXPIRED_ERRORS: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'RequestExpired',
  'TokenRefreshRequired',
]);
/** AWS's names of the error that it does not know the credentials. */
const UNKNOWN_CREDENTIALS_ERRORS: ReadonlySet<string> = new Set([
  'AuthFailure',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);
/** AWS's names of the error that IAM denies a call. */
const DENIAL = /^(?:AccessDenied|AuthorizationError|NotAuthorized|UnauthorizedOperation)/;
const PROVIDER_ERRORS: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError']);
const NO_ANSWER_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'ETIMEDOUT',
]);
/** Ctrl-C, or the end of input, while a person is asked. */
const INTERRUPTION_CODES: ReadonlySet<string> = new Set(['ABORT_ERR', 'ERR_USE_AFTER_CLOSE']);

/** Explains every error that a person can cause. Every other error keeps its stack. */
export function explainError(error: unknown): ErrorReport {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), exitCode: 1 };
  const { name, message } = error;
  const exitCode = OWN_EXIT_CODES[name];
  if (exitCode) return { name, message, exitCode };
  const explanation = sessionText(error) ?? endpointText(error) ?? fileText(error);
  if (explanation) return { name, message: explanation.text, exitCode: explanation.exitCode };
  if ('$metadata' in error && DENIAL.test(name)) return { name, message: deniedText(message), exitCode: 3 };
  if ('$metadata' in error) return { name, message: `${name}: ${message}`, exitCode: 1 };
  return { name, message, exitCode: 1, stack: inspect(error) };
}

function sessionText(error: Error): Explanation | undefined {
  const { name, message } = error;
  const unreachable = (text: string): Explanation => ({ text, exitCode: 3 });
  if (PROVIDER_ERRORS.has(name) && /expired/i.test(message)) return unreachable(`${message} ${NEW_SESSION_HINT}`);
  if (PROVIDER_ERRORS.has(name) || message === 'Region is missing')
    return unreachable(`${withFullStop(message)} ${CREDENTIALS_HINT}`);
  if (message.startsWith('Region not accepted') && !process.env.AWS_REGION)
    return unreachable(`Region is missing. ${CREDENTIALS_HINT}`);
  if (message.startsWith('Region not accepted'))
    return unreachable(`"${process.env.AWS_REGION}" is not the name of a Region. Give one such as us-east-1.`);
  if (EXPIRED_ERRORS.has(name)) return unreachable(`The session has expired. ${NEW_SESSION_HINT}`);
  if (UNKNOWN_CREDENTIALS_ERRORS.has(name))
    return unreachable(`AWS does not accept these credentials (${name}). ${CREDENTIALS_HINT}`);
  return undefined;
}

/** A viewer or an approver of an installation, with its prefix. */
const PERSON = /:assumed-role\/([\w+=,.@-]+-)(?:viewer|approver)\//;

/** Names the Region too: Suture's roles may read in the home Region alone, so another Region looks like a missing permission. */
function deniedText(message: string): string {
  const region = process.env.AWS_REGION;
  const [, operator] = PERSON.exec(message) ?? [];
  if (operator)
    return `IAM does not let you do this. ${withFullStop(message)} The role ${operator}operator may: run the command again with --as operator, or with its profile.${region ? ` If that is denied too, ${region} may not be the home Region: --home-region names that.` : ''}`;
  const role = 'the role of a person who may, such as --as operator: docs/security.md#people.';
  const advice = region
    ? `If ${region} is not the home Region of the installation, name that with --home-region. If it is, use ${role}`
    : `Use ${role}`;
  return `IAM does not let you do this. ${withFullStop(message)} ${advice}`;
}

function endpointText(error: NodeError): Explanation | undefined {
  const { code = '', input } = error;
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (code === 'ERR_INVALID_URL' && input !== undefined && input === endpoint)
    return {
      text: `AWS_ENDPOINT_URL is "${endpoint}", which is not a URL such as http://localhost:4566.`,
      exitCode: 3,
    };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return {
      text: `${withFullStop(error.message)} Check the network, the Region${endpoint ? ' and AWS_ENDPOINT_URL' : ''}.`,
      exitCode: 3,
    };
  if (!NO_ANSWER_CODES.has(code)) return undefined;
  const next = endpoint ? 'Is npm run sandbox still running? Otherwise unset AWS_ENDPOINT_URL.' : 'Check the network.';
  return { text: `Nothing answers at ${endpoint ?? 'AWS'} (${code}). ${next}`, exitCode: 3 };
}

function fileText({ code = '', path }: NodeError): Explanation | undefined {
  if (INTERRUPTION_CODES.has(code)) return { text: 'Interrupted.', exitCode: 130 };
  if (code === 'ENOSPC') return { text: 'The disk is full: nothing more was written.', exitCode: 1 };
  if ((code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR') && path !== undefined)
    return { text: `${path}: ${FILE_PROBLEMS[code]}.`, exitCode: 2 };
  return undefined;
}

const FILE_PROBLEMS = {
  ENOENT: 'there is no such file',
  EACCES: 'you may not read or write it',
  EISDIR: 'it is a folder',
} as const;

const withFullStop = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
