/** The law about a remediation's declared permissions, over all of its scenarios. */
import type { Permission, Remediation } from '../../functions/contract/remediation.ts';
import { readPermissions } from '../../functions/domain/permissions.ts';
import { actionDetails } from '../../sandbox/authorization/actions.ts';
import type { AllowedActions } from './member-role.ts';

/** IAM's access levels of actions that change nothing. */
const READ_LEVELS = ['Read', 'List'];

/** Returns what is wrong with the declared permissions, one line each. */
export async function permissionFaults(remediation: Remediation, allowed: AllowedActions): Promise<string[]> {
  const faults: string[] = [];
  const { writes, undoes = [] } = remediation;
  const declared = { reads: readPermissions(remediation), writes, undoes };
  for (const mode of ['reads', 'writes', 'undoes'] as const)
    for (const permission of declared[mode]) {
      const { actions, because, wildcardBecause } = permission;
      if (because.trim() === '') faults.push(`${mode} of ${actions} have an empty because`);
      if (wildcardBecause?.trim() === '') faults.push(`${mode} of ${actions} have an empty wildcardBecause`);
      for (const action of actions) faults.push(...(await actionFaults(action, mode, permission, allowed)));
    }
  return faults;
}

async function actionFaults(
  action: string,
  mode: 'reads' | 'writes' | 'undoes',
  { resources, wildcardBecause, only }: Permission,
  { fixes, rollbacks }: AllowedActions,
): Promise<string[]> {
  const { accessLevel, wildcardOnly } = await actionDetails(action);
  const isRead = READ_LEVELS.includes(accessLevel);
  const faults: string[] = [];
  const name = action.toLowerCase();
  if (!fixes.has(name) && !rollbacks.has(name))
    faults.push(`${action} is declared, but no scenario uses it: drop it, or add a scenario`);
  else if (mode === 'writes' && !fixes.has(name))
    faults.push(`${action} is declared among the writes, but only rollbacks use it: move it to undoes`);
  if (mode === 'reads' && !isRead)
    faults.push(`${action} is declared among the reads, but IAM's data says ${accessLevel}: move it to writes`);
  if (resources.includes('*') && !wildcardOnly)
    faults.push(`${action} is declared on *, but IAM's data gives it a resource type: name the resource`);
  if (name === 'iam:passrole' && only?.['iam:PassedToService'] === undefined)
    faults.push(`${action} is declared without the service that may get the role: only: { 'iam:PassedToService': … }`);
  const wildcard = resources.find((resource) => /[*?]/.test(resource));
  if (mode !== 'reads' && !isRead && wildcard !== undefined && wildcardBecause === undefined)
    faults.push(
      `${action} is declared on ${wildcard}, which the target does not limit: name its fields, or say why not in wildcardBecause`,
    );
  return faults;
}
