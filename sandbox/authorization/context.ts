/**
 * The condition context of a request: the global condition keys, and those of the need.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
import type { Need, Principal } from '../kernel/kernel.ts';
import type { RequestContext } from './compile.ts';

export type ContextFacts = {
  readonly principal: Principal;
  /** Session tags override those of the role or user. */
  readonly principalTags: Readonly<Record<string, string>>;
  readonly need: Need;
  /** The Region of the endpoint that got the request. */
  readonly requestedRegion: string;
  readonly owner: string;
  readonly now: number;
  organizationOf(account: string): { readonly id: string; readonly path: string } | undefined;
};

/** Returns the condition keys in lower case, because they are case-insensitive. Keys without a value are absent. */
export function requestContext(facts: ContextFacts): RequestContext {
  const { principal, need, now } = facts;
  const context = new Map<string, string | readonly string[]>();
  const set = (key: string, value: string | readonly string[] | undefined) => {
    if (value !== undefined) context.set(key.toLowerCase(), value);
  };

  set('aws:CurrentTime', new Date(now).toISOString());
  set('aws:EpochTime', String(Math.floor(now / 1000)));
  set('aws:RequestedRegion', facts.requestedRegion);
  set('aws:SecureTransport', 'true');
  set('aws:ViaAWSService', 'false');

  if (!WITHOUT_RESOURCE_OWNER.has(need.action)) setResourceOwner(facts, set);
  const service = need.action.slice(0, need.action.indexOf(':'));
  for (const [key, value] of Object.entries(need.resourceTags ?? {})) {
    set(`aws:ResourceTag/${key}`, value);
    set(`${service}:ResourceTag/${key}`, value);
  }

  set('aws:PrincipalIsAWSService', String(principal.kind === 'service'));
  if (principal.kind === 'service') setService(principal, facts, set);
  else setCaller(principal, facts, set);
  for (const [key, value] of Object.entries(need.context ?? {})) set(key, value);
  return context;
}

/** Permissions without an operation of their own, for which AWS documents no owner of the resource. */
const WITHOUT_RESOURCE_OWNER: ReadonlySet<string> = new Set(['sts:SetSourceIdentity', 'sts:TagSession']);

/**
 * Services for which AWS documents aws:SourceArn alone: a condition on aws:SourceAccount denies them.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-lambda-as-subscriber.html
 */
const WITHOUT_SOURCE_ACCOUNT: ReadonlySet<string> = new Set(['sns.amazonaws.com']);

type SetKey = (key: string, value: string | readonly string[] | undefined) => void;

function setResourceOwner({ owner, organizationOf }: ContextFacts, set: SetKey): void {
  const organization = organizationOf(owner);
  set('aws:ResourceAccount', owner);
  set('aws:ResourceOrgID', organization?.id);
  set('aws:ResourceOrgPaths', organization && [organization.path]);
}

function setService(principal: Principal & { kind: 'service' }, { organizationOf }: ContextFacts, set: SetKey): void {
  set('aws:PrincipalServiceName', principal.service);
  if (principal.source === undefined) return;
  set('aws:SourceArn', principal.source);
  if (WITHOUT_SOURCE_ACCOUNT.has(principal.service)) return;
  const organization = organizationOf(principal.account);
  set('aws:SourceAccount', principal.account);
  set('aws:SourceOrgID', organization?.id);
  set('aws:SourceOrgPaths', organization && [organization.path]);
}

function setCaller(principal: Exclude<Principal, { kind: 'service' }>, facts: ContextFacts, set: SetKey): void {
  const organization = facts.organizationOf(principal.account);
  set('aws:PrincipalAccount', principal.account);
  set('aws:PrincipalOrgID', organization?.id);
  set('aws:PrincipalOrgPaths', organization && [organization.path]);
  set('aws:PrincipalArn', principal.kind === 'session' ? principal.role : principal.arn);
  if (facts.need.action.startsWith('kms:')) set('kms:CallerAccount', principal.account);
  for (const [key, value] of Object.entries(facts.principalTags)) set(`aws:PrincipalTag/${key}`, value);

  if (principal.kind === 'root') {
    set('aws:PrincipalType', 'Account');
    set('aws:userid', principal.account);
    return;
  }
  set('aws:userid', principal.userId);
  if (principal.kind === 'user') {
    set('aws:PrincipalType', 'User');
    set('aws:username', principal.user);
  } else {
    set('aws:PrincipalType', 'AssumedRole');
    set('aws:SourceIdentity', principal.sourceIdentity);
    set('aws:TokenIssueTime', new Date(principal.issuedAt).toISOString());
    // Temporary credentials always have this key; long-term keys never do.
    set('aws:MultiFactorAuthPresent', String(principal.mfaAt !== undefined));
  }
  if (principal.mfaAt === undefined) return;
  set('aws:MultiFactorAuthPresent', 'true');
  set('aws:MultiFactorAuthAge', String(Math.floor((facts.now - principal.mfaAt) / 1000)));
}
