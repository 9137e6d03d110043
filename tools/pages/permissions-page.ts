import { permissionReason } from '../../cli/catalogue/catalogue.ts';
import type { Permission, Remediation } from '../../functions/contract/remediation.ts';
import { MANAGED_POLICY_LIMIT, memberRolePolicies } from '../../functions/domain/permissions.ts';
import { code, markdownTable, NOTICE, page } from './markdown.ts';

export function permissionsPage(remediations: readonly Remediation[]): string {
  const sizes = memberRolePolicies(remediations).map((policy) => JSON.stringify(policy).length);
  const rows = remediations.flatMap(({ id, alias, reads, writes, undoes = [] }) => [
    ...actionRows(id, 'look up', alias?.reads ?? []),
    ...actionRows(id, 'read', reads),
    ...actionRows(id, 'write', writes),
    ...actionRows(id, 'undo', undoes),
  ]);
  const sorted = rows.toSorted((a, b) => compare(`${a.action} ${a.id} ${a.mode}`, `${b.action} ${b.id} ${b.mode}`));
  return page([
    '# What the member role may do',
    NOTICE,
    `Each line holds only in sessions that carry the tag of its remediation (${code('aws:PrincipalTag/suture:remediation')}). ` +
      'In the role, a name in braces is `*`; in a session it is the resource of the finding, or the resources that the plan found. ' +
      'A line that looks up holds in a session of its own, before the plan of a finding that names its resource by another id. ' +
      'A plan gets the lines that read, an apply those that write. A line that undoes holds only in sessions of rollbacks, ' +
      `which carry ${code('aws:PrincipalTag/suture:rollback')} too.`,
    `The role's policies have ${sizes.join(', ')} of ${MANAGED_POLICY_LIMIT} characters.`,
    markdownTable(
      ['Action', '', 'On', 'Remediation', 'Because'],
      sorted.map(({ action, mode, id, ...permission }) => [
        code(action),
        mode,
        permission.resources.map(code).join(', '),
        code(id),
        permissionReason(permission),
      ]),
    ),
  ]);
}

const actionRows = (id: string, mode: string, permissions: readonly Permission[]) =>
  permissions.flatMap((permission) => permission.actions.map((action) => ({ ...permission, action, id, mode })));

const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));
