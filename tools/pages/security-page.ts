import { byControl } from '../../cli/catalogue/catalogue.ts';
import type { Permission, Remediation } from '../../functions/contract/remediation.ts';
import { memberRoleBoundary } from '../../functions/domain/member-role-boundary.ts';
import { type PolicyDocument, type PolicyStatement, rollsBackApart } from '../../functions/domain/permissions.ts';
import { memberRoleTrust } from '../../stacks/constructs/member-role-trust.ts';
import { commandNeeds, PEOPLE, PERSON_NAMES, type Person } from '../../stacks/constructs/people-permissions.ts';
import type { Allowance } from '../../stacks/constructs/role.ts';
import { roleProtection } from '../../stacks/constructs/role-protection.ts';
import type { SutureContext } from '../../stacks/context.ts';
import { fillMarkers } from '../generators/markers.ts';
import { code, markdownTable } from './markdown.ts';

/** @throws Error if the page lacks a table's markers, or has markers for an unknown table */
export function securityPage(page: string, context: SutureContext, remediations: readonly Remediation[]): string {
  const tables = new Map([
    ['table: writes', writes(remediations)],
    ['table: undo', undo(remediations)],
    ['table: trust', statements((memberRoleTrust(context) as PolicyDocument).Statement)],
    ['table: boundary', statements(memberRoleBoundary(remediations).Statement)],
    ['table: role-protection', statements(roleProtection(context).Statement)],
    ['table: people', people(context)],
  ]);
  return fillMarkers('docs/security.md', page, tables);
}

const writes = (remediations: readonly Remediation[]) =>
  markdownTable(
    ['Remediation', 'Risk', 'What it may write'],
    remediations.map(({ id, risk, writes }) => [
      `[${code(id)}](../functions/remediations/${id}/readme.md)`,
      risk,
      actionsOf(writes),
    ]),
  );

const actionsOf = (permissions: readonly Permission[]) =>
  [...new Set(permissions.flatMap(({ actions }) => actions))].map(code).join(', ');

/** One row for each control, because people look controls up. */
const undo = (remediations: readonly Remediation[]) =>
  markdownTable(
    ['Control', 'Does undoing have its own permission?'],
    remediations
      .flatMap((remediation) => remediation.handles.controls.map((control) => ({ control, remediation })))
      .toSorted(byControl)
      .map(({ control, remediation }) => [control, undoText(remediation)]),
  );

function undoText(remediation: Remediation): string {
  if (remediation.irreversible) return `It cannot be undone: ${remediation.irreversible}`;
  if (rollsBackApart(remediation)) return `Yes: only a rollback may ${actionsOf(remediation.undoes!)}`;
  return `No: ${actionsOf(remediation.writes)} fix and undo`;
}

const statements = (all: readonly PolicyStatement[]) =>
  markdownTable(
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
  const policyIds = { application: '{id}', environment: '{id}', profile: '{id}', strategy: '{id}' };
  const needs = Object.entries(commandNeeds({ context, key, policy: policyIds, api: '{id}' }));
  /** Operators and approvers may also do what viewers may. */
  const mayRun = (role: Person, required: Person) => (role === required || required === 'viewer' ? 'yes' : '');
  return markdownTable(
    ['Command', ...PERSON_NAMES, 'IAM actions'],
    [
      ...needs.map(([command, { person, allows }]) => [
        code(command),
        ...PERSON_NAMES.map((role) => mayRun(role, person)),
        [...new Set(allows.flatMap(allowanceText))].join('; '),
      ]),
      ['', ...PERSON_NAMES.map((role) => PEOPLE[role]), ''],
    ],
  );
}

/** The method and path of a request to the API, in its ARN. */
const ROUTE = /:execute-api:.*?\/\w+\/(.+)$/;

/** Actions, and the partition keys of the ledger or the API's routes to which they are restricted. */
function allowanceText({ actions, on, when }: Allowance): string {
  const routes = [on].flat().flatMap((resource) => ROUTE.exec(resource)?.slice(1) ?? []);
  const keys = when?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  const limits = keys ? [keys].flat() : routes;
  return `${actions.map(code).join(', ')}${limits.length > 0 ? ` of ${limits.map(code).join(', ')}` : ''}`;
}
