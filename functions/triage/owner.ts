/** The owner of a finding's resource, by the finding's own tags. The attempt looks at the live ones. Pure. */
import { allowsAddress } from '../domain/owner-policy.ts';
import { hasOwnerByPlace, ownerOf } from '../domain/owners.ts';
import type { PolicyInForce } from '../domain/policy.ts';
import type { TriageVerdict } from './decide.ts';

const OWNED: ReadonlySet<TriageVerdict['route']> = new Set(['remediate', 'approve', 'archive']);

/** Whether the account's security contact could be the owner: policy names nobody, and allows addresses. */
export const needsContact = (policy: PolicyInForce, { route, finding }: Pick<TriageVerdict, 'route' | 'finding'>) =>
  OWNED.has(route) && (policy.ownerTags?.domains ?? []).length > 0 && !hasOwnerByPlace(policy, finding);

/** Returns the owner of a genuine finding's resource, and a contact that a later attempt may need. */
export function ownerFields(
  policy: PolicyInForce,
  { route, finding }: Pick<TriageVerdict, 'route' | 'finding'>,
  contact: string | undefined,
) {
  if (!OWNED.has(route)) return {};
  const securityContact = contact !== undefined && allowsAddress(policy.ownerTags ?? {}, contact) ? contact : undefined;
  const owner = ownerOf(policy, { ...finding, tags: finding.resource?.Tags ?? {}, securityContact });
  return { ...(owner && { owner }), ...(securityContact !== undefined && { securityContact }) };
}
