/** A policy that is deployed needs the API's permission for exactly its bytes. Only the first one does not. */
import { digestOf } from '../domain/proposal.ts';
import type { PolicyGrants } from '../ports/policy-grants.ts';

export type PermissionDeps = {
  readonly grants: Pick<PolicyGrants, 'current'>;
  /** Whether any policy was ever deployed. */
  readonly isInstalled: () => Promise<boolean>;
};

/** @throws Error if a policy is installed, and the API has not permitted this one */
export async function requirePermission(content: Uint8Array, { grants, isInstalled }: PermissionDeps): Promise<void> {
  const digest = digestOf(content);
  const grant = await grants.current();
  if (grant?.digest === digest) return;
  if (!grant && !(await isInstalled())) return;
  const permitted = grant ? `; it permits version ${grant.version} (${grant.digest})` : '';
  throw new Error(
    `A policy is installed, and the API of Suture did not permit this one (SHA-256 ${digest}${permitted}). ` +
      'The stack installs a policy only where none is, and afterwards the API alone deploys one. ' +
      'Remove bootstrap from cdk.json, and deploy the file: suture policy push policy.yaml',
  );
}
