/** Sessions in member accounts: the member role, narrowed to a plan's targets and tied to execution and finding. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import {
  commandToReplay,
  errorClause,
  errorDescription,
  isDenial,
  isNamed,
  SutureError,
  toSutureError,
} from '../contract/errors.ts';
import type { ClientClasses, Clients, Place } from '../contract/remediation.ts';
import { type Cause, causesInOrder, deniedAction } from '../domain/denials.ts';
import type { MemberCall } from '../domain/job.ts';
import {
  EXECUTION_TAG,
  FINDING_TAG,
  type PolicyDocument,
  REMEDIATION_TAG,
  ROLLBACK_TAG,
} from '../domain/permissions.ts';
import { plainText } from '../domain/plain-text.ts';
import { executionTag, findingTag, sourceIdentity } from '../domain/trace.ts';
import { NAMES } from './installation.ts';

const SESSION_SECONDS = 900;

export type SessionRequest = {
  readonly remediation: string;
  /** The session gets the rollback tag. */
  readonly rollsBackApart?: boolean;
  readonly place: Place;
  readonly execution: string;
  readonly findingId: string;
  readonly policy: PolicyDocument;
  /** Default: the causes and the replay of a remediation. */
  readonly unavailable?: UnavailableAdvice;
};
export type UnavailableAdvice = { readonly causes: readonly Cause[]; readonly next: string };
export type MemberCredentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string };

/**
 * Opens a session of the member role.
 * @param role path and name
 * @throws SutureError MemberRoleUnavailable if the account denies it; PackedPolicyTooLarge if policy and tags exceed what
 * STS packs into a session
 */
export async function assumeMemberRole(
  sts: STSClient,
  role: string,
  externalId: string,
  request: SessionRequest,
): Promise<MemberCredentials> {
  const { place, remediation, rollsBackApart, execution, findingId, policy } = request;
  const arn = `arn:${place.partition}:iam::${place.account}:role/${role}`;
  try {
    const { Credentials: credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: arn,
        RoleSessionName: sessionName(remediation, findingId),
        SourceIdentity: sourceIdentity(execution),
        ExternalId: externalId,
        DurationSeconds: SESSION_SECONDS,
        Policy: JSON.stringify(policy),
        Tags: [
          { Key: REMEDIATION_TAG, Value: remediation },
          ...(rollsBackApart ? [{ Key: ROLLBACK_TAG, Value: remediation }] : []),
          { Key: FINDING_TAG, Value: findingTag(findingId) },
          { Key: EXECUTION_TAG, Value: executionTag(execution) },
        ],
      }),
    );
    if (!credentials?.AccessKeyId || !credentials.SecretAccessKey || !credentials.SessionToken)
      throw new Error('STS answered without credentials');
    const { AccessKeyId, SecretAccessKey, SessionToken } = credentials;
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  } catch (error) {
    // The code on the wire has no suffix, and the SDK names the error by its shape.
    if (isNamed(error, 'PackedPolicyTooLargeException', 'PackedPolicyTooLarge')) throw tooLarge(error, request);
    if (!isDenial(error)) throw toSutureError(error, `AssumeRole of ${arn}`);
    throw new SutureError('MemberRoleUnavailable', unavailableText(error, arn, request), { cause: error });
  }
}

/**
 * AWS's text has the percentage; AWS documents no size in bytes.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html#API_AssumeRole_Errors
 */
const tooLarge = (error: unknown, { remediation, policy }: SessionRequest): SutureError =>
  new SutureError(
    'PackedPolicyTooLarge',
    `${errorDescription(error)}\nThe session policy of ${remediation} has ${JSON.stringify(policy).length} characters and names ` +
      'the resources of this plan; with the session tags it exceeds what STS packs. This session wrote nothing. Trying ' +
      'again does not help: fix this finding by hand, exempt it, and push the policy; a replay then ends it as ignored. ' +
      'Report the remediation.',
    { cause: error },
  );

function unavailableText(error: unknown, arn: string, { place, unavailable }: SessionRequest): string {
  const action = deniedAction(error) ?? 'sts:AssumeRole';
  const { causes, next } = unavailable ?? adviceOfRemediations(place.account);
  return [
    `${plainText(errorClause(error))}.`,
    `${action} of ${arn} was refused. Likely causes, in order:`,
    ...causesInOrder(error, causes),
    next,
  ].join('\n');
}

const adviceOfRemediations = (account: string): UnavailableAdvice => ({
  causes: causesOfRemediations(account),
  next: `Then replay it: ${commandToReplay('MemberRoleUnavailable', account)}`,
});

const causesOfRemediations = (account: string): readonly Cause[] => [
  {
    pattern: /sts:AssumeRole\b/,
    explanation: 'The role does not exist',
    remedy: `let the StackSet of ${NAMES.stack('OrgRollout')} reach ${account} (npm run -s suture -- rollout, in a clone of the repository, where it lacks this release), or deploy the member role's stack there`,
  },
  {
    pattern: /sts:(SetSourceIdentity|TagSession)\b/,
    explanation:
      'Its trust policy was made for another service account, organization id or external id, or lacks sts:SetSourceIdentity or sts:TagSession',
    remedy: `deploy the member role's stack of this installation into ${account} again`,
  },
  {
    pattern: /identity-based policy/,
    explanation: "The remediation's execution role lacks its sts statement or its tag",
    remedy: "deploy the remediation's stack into the service account again",
  },
  {
    pattern: /service control policy|resource control policy/,
    explanation: `A service control policy on the service account, or a resource control policy on ${account}, denies it`,
    remedy: `in the management account, exempt the execution roles (paths ${NAMES.executionRolePath} and ${NAMES.rollbackRolePath}) from that policy`,
  },
];

/**
 * Returns the call that failed with this error, such as `S3 GetPublicAccessBlock`: AWS's text does not always name it.
 */
export const failedCallName = (error: unknown): string | undefined =>
  error instanceof Error ? failedCalls.get(error) : undefined;
const failedCalls = new WeakMap<Error, string>();

/** Every session creates new clients, but the function instance keeps the connections. */
const CONNECTIONS = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };

export function clientsFor<C extends ClientClasses>(
  classes: C,
  credentials: MemberCredentials,
  region: string,
  onCall: (call: MemberCall) => void = () => {},
): Clients<C> {
  const config = { region, maxAttempts: 3, credentials, requestHandler: CONNECTIONS };
  const entries = Object.entries(classes).map(([name, Client]) => [
    name,
    observeCalls(new Client(config) as STSClient, onCall),
  ]);
  return Object.fromEntries(entries) as Clients<C>;
}

/** Adds a middleware to a client of any service: all clients of the SDK have such a stack. */
function observeCalls(client: Pick<STSClient, 'middlewareStack'>, onCall: (call: MemberCall) => void): object {
  client.middlewareStack.add(
    (next, { clientName, commandName }) =>
      async (input) => {
        const call = `${clientName} ${commandName}`.replace(/Client | ?Command$/g, ' ').trim();
        try {
          const result = await next(input);
          onCall({ call, requestId: requestIdIn(result.output) });
          return result;
        } catch (error) {
          if (error instanceof Error) {
            failedCalls.set(error, call);
            onCall({ call, requestId: requestIdIn(error), error: error.name });
          }
          throw error;
        }
      },
    { step: 'initialize', name: 'observeCalls' },
  );
  return client;
}

const requestIdIn = (response: unknown): string | undefined =>
  (response as { $metadata?: { requestId?: string } }).$metadata?.requestId;

/** Joins the remediation and the end of the finding's id to at most 64 characters of `[\w+=,.@-]`. */
export const sessionName = (remediation: string, findingId: string) =>
  `${remediation.replace('/', '-').slice(0, 51)}-${findingId.replace(/[^0-9A-Za-z]/g, '').slice(-12)}`;
