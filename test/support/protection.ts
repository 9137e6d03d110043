import { organizationState } from '../../sandbox/services/organizations/look-up.ts';
import type { Pipeline } from './pipeline.ts';

/** Takes the service control policies off that let nobody in an account change its member role, as an organization may that trusts its administrators. */
export function unprotect({ kernel }: Pipeline): void {
  const { attached } = organizationState(kernel);
  for (const target of attached.keys()) attached.set(target, ['p-FullAWSAccess']);
}
