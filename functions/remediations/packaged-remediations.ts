/**
 * Remediations of the packages that cdk.json names: none in this repository. `stacks/packages` puts them in when Node
 * loads this module, and when it is bundled.
 */
import type { Remediation } from '../contract/remediation.ts';

export const PACKAGED_REMEDIATIONS: readonly Remediation[] = [];
