import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import type { Pipeline } from './pipeline.ts';

/** Detaches the service control policies that protect Suture's roles from administrators of member accounts. */
export function removeRoleProtection({ kernel }: Pipeline): void {
  const { attached } = organizationState(kernel);
  for (const target of attached.keys()) attached.set(target, ['p-FullAWSAccess']);
}
