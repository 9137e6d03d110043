/** The registry with the packages of the context, for what deploys them: as synthesis checks it. */
import type { Remediation } from '../functions/contract/remediation.ts';
import { checkBoundaries } from './boundary-acknowledgement.ts';
import type { SutureContext } from './context.ts';
import { checkedPackages } from './packages/check.ts';

/**
 * Call it before the first import of the registry.
 * @throws PackageError if a package is broken or not proven; BoundaryError if a boundary grows without acknowledgement
 */
export async function checkedRemediations(context: SutureContext): Promise<readonly Remediation[]> {
  await checkedPackages(context.remediations);
  const { REMEDIATIONS } = await import('../functions/remediations/registry.generated.ts');
  checkBoundaries(context, REMEDIATIONS);
  return REMEDIATIONS;
}
