import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import type { Pipeline } from './pipeline.ts';

/** An organization that trusts the administrators of its accounts may detach these service control policies. */
export function removeRoleProtection({ kernel }: Pipeline): void {
  const { attached } = organizationState(kernel);
  for (const target of attached.keys()) attached.set(target, ['p-FullAWSAccess']);
}
