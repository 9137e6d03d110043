/** Sessions in member accounts: the org-wide role, narrowed to this plan's targets, tied to execution and finding. */
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { isDenial, SutureError, text, toSutureError } from '../contract/errors.ts';
import type { ClientClasses, Clients, Place } from '../contract/remediation.ts';
import { type Cause, causesInOrder, deniedAction } from '../domain/denials.ts';
import type { MemberCall } from '../domain/job.ts';
import { type PolicyDocument, REMEDIATION_TAG } from '../domain/permissions.ts';
import { sourceIdentity } from '../domain/trace.ts';

/** Seconds: the shortest session that STS gives. */
const SESSION_SECONDS = 900;

export type SessionRequest = {
  readonly remediation: string;
  readonly place: Place;
  readonly execution: string;
  readonly findingId: string;
  readonly policy: PolicyDocument;
};
export type Credentials = { accessKeyId: string; secretAccessKey: string; sessionToken: string };

/** Assumes the member role `role` (path and name) with this policy. Fails with MemberRoleUnavailable where the account does not let it. */
export async function assumeMemberRole(
  sts: STSClient,
  role: string,
  externalId: string,
  request: SessionRequest,
): Promise<Credentials> {
  const { place, remediation, execution, findingId, policy } = request;
  const arn = `arn:${place.partition}:iam::${place.account}:role/${role}`;
  try {
    const { Credentials: made } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: arn,
        RoleSessionName: sessionName(remediation, findingId),
        SourceIdentity: sourceIdentity(execution),
        ExternalId: externalId,
        DurationSeconds: SESSION_SECONDS,
        Policy: JSON.stringify(policy),
        Tags: [
          { Key: REMEDIATION_TAG, Value: remediation },
          { Key: 'suture:finding', Value: tagValue(findingId) },
          { Key: 'suture:execution', Value: tagValue(execution) },
        ],
      }),
    );
    if (!made?.AccessKeyId || !made.SecretAccessKey || !made.SessionToken)
      throw new Error('STS answered without credentials');
    return { accessKeyId: made.AccessKeyId, secretAccessKey: made.SecretAccessKey, sessionToken: made.SessionToken };
  } catch (error) {
    if (!isDenial(error)) throw toSutureError(error, `AssumeRole of ${arn}`);
    throw new SutureError('MemberRoleUnavailable', unavailable(error, arn, place.account), { cause: error });
  }
}

function unavailable(error: unknown, arn: string, account: string): string {
  const action = deniedAction(error) ?? 'sts:AssumeRole';
  return [
    text(error),
    `${action} of ${arn} was refused. Likely causes, in order:`,
    ...causesInOrder(error, causes(account)),
    'Then redrive the execution.',
  ].join('\n');
}

const causes = (account: string): readonly Cause[] => [
  {
    said: /sts:AssumeRole\b/,
    is: 'The role is not there',
    mend: `let the StackSet of SutureOrgRollout reach ${account}, or deploy the member role's stack there`,
  },
  {
    said: /sts:(SetSourceIdentity|TagSession)\b/,
    is: 'Its trust policy was made for another service account, organization id or external id, or lacks sts:SetSourceIdentity or sts:TagSession',
    mend: `deploy the member role's stack of this installation into ${account} again`,
  },
  {
    said: /identity-based policy/,
    is: "The remediation's execution role lacks its sts statement or its tag",
    mend: "deploy the remediation's stack into the service account again",
  },
  {
    said: /service control policy|resource control policy/,
    is: `A service control policy on the service account, or a resource control policy on ${account}, denies it`,
    mend: 'in the management account, except the execution roles (path /suture/remediation/) from that policy',
  },
];

/** The call that failed with this error, such as `S3 GetPublicAccessBlock`: AWS's own text does not always say. */
export const callOf = (error: unknown): string | undefined =>
  error instanceof Error ? failedCalls.get(error) : undefined;
const failedCalls = new WeakMap<Error, string>();

/** Clients come and go with every session; connections stay with the instance. */
const connections = { httpAgent: new HttpAgent({ keepAlive: true }), httpsAgent: new HttpsAgent({ keepAlive: true }) };

/** One client of each class, in the finding's Region, signing with these credentials; `tell` hears of every call. */
export function clientsFor<C extends ClientClasses>(
  classes: C,
  credentials: Credentials,
  region: string,
  tell: (call: MemberCall) => void = () => {},
): Clients<C> {
  const config = { region, maxAttempts: 3, credentials, requestHandler: connections };
  const entries = Object.entries(classes).map(([name, Client]) => [
    name,
    remembering(new Client(config) as STSClient, tell),
  ]);
  return Object.fromEntries(entries) as Clients<C>;
}

/** Every client of the SDK has such a stack, of whatever service. */
function remembering(client: Pick<STSClient, 'middlewareStack'>, tell: (call: MemberCall) => void): object {
  client.middlewareStack.add(
    (next, { clientName, commandName }) =>
      async (input) => {
        const call = `${clientName} ${commandName}`.replace(/Client | ?Command$/g, ' ').trim();
        try {
          const done = await next(input);
          tell({ call, requestId: requestIdIn(done.output) });
          return done;
        } catch (error) {
          if (error instanceof Error) {
            failedCalls.set(error, call);
            tell({ call, requestId: requestIdIn(error), error: error.name });
          }
          throw error;
        }
      },
    { step: 'initialize', name: 'rememberTheCall' },
  );
  return client;
}

const requestIdIn = (answer: unknown): string | undefined =>
  (answer as { $metadata?: { requestId?: string } }).$metadata?.requestId;

/** The remediation and the end of the finding's id: at most 64 of `[\w+=,.@-]`. */
export const sessionName = (remediation: string, findingId: string) =>
  `${remediation.replace('/', '-').slice(0, 51)}-${findingId.replace(/[^0-9A-Za-z]/g, '').slice(-12)}`;

/** Session tags take 256 of letters, digits, spaces and `_.:/=+-@`. */
const tagValue = (value: string) => value.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(-256);
