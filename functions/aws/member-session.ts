/** Sessions in member accounts: the org-wide role, narrowed to this plan's targets, tied to execution and finding. */
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { isDenial, SutureError, text, toSutureError } from '../contract/errors.ts';
import { type Policy, REMEDIATION_TAG } from '../contract/permissions.ts';
import type { ClientClasses, Clients, Place } from '../contract/remediation.ts';
import { sourceIdentity } from '../contract/trace.ts';

/** Seconds: the shortest session that STS gives. */
const SESSION_SECONDS = 900;

export type SessionRequest = {
  readonly remediation: string;
  readonly place: Place;
  readonly execution: string;
  readonly findingId: string;
  readonly policy: Policy;
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
    throw new SutureError('MemberRoleUnavailable', `${text(error)}\n${unavailable(arn, place.account)}`, {
      cause: error,
    });
  }
}

/** AWS does not tell a missing role from a refusing trust policy; the likeliest cause comes first. */
const unavailable = (arn: string, account: string) =>
  [
    `sts:AssumeRole of ${arn} was refused. Likely causes, in order:`,
    `1. The role is not there: deploy the member role's stack into ${account}.`,
    `2. Its trust policy was made for another service account, organization id or external id, or lacks sts:SetSourceIdentity or sts:TagSession: deploy the member role again with the parameters of cdk.json.`,
    `3. A service control policy or resource control policy denies sts:AssumeRole in ${account}.`,
    `4. The execution role of the remediation lacks its sts statement or its tag: deploy the remediation's stack again.`,
    'Then redrive the execution.',
  ].join('\n');

/** One client of each class, in the finding's Region, signing with these credentials. */
export function clientsFor<C extends ClientClasses>(classes: C, credentials: Credentials, region: string): Clients<C> {
  const entries = Object.entries(classes).map(([name, Client]) => [
    name,
    new Client({ region, maxAttempts: 3, credentials }),
  ]);
  return Object.fromEntries(entries) as Clients<C>;
}

/** The remediation and the end of the finding's id: at most 64 of `[\w+=,.@-]`. */
const sessionName = (remediation: string, findingId: string) =>
  `${remediation.replace('/', '-').slice(0, 51)}-${findingId.replace(/[^0-9A-Za-z]/g, '').slice(-12)}`;

/** Session tags take 256 of letters, digits, spaces and `_.:/=+-@`. */
const tagValue = (value: string) => value.replace(/[^\p{L}\p{Z}\p{N}_.:/=+\-@]/gu, '_').slice(-256);
