import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * Detaches the service control policies that protect the member role from its account's administrators, as an
 * organization that trusts them may.
 */
export function removeRoleProtection({ kernel }: Pipeline): void {
  const { attached } = organizationState(kernel);
  for (const target of attached.keys()) attached.set(target, ['p-FullAWSAccess']);
}
