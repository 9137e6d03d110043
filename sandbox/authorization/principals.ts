/**
 * The Principal element of resource policies and role trust policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { type IamPolicy, listOf, type PrincipalElement } from './policy.ts';

/** What policies can know of who calls. */
export type PrincipalFacts = {
  readonly kind: 'session' | 'user' | 'root' | 'service';
  /** ARN of the session, the user or the root user; of a service, its principal name. */
  readonly arn: string;
  readonly account: string;
  /** Of a session, the ARN of its role. */
  readonly role?: string;
  /** Of a session the role's unique id, of a user its own. */
  readonly uniqueId?: string;
};

/**
 * How a Principal element names the caller. It decides what else must allow the request:
 * `direct` (the session, the user, a service, everyone), `role` (of the session), `account`.
 */
export type Naming = 'direct' | 'role' | 'account';

/** The strongest way in which the element names this principal, or undefined when it does not. */
export function namedBy(element: PrincipalElement, principal: PrincipalFacts): Naming | undefined {
  if (element === '*') return 'direct';
  if (principal.kind === 'service') {
    return listOf(element.Service).includes(principal.arn) || listOf(element.AWS).includes('*') ? 'direct' : undefined;
  }
  const names = listOf(element.AWS);
  if (names.some((name) => name === '*' || name === principal.arn)) {
    return principal.kind === 'root' ? 'account' : 'direct';
  }
  if (principal.uniqueId !== undefined && names.includes(principal.uniqueId)) {
    return principal.kind === 'session' ? 'role' : 'direct';
  }
  if (principal.role !== undefined && names.includes(principal.role)) return 'role';
  return names.some((name) => accountNamed(name) === principal.account) ? 'account' : undefined;
}

/** The account that a principal of a policy stands for: `111122223333` or `arn:aws:iam::111122223333:root`. */
export const accountNamed = (name: string): string | undefined =>
  /^(?:arn:[\w-]+:iam::)?(\d{12})(?::root)?$/.exec(name)?.[1];

/**
 * A document as AWS keeps it: the roles and users it names as their unique ids, so that a role deleted and made
 * again under the same name is not the one that was trusted.
 * @param idOf unique id of a role or user ARN; throws for one that does not exist
 */
export const bindPrincipals = (document: IamPolicy, idOf: (arn: string) => string): IamPolicy =>
  mapPrincipals(document, (name) => (/^arn:[\w-]+:iam::\d{12}:(role|user)\//.test(name) ? idOf(name) : name));

/** The way back, for reading; ids of what no longer exists stay ids, as in AWS. */
export const unbindPrincipals = (document: IamPolicy, arnOf: (id: string) => string | undefined): IamPolicy =>
  mapPrincipals(document, (name) => arnOf(name) ?? name);

function mapPrincipals(document: IamPolicy, change: (name: string) => string): IamPolicy {
  const mapped = (element: PrincipalElement): PrincipalElement => {
    if (element === '*' || element.AWS === undefined) return element;
    const names = listOf(element.AWS).map(change);
    return { ...element, AWS: names.length === 1 && !Array.isArray(element.AWS) ? names[0]! : names };
  };
  return {
    ...document,
    Statement: listOf(document.Statement).map((statement) => ({
      ...statement,
      ...(statement.Principal && { Principal: mapped(statement.Principal) }),
      ...(statement.NotPrincipal && { NotPrincipal: mapped(statement.NotPrincipal) }),
    })),
  };
}
