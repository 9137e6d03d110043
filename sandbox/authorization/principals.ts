/**
 * The Principal element of resource policies and role trust policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { asList, type IamPolicy, type PrincipalElement } from './policy.ts';

export type PrincipalFacts = {
  readonly kind: 'session' | 'user' | 'root' | 'service';
  /** ARN of the session, the user or the root user; for a service, its principal name. */
  readonly arn: string;
  readonly account: string;
  readonly role?: string;
  readonly uniqueId?: string;
};

/**
 * The way in which a Principal element names the caller. It decides which other policies must allow the request:
 * `direct` (the session, the user, a service, everyone), `role` (of the session), `account`.
 */
export type Naming = 'direct' | 'role' | 'account';

export function namingOf(element: PrincipalElement, principal: PrincipalFacts): Naming | undefined {
  if (element === '*') return 'direct';
  if (principal.kind === 'service') {
    return asList(element.Service).includes(principal.arn) || asList(element.AWS).includes('*') ? 'direct' : undefined;
  }
  const names = asList(element.AWS);
  if (names.some((name) => name === '*' || name === principal.arn)) {
    return principal.kind === 'root' ? 'account' : 'direct';
  }
  if (principal.uniqueId !== undefined && names.includes(principal.uniqueId)) {
    return principal.kind === 'session' ? 'role' : 'direct';
  }
  if (principal.role !== undefined && names.includes(principal.role)) return 'role';
  return names.some((name) => accountOfPrincipal(name) === principal.account) ? 'account' : undefined;
}

/** Accepts `111122223333` and `arn:aws:iam::111122223333:root`. */
export const accountOfPrincipal = (name: string): string | undefined =>
  /^(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1];

const ROLE_OR_USER = /^arn:[\w-]+:iam::\d{12}:(role|user)\//;
/** Of a role or user. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
const UNIQUE_ID = /^(AROA|AIDA)[A-Z0-9]+$/;

/**
 * Replaces ARNs of roles and users by their unique ids, as AWS does when it stores a document: a role that is deleted
 * and created again under the same name is no longer trusted.
 * @param idOf also receives unique ids, because documents show those of deleted roles and users; throws if the role or
 * user does not exist
 */
export const bindPrincipals = (document: IamPolicy, idOf: (name: string) => string): IamPolicy =>
  mapPrincipals(document, (name) => (ROLE_OR_USER.test(name) || UNIQUE_ID.test(name) ? idOf(name) : name));

/** Replaces unique ids by ARNs. Ids of roles and users that no longer exist remain, as in AWS. */
export const unbindPrincipals = (document: IamPolicy, arnOf: (id: string) => string | undefined): IamPolicy =>
  mapPrincipals(document, (name) => arnOf(name) ?? name);

function mapPrincipals(document: IamPolicy, change: (name: string) => string): IamPolicy {
  const mapped = (element: PrincipalElement): PrincipalElement => {
    if (element === '*' || element.AWS === undefined) return element;
    const names = asList(element.AWS).map(change);
    return { ...element, AWS: names.length === 1 && !Array.isArray(element.AWS) ? names[0]! : names };
  };
  return {
    ...document,
    Statement: asList(document.Statement).map((statement) => ({
      ...statement,
      ...(statement.Principal && { Principal: mapped(statement.Principal) }),
      ...(statement.NotPrincipal && { NotPrincipal: mapped(statement.NotPrincipal) }),
    })),
  };
}
