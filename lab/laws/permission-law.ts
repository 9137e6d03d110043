/** The law about a remediation's declared permissions, over all of its scenarios. */
import type { Remediation } from '../../functions/contract/remediation.ts';
import { actionDetails } from '../../sandbox/authorization/actions.ts';

/**
 * Returns what is wrong with the declared permissions, one line each. `allowed` are the actions that IAM allowed the
 * remediation over all scenarios, in lower case.
 */
export async function permissionFaults(remediation: Remediation, allowed: ReadonlySet<string>): Promise<string[]> {
  const faults: string[] = [];
  for (const mode of ['reads', 'writes'] as const)
    for (const { actions, resources, because } of remediation[mode]) {
      if (because.trim() === '') faults.push(`${mode} of ${actions} have an empty because`);
      for (const action of actions) faults.push(...(await actionFaults(action, mode, resources, allowed)));
    }
  return faults;
}

async function actionFaults(
  action: string,
  mode: 'reads' | 'writes',
  resources: readonly string[],
  allowed: ReadonlySet<string>,
): Promise<string[]> {
  const { accessLevel, wildcardOnly } = await actionDetails(action);
  const faults: string[] = [];
  if (!allowed.has(action.toLowerCase()))
    faults.push(`${action} is declared, but no scenario uses it: drop it, or add a scenario`);
  if (mode === 'reads' && !['Read', 'List'].includes(accessLevel))
    faults.push(`${action} is declared among the reads, but IAM's data says ${accessLevel}: move it to writes`);
  if (resources.includes('*') && !wildcardOnly)
    faults.push(`${action} is declared on *, but IAM's data gives it a resource type: name the resource`);
  return faults;
}
