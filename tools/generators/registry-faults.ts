import type { Remediation } from '../../functions/contract/remediation.ts';
import { sharedControlFaults } from '../../stacks/remediation-facts.ts';
import { remediationIds } from '../../stacks/remediation-ids.ts';

/**
 * Returns what is wrong with ids and controls, from which generated files follow.
 * @param remediations those of the generated list, in the order of their folders
 */
export function registryFaults(remediations: readonly Remediation[], folders = remediationIds()): string[] {
  const faults = folders.flatMap((folder, n) => {
    const { id } = remediations[n]!;
    const wrong = `functions/remediations/${folder}/index.ts: the id is "${id}", not that of its folder, "${folder}"`;
    return id === folder ? [] : [wrong];
  });
  if (faults.length > 0) return faults;
  return remediations.flatMap((remediation, n) =>
    sharedControlFaults(remediation, remediations.slice(n + 1)).map(([, message]) => message),
  );
}
