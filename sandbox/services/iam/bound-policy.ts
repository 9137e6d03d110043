/**
 * In trust and resource policies, AWS stores the unique id of a role or user and returns its ARN. After the role or user
 * is deleted, AWS returns the id, even if a new one has the same ARN:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-roles,
 * https://repost.aws/knowledge-center/iam-resource-policy-format
 */
import { type IamPolicy, parseIamPolicy } from '../../authorization/policy.ts';
import { bindPrincipals, unbindPrincipals } from '../../authorization/principals.ts';
import { AwsError, type Kernel } from '../../kernel/kernel.ts';
import {
  type BoundPolicy,
  entityNameOf,
  iamStateOf,
  type PrincipalNames,
  type RoleRecord,
  type UserRecord,
} from './state.ts';

/** Returns a service's error for a principal that does not exist. */
export type InvalidPrincipal = (name: string) => AwsError;

const invalidTrustedPrincipal: InvalidPrincipal = (name) =>
  new AwsError('MalformedPolicyDocument', `Invalid principal in policy: "AWS":"${name}"`);

/**
 * Replaces roles and users by their unique ids.
 * @throws AwsError for a role or user that does not exist, and for the id of a deleted one
 */
export function bindPolicy(
  kernel: Kernel,
  document: IamPolicy,
  invalidPrincipal: InvalidPrincipal = invalidTrustedPrincipal,
): BoundPolicy {
  const names = new Map<string, string>();
  const bound = bindPrincipals(document, (name) => {
    const entity = entityAt(kernel, name);
    if (!entity) throw invalidPrincipal(name);
    names.set(entity.id, name);
    return entity.id;
  });
  return { document: bound, names };
}

/** Replaces unique ids by ARNs. Those of deleted roles and users stay. */
export const unbindPolicy = (kernel: Kernel, { document, names }: BoundPolicy): IamPolicy =>
  unbindPrincipals(document, (id) => {
    const arn = names.get(id);
    return arn !== undefined && entityAt(kernel, arn)?.id === id ? arn : undefined;
  });

/** For services that keep policies as text. A text that names no role or user stays as it was written. */
export type BoundText = { readonly text: string; readonly names?: PrincipalNames };

/** @param code the service's error for a malformed policy */
export function bindPolicyText(
  kernel: Kernel,
  text: string,
  code: string,
  invalidPrincipal: InvalidPrincipal,
): BoundText {
  const { document, names } = bindPolicy(kernel, parseIamPolicy(text, 'resource', code), invalidPrincipal);
  return names.size === 0 ? { text } : { text: JSON.stringify(document), names };
}

export const unbindPolicyText = (kernel: Kernel, text: string, names: PrincipalNames | undefined): string =>
  names ? JSON.stringify(unbindPolicy(kernel, { document: JSON.parse(text), names })) : text;

function entityAt(kernel: Kernel, arn: string): RoleRecord | UserRecord | undefined {
  const { account, type } = /:iam::(?<account>\d{12}):(?<type>role|user)\//.exec(arn)?.groups ?? {};
  if (account === undefined) return undefined;
  const state = iamStateOf(kernel, account);
  const entity = (type === 'role' ? state.roles : state.users).get(entityNameOf(arn));
  return entity?.arn === arn ? entity : undefined;
}
