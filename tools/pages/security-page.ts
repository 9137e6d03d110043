/** The tables of `docs/security.md`, made from what is synthesized; the text around them is written by hand. */

import type { Remediation } from '../../functions/contract/remediation.ts';
import type { PolicyDocument, PolicyStatement } from '../../functions/domain/permissions.ts';
import { memberRoleBoundary } from '../../stacks/constructs/member-role-boundary.ts';
import { memberRoleTrust } from '../../stacks/constructs/member-role-trust.ts';
import { commandNeeds, PEOPLE, type Person, personNames } from '../../stacks/constructs/people-permissions.ts';
import type { Allowance } from '../../stacks/constructs/role.ts';
import { roleProtection } from '../../stacks/constructs/role-protection.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { code, table } from './markdown.ts';

/** The page with its tables as they should be. @throws Error for a table that the page has no place for, or none fills */
export function securityPage(page: string, context: SutureContext, remediations: readonly Remediation[]): string {
  const tables = new Map([
    ['writes', writes(remediations)],
    ['trust', statements((memberRoleTrust(context) as PolicyDocument).Statement)],
    ['boundary', statements(memberRoleBoundary(remediations).Statement)],
    ['role-protection', statements(roleProtection(context.partition).Statement)],
    ['people', people(context)],
  ]);
  const missing = new Set(tables.keys());
  const filled = page.replace(/(<!-- table: ([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g, (_, begin, name, end) => {
    if (!missing.delete(name))
      throw new Error(`docs/security.md has a place for a table "${name}", which nothing fills, or two`);
    return `${begin}\n${tables.get(name)}\n\n${end}`;
  });
  if (missing.size > 0) throw new Error(`docs/security.md has no place for the table "${[...missing].join('", "')}"`);
  return filled;
}

const writes = (remediations: readonly Remediation[]) =>
  table(
    ['Remediation', 'Risk', 'What it may write'],
    remediations.map(({ id, risk, writes }) => [
      `[${code(id)}](../functions/remediations/${id}/readme.md)`,
      risk,
      [...new Set(writes.flatMap(({ actions }) => actions))].map(code).join(', '),
    ]),
  );

const statements = (all: readonly PolicyStatement[]) =>
  table(
    ['Statement', 'Effect', 'Actions', 'On', 'Where'],
    all.map(({ Sid = '', Effect, Action, Resource, Condition = {} }) => [
      Sid,
      Effect,
      [Action].flat().map(code).join(', '),
      [Resource ?? ''].flat().filter(Boolean).map(code).join(', '),
      Object.entries(Condition)
        .flatMap(([operator, keys]) =>
          Object.entries(keys).map(
            ([key, value]) => `${code(key)} ${operator} ${[value].flat().map(code).join(' or ')}`,
          ),
        )
        .join('; '),
    ]),
  );

function people(context: SutureContext): string {
  const key = { keyArn: 'the key' } as Parameters<typeof commandNeeds>[0]['key'];
  const named = { application: '{id}', environment: '{id}', profile: '{id}', strategy: '{id}' };
  const needs = Object.entries(commandNeeds({ context, key, policy: named }));
  const may = (own: Person, who: Person) => (own === who || own === 'viewer' ? 'yes' : '');
  return table(
    ['Command', ...personNames, 'IAM actions'],
    [
      ...needs.map(([command, { person, allows }]) => [
        code(command),
        ...personNames.map((who) => may(person, who)),
        [...new Set(allows.flatMap(inWords))].join('; '),
      ]),
      ['', ...personNames.map((who) => PEOPLE[who]), ''],
    ],
  );
}

/** Actions, and the partition keys of the ledger that they are held to. */
function inWords({ actions, when }: Allowance): string {
  const keys = when?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  return `${actions.map(code).join(', ')}${keys ? ` of ${[keys].flat().map(code).join(', ')}` : ''}`;
}
